// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/module.hpp"

#include <utility>

namespace digisign::pkcs11 {

namespace {

using namespace std::chrono_literals;

/// A digisignd that hangs must not make each call of the host wait anew.
constexpr Connection::Clock::duration patience = 5s;

/// How often it is looked whether digisignd is there, while an application waits for cards and it is not.
constexpr Connection::Clock::duration look_again = 1s;

} // namespace

Module::Module(const std::string& socket_path)
    : service_(std::make_shared<Service>(socket_path, [this](sd_bus_message* signal) { on_signal(signal); })),
      view_(std::make_shared<View>()) {}

void Module::on_signal(sd_bus_message* message) {
    if (sd_bus_message_is_signal(message, nullptr, "SlotsChanged") > 0) {
        changed_ = true;
        return;
    }
    std::uint32_t slot = 0;
    if (sd_bus_message_is_signal(message, nullptr, "LoginEnded") > 0 &&
        sd_bus_message_read_basic(message, 'u', &slot) > 0) {
        const std::lock_guard lock(ended_mutex_);
        ended_logins_.insert(slot);
    }
}

void Module::end_logins_that_ended() {
    std::set<CK_SLOT_ID> ended;
    {
        const std::lock_guard lock(ended_mutex_);
        ended.swap(ended_logins_);
    }
    for (const CK_SLOT_ID slot : ended)
        (void)sessions_.log_out(slot); // who it was does not matter
}

std::shared_ptr<const View> Module::view() {
    const bool connected = service_->connection().drain();
    end_logins_that_ended();
    {
        const std::lock_guard lock(mutex_);
        if (Connection::Clock::now() < ask_not_before_)
            return view_;
        if (connected && !changed_ && view_->epoch == service_->connection().epoch())
            return view_;
    }
    return ask();
}

std::shared_ptr<const View> Module::ask() {
    changed_ = false; // a change from here on is another
    Snapshot snapshot;
    std::uint64_t epoch = 0;
    bool hangs = false;
    try {
        snapshot = service_->get_snapshot();
        epoch = service_->connection().epoch();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Cancelled)
            throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
        hangs = error.code() == ErrorCode::TimedOut;
    }
    SessionTable::Closed closed; // destroyed without the lock
    const std::lock_guard lock(mutex_);
    if (hangs)
        ask_not_before_ = Connection::Clock::now() + patience;
    if (epoch != 0 && epoch == view_->epoch && snapshot.generation < view_->snapshot.generation)
        return view_; // another thread was faster
    const bool connection_lost = epoch != view_->epoch;
    view_ = view_maker_.make(std::move(snapshot), epoch);
    closed = sessions_.close_stale(*view_, connection_lost);
    if (!told_)
        (void)take_slot_event(*view_); // what is there at first is no event
    return view_;
}

Module::Place Module::place_of(CK_SESSION_HANDLE session) {
    Place place{view(), 0};
    place.slot = sessions_.with(session, [](const Session& found) { return found.slot; });
    return place;
}

bool Module::sees_private(const Place& place) const {
    return !place.token().pin || sessions_.user(place.slot) == std::optional<CK_USER_TYPE>(CKU_USER);
}

std::optional<CK_SLOT_ID> Module::take_slot_event(const View& view) {
    std::map<CK_SLOT_ID, std::string> now;
    for (const Slot& slot : view.snapshot.slots)
        now.emplace(slot.id, slot.token ? slot.token->id : "");
    if (!told_) {
        told_ = std::move(now);
        return std::nullopt;
    }
    for (const auto& [slot, token] : now) {
        std::string& known = (*told_)[slot];
        if (known != token) {
            known = token;
            return slot;
        }
    }
    for (auto& [slot, token] : *told_) // of readers that are gone
        if (!token.empty() && !now.contains(slot)) {
            token.clear();
            return slot;
        }
    return std::nullopt;
}

std::optional<CK_SLOT_ID> Module::next_slot_event(bool wait) {
    do {
        const std::shared_ptr<const View> now = view();
        const std::lock_guard lock(mutex_);
        if (const auto slot = take_slot_event(*now))
            return slot;
    } while (wait && wait_for_news());
    return std::nullopt;
}

bool Module::wait_for_news() {
    std::unique_lock lock(mutex_);
    if (Connection::Clock::now() >= ask_not_before_) { // else it was not asked, and has nothing to tell yet
        lock.unlock();
        try {
            service_->connection().wait([this] { return changed_.load(); });
            return true;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Cancelled)
                throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
        }
        lock.lock();
    }
    if (shutting_down_.wait_for(lock, look_again, [this] { return shut_down_; }))
        throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
    return true;
}

void Module::pause(Connection::Clock::duration duration) {
    std::unique_lock lock(mutex_);
    if (shutting_down_.wait_for(lock, duration, [this] { return shut_down_; }))
        throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
}

void Module::shut_down() {
    {
        const std::lock_guard lock(mutex_);
        shut_down_ = true;
    }
    shutting_down_.notify_all();
    service_->connection().shut_down();
}

} // namespace digisign::pkcs11
