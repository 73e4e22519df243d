// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may use which PIN without entering it again. A login belongs to one client; what the card has verified
// is only its means.

#pragma once

#include "configuration/settings.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/core/registry.hpp"
#include "daemon/core/requester.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <optional>

namespace digisign::core {

enum class LoginId : std::uint64_t {};

struct Login {
    LoginId id{};
    ClientId client{};
    CardSessionId session{};
    std::uint8_t pin = 0;    ///< PinDescription::reference
    bool single_use = false; ///< all keys of the PIN want it each time: good for one use of one of them
    bool fresh = true;       ///< no key was used since the PIN was entered
    Requester requester;
    std::chrono::system_clock::time_point since;
    std::chrono::system_clock::time_point last_used;
};

enum class LoginEnd {
    Client,  ///< it logged out, or hung up
    Used,    ///< it was good for one use
    Removed, ///< the card was
    Idle,
    Ended, ///< by somebody else: EndLogin, a lock
    Lost,  ///< the card has forgotten: a reset, a wrong PIN
};

/// Ends logins by hang-up, removal, request and idle time, and has the card forget a PIN with the last login
/// on it.
class LoginTable final : public RegistryObserver {
public:
    /// What the table reports.
    struct Callbacks {
        std::function<void()> changed; ///< a login has begun or ended
        std::function<void(const Login&, LoginEnd)> ended;
    };

    /// All outlive the table.
    LoginTable(EventLoop& loop, Registry& registry, ReaderPort& readers,
               const configuration::Settings& settings, Callbacks callbacks);
    ~LoginTable() override;

    /// Whether the client may use the PIN; if so, it is used now.
    bool use(ClientId client, CardSessionId session, std::uint8_t pin);
    /// The same, and besides for use of a key of the PIN. `each_time`: the key wants its PIN each time, so
    /// that the last thing the client did with the PIN has to be to enter it.
    bool use_for_key(ClientId client, CardSessionId session, std::uint8_t pin, bool each_time);
    /// That has come to its end. If the login was good for one use, it ends.
    void on_used(ClientId client, CardSessionId session, std::uint8_t pin);
    bool has(ClientId client, CardSessionId session, std::uint8_t pin) const;

    /// PINs that have to stay verified on this card.
    card::PinSet kept(CardSessionId session) const;

    /// Keeps a PIN verified while its entry is on the way and not yet a login: an end of another client's
    /// login must not take it away meanwhile.
    class [[nodiscard]] Reservation {
    public:
        Reservation(LoginTable& table, CardSessionId session, std::uint8_t pin);
        ~Reservation();
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;

        /// The card gets the PIN now, and may verify it without our hearing of that.
        void sent() { may_be_verified_ = true; }
        void refused() { may_be_verified_ = false; }

    private:
        LoginTable& table_;
        bool may_be_verified_ = false;
        std::list<std::pair<CardSessionId, std::uint8_t>>::iterator entry_;
    };

    /// The client has given the right PIN. Its login is fresh, but the same if it is logged in already.
    void begin(ClientId client, CardSessionId session, std::uint8_t pin, bool single_use,
               const Requester& requester);

    /// Returns false if there is no such login.
    bool end(LoginId login);
    void end_all_of(ClientId client);
    void end_all_of(ClientId client, CardSessionId session);
    void end_all_of(ClientId client, CardSessionId session, std::uint8_t pin);

    /// Ends it soon, unless it is used before (limits::login_linger). No effect if there is none.
    void linger(ClientId client, CardSessionId session, std::uint8_t pin);

    /// `done`, if given, is called once the cards have forgotten, or could not be told in time.
    void end_all(std::function<void()> done = {});

    /// The card has forgotten them by itself.
    void on_lost(CardSessionId session, std::optional<std::uint8_t> pin = {});

    /// In the order in which they began.
    std::vector<const Login*> list() const;

    void on_token_removing(const Token& token) override { forget(token.session(), {}, LoginEnd::Removed); }
    void on_login_lost(const Token& token) override { on_lost(token.session()); }

private:
    struct Entry {
        Login login;
        std::optional<TimerId> timer;
    };

    /// Takes them out of the table and reports that. Returns whether there were any.
    template <class Condition>
    bool remove_if(Condition condition, LoginEnd reason);
    /// And has the cards forget.
    template <class Condition>
    bool end_if(Condition condition, LoginEnd reason, const std::function<void()>& done = {});
    void forget(CardSessionId session, std::optional<std::uint8_t> pin, LoginEnd reason);
    void log_out(CardSessionId session, std::function<void()> done);
    void start_timer(Entry& entry);
    void end_after(Entry& entry, std::chrono::milliseconds delay, LoginEnd reason);
    void stop_timer(Entry& entry);
    std::list<Entry>::iterator find(ClientId client, CardSessionId session, std::uint8_t pin);

    EventLoop& loop_;
    ReaderPort& readers_;
    const configuration::Settings& settings_;
    Callbacks callbacks_;
    std::list<Entry> entries_;
    std::list<std::pair<CardSessionId, std::uint8_t>> reserved_;
    std::uint64_t last_id_ = 0;
};

} // namespace digisign::core
