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
    bool single_use = false; ///< for keys that want their PIN each time: good for one signature
    Requester requester;
    std::chrono::system_clock::time_point since;
    std::chrono::system_clock::time_point last_used;
};

/// Ends logins by hang-up, removal, request and idle time, and has the card forget a PIN with the last login
/// on it.
class LoginTable final : public RegistryObserver {
public:
    /// All outlive the table. `changed` is called after a login has begun or ended.
    LoginTable(EventLoop& loop, Registry& registry, ReaderPort& readers,
               const configuration::Settings& settings, std::function<void()> changed);
    ~LoginTable() override;

    /// Whether the client may use the PIN; if so, it is used now.
    bool use(ClientId client, CardSessionId session, std::uint8_t pin);
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

    /// The client has given the right PIN. No effect if it is logged in already.
    void begin(ClientId client, CardSessionId session, std::uint8_t pin, bool single_use,
               const Requester& requester);

    /// Returns false if there is no such login.
    bool end(LoginId login);
    void end_all_of(ClientId client);
    void end_all_of(ClientId client, CardSessionId session);
    void end_all_of(ClientId client, CardSessionId session, std::uint8_t pin);

    /// `done`, if given, is called once the cards have forgotten, or could not be told in time.
    void end_all(std::function<void()> done = {});

    /// The card has forgotten them by itself.
    void on_lost(CardSessionId session, std::optional<std::uint8_t> pin = {});

    /// In the order in which they began.
    std::vector<const Login*> list() const;

    void on_token_removing(const Token& token) override { on_lost(token.session()); }
    void on_login_lost(const Token& token) override { on_lost(token.session()); }

private:
    struct Entry {
        Login login;
        std::optional<TimerId> idle_timer;
    };

    template <class Condition>
    void end_if(Condition condition, const std::function<void()>& done = {});
    void log_out(CardSessionId session, std::function<void()> done);
    void start_timer(Entry& entry);
    void stop_timer(Entry& entry);
    std::list<Entry>::iterator find(ClientId client, CardSessionId session, std::uint8_t pin);

    EventLoop& loop_;
    ReaderPort& readers_;
    const configuration::Settings& settings_;
    std::function<void()> changed_;
    std::list<Entry> entries_;
    std::list<std::pair<CardSessionId, std::uint8_t>> reserved_;
    std::uint64_t last_id_ = 0;
};

} // namespace digisign::core
