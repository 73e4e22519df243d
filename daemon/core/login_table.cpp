// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/login_table.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace digisign::core {

LoginTable::LoginTable(EventLoop& loop, Registry& registry, ReaderPort& readers,
                       const configuration::Settings& settings, std::function<void()> changed)
    : loop_(loop), readers_(readers), settings_(settings), changed_(std::move(changed)) {
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
    if (use(client, session, pin))
        return;
    const auto now = std::chrono::system_clock::now();
    entries_.push_back(
        {{static_cast<LoginId>(++last_id_), client, session, pin, single_use, requester, now, now}, {}});
    start_timer(entries_.back());
    changed_();
}

template <class Condition>
void LoginTable::end_if(Condition condition, const std::function<void()>& done) {
    std::map<CardSessionId, card::PinSet> before;
    for (Entry& entry : entries_)
        if (condition(entry.login)) {
            stop_timer(entry);
            before.emplace(entry.login.session, kept(entry.login.session));
        }
    const auto ended = entries_.remove_if([&](const Entry& entry) { return condition(entry.login); });
    // Called with the last copy: when the last card has answered, or here if there is none to be told.
    const auto finished = std::shared_ptr<void>(nullptr, [done](void*) {
        if (done)
            done();
    });
    for (const auto& [session, pins] : before)
        if (kept(session) != pins)
            log_out(session, [finished] {});
    if (ended > 0)
        changed_();
}

bool LoginTable::end(LoginId login) {
    const auto count = entries_.size();
    end_if([login](const Login& entry) { return entry.id == login; });
    return entries_.size() != count;
}

void LoginTable::end_all_of(ClientId client) {
    end_if([client](const Login& entry) { return entry.client == client; });
}

void LoginTable::end_all_of(ClientId client, CardSessionId session) {
    end_if(
        [client, session](const Login& entry) { return entry.client == client && entry.session == session; });
}

void LoginTable::end_all_of(ClientId client, CardSessionId session, std::uint8_t pin) {
    end_if([=](const Login& entry) {
        return entry.client == client && entry.session == session && entry.pin == pin;
    });
}

void LoginTable::end_all(std::function<void()> done) {
    end_if([](const Login&) { return true; }, done);
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
    const auto lost = entries_.remove_if([&](Entry& entry) {
        if (entry.login.session != session || (pin && entry.login.pin != *pin))
            return false;
        stop_timer(entry);
        return true;
    });
    if (lost > 0)
        changed_();
}

std::vector<const Login*> LoginTable::list() const {
    std::vector<const Login*> logins;
    for (const Entry& entry : entries_)
        logins.push_back(&entry.login);
    return logins;
}

void LoginTable::start_timer(Entry& entry) {
    if (settings_.login.idle_limit.count() > 0)
        entry.idle_timer =
            loop_.call_after(settings_.login.idle_limit, [this, id = entry.login.id] { (void)end(id); });
}

void LoginTable::stop_timer(Entry& entry) {
    if (entry.idle_timer)
        loop_.cancel_timer(*std::exchange(entry.idle_timer, std::nullopt));
}

} // namespace digisign::core
