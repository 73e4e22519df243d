// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/login_table.hpp"

#include "common/log.hpp"
#include "daemon/core/limits.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace digisign::core {

LoginTable::LoginTable(EventLoop& loop, Registry& registry, ReaderPort& readers,
                       const configuration::Settings& settings, Callbacks callbacks)
    : loop_(loop), readers_(readers), settings_(settings), callbacks_(std::move(callbacks)) {
    registry.add_observer(*this);
}

LoginTable::~LoginTable() {
    for (Entry& entry : entries_)
        stop_timer(entry);
}

std::list<LoginTable::Entry>::iterator LoginTable::find(ClientId client, CardSessionId session,
                                                        std::uint8_t pin) {
    return std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.login.client == client && entry.login.session == session && entry.login.pin == pin;
    });
}

bool LoginTable::has(ClientId client, CardSessionId session, std::uint8_t pin) const {
    return const_cast<LoginTable*>(this)->find(client, session, pin) != entries_.end(); // changes nothing
}

bool LoginTable::use(ClientId client, CardSessionId session, std::uint8_t pin) {
    const auto found = find(client, session, pin);
    if (found == entries_.end())
        return false;
    found->login.last_used = std::chrono::system_clock::now();
    stop_timer(*found);
    start_timer(*found);
    return true;
}

bool LoginTable::use_for_key(ClientId client, CardSessionId session, std::uint8_t pin, bool each_time) {
    const auto found = find(client, session, pin);
    if (found == entries_.end())
        return false;
    const bool fresh = std::exchange(found->login.fresh, false);
    return (fresh || !each_time) && use(client, session, pin);
}

void LoginTable::on_used(ClientId client, CardSessionId session, std::uint8_t pin) {
    (void)end_if(
        [=](const Login& login) {
            return login.client == client && login.session == session && login.pin == pin &&
                   login.single_use && !login.fresh;
        },
        LoginEnd::Used);
}

card::PinSet LoginTable::kept(CardSessionId session) const {
    card::PinSet pins;
    for (const Entry& entry : entries_)
        if (entry.login.session == session)
            pins.insert(entry.login.pin);
    for (const auto& [reserved_session, pin] : reserved_)
        if (reserved_session == session)
            pins.insert(pin);
    return pins;
}

LoginTable::Reservation::Reservation(LoginTable& table, CardSessionId session, std::uint8_t pin)
    : table_(table), entry_(table.reserved_.insert(table.reserved_.end(), {session, pin})) {}

LoginTable::Reservation::~Reservation() {
    const auto [session, pin] = *entry_;
    table_.reserved_.erase(entry_);
    if (may_be_verified_ && !table_.kept(session).contains(pin))
        table_.log_out(session, {});
}

void LoginTable::begin(ClientId client, CardSessionId session, std::uint8_t pin, bool single_use,
                       const Requester& requester) {
    if (use(client, session, pin)) {
        find(client, session, pin)->login.fresh = true;
        return;
    }
    const auto now = std::chrono::system_clock::now();
    entries_.push_back({{static_cast<LoginId>(++last_id_), client, session, pin, single_use, /*fresh=*/true,
                         requester, now, now},
                        {}});
    start_timer(entries_.back());
    callbacks_.changed();
}

template <class Condition>
bool LoginTable::remove_if(Condition condition, LoginEnd reason) {
    std::list<Entry> removed;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto next = std::next(entry);
        if (condition(entry->login))
            removed.splice(removed.end(), entries_, entry);
        entry = next;
    }
    for (Entry& entry : removed) {
        stop_timer(entry);
        callbacks_.ended(entry.login, reason);
    }
    if (!removed.empty())
        callbacks_.changed();
    return !removed.empty();
}

template <class Condition>
bool LoginTable::end_if(Condition condition, LoginEnd reason, const std::function<void()>& done) {
    std::map<CardSessionId, card::PinSet> before;
    for (const Entry& entry : entries_)
        if (condition(entry.login))
            before.emplace(entry.login.session, kept(entry.login.session));
    const bool ended = remove_if(condition, reason);
    // Called with the last copy: when the last card has answered, or here if there is none to be told.
    const auto finished = std::shared_ptr<void>(nullptr, [done](void*) {
        if (done)
            done();
    });
    for (const auto& [session, pins] : before)
        if (kept(session) != pins)
            log_out(session, [finished] {});
    return ended;
}

bool LoginTable::end(LoginId login) {
    return end_if([login](const Login& entry) { return entry.id == login; }, LoginEnd::Ended);
}

void LoginTable::end_all_of(ClientId client) {
    (void)end_if([client](const Login& entry) { return entry.client == client; }, LoginEnd::Client);
}

void LoginTable::end_all_of(ClientId client, CardSessionId session) {
    (void)end_if(
        [client, session](const Login& entry) { return entry.client == client && entry.session == session; },
        LoginEnd::Client);
}

void LoginTable::end_all_of(ClientId client, CardSessionId session, std::uint8_t pin) {
    (void)end_if(
        [=](const Login& entry) {
            return entry.client == client && entry.session == session && entry.pin == pin;
        },
        LoginEnd::Client);
}

void LoginTable::linger(ClientId client, CardSessionId session, std::uint8_t pin) {
    const auto found = find(client, session, pin);
    if (found == entries_.end())
        return;
    stop_timer(*found);
    end_after(*found, limits::login_linger, LoginEnd::Client);
}

void LoginTable::end_all(std::function<void()> done) {
    (void)end_if([](const Login&) { return true; }, LoginEnd::Ended, done);
}

void LoginTable::log_out(CardSessionId session, std::function<void()> done) {
    readers_.log_out(session, LogOutRequest{kept(session)}, settings_.card.timeout,
                     [done = std::move(done)](LogOutResult result) {
                         // A card that is gone or was reset has forgotten; of all else the reader's worker
                         // makes sure by a reset.
                         if (const Error* error = std::get_if<Error>(&result))
                             log::info(std::string("logging out of a card: ") + error->what());
                         if (done)
                             done();
                     });
}

void LoginTable::on_lost(CardSessionId session, std::optional<std::uint8_t> pin) {
    forget(session, pin, LoginEnd::Lost);
}

void LoginTable::forget(CardSessionId session, std::optional<std::uint8_t> pin, LoginEnd reason) {
    (void)remove_if(
        [=](const Login& login) { return login.session == session && (!pin || login.pin == *pin); }, reason);
}

std::vector<const Login*> LoginTable::list() const {
    std::vector<const Login*> logins;
    for (const Entry& entry : entries_)
        logins.push_back(&entry.login);
    return logins;
}

void LoginTable::start_timer(Entry& entry) {
    if (settings_.login.idle_limit.count() > 0)
        end_after(entry, settings_.login.idle_limit, LoginEnd::Idle);
}

void LoginTable::end_after(Entry& entry, std::chrono::milliseconds delay, LoginEnd reason) {
    entry.timer = loop_.call_after(delay, [this, reason, id = entry.login.id] {
        (void)end_if([id](const Login& login) { return login.id == id; },
                     reason); // false: it has ended before
    });
}

void LoginTable::stop_timer(Entry& entry) {
    if (entry.timer)
        loop_.cancel_timer(*std::exchange(entry.timer, std::nullopt));
}

} // namespace digisign::core
