// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/connection.hpp"

#include "common/names.hpp"
#include "sdbus/private_socket.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace digisign::pkcs11 {

namespace {

/// A listener with a full backlog; digisignd accepts at once.
constexpr std::chrono::seconds connect_timeout{1};

Error hung_up() {
    return {ErrorCode::ServiceUnavailable, "digisignd has hung up"};
}

Error unloading() {
    return {ErrorCode::Cancelled, "the module is being unloaded"};
}

Error timed_out() {
    return {ErrorCode::TimedOut, "digisignd does not answer"};
}

UniqueFd make_wake_fd() {
    UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd)
        throw error_from_errno(errno, "cannot make an eventfd");
    return fd;
}

} // namespace

Connection::Connection(std::string socket_path, std::function<void(sd_bus_message*)> on_signal)
    : socket_path_(std::move(socket_path)), on_signal_(std::move(on_signal)) {}

Connection::~Connection() = default;

std::uint64_t Connection::epoch() const {
    const Lock lock(mutex_);
    return epoch_;
}

/// Authentication is over. sd_bus_is_ready() is 0 until then.
bool Connection::is_ready() const {
    return bus_ && sd_bus_is_ready(bus_.get()) > 0;
}

void Connection::connect(Lock& lock, Clock::time_point deadline) {
    for (;;) {
        if (shut_down_)
            throw unloading();
        if (is_ready())
            return;
        if (!bus_ && !connecting_) {
            connecting_ = true;
            lock.unlock();
            sdbus::BusPtr bus;
            UniqueFd wake;
            std::exception_ptr failure;
            try {
                bus = sdbus::connect_private_socket(socket_path_, connect_timeout);
                wake = make_wake_fd();
            } catch (...) {
                failure = std::current_exception();
            }
            lock.lock();
            connecting_ = false;
            changed_.notify_all();
            if (failure)
                std::rethrow_exception(failure);
            bus_ = std::move(bus);
            if (!wake_) // else a thread may be waiting for it
                wake_ = std::move(wake);
            ++epoch_;
            continue;
        }
        if (!bus_) {
            if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
                throw timed_out();
            continue;
        }
        const std::uint64_t epoch = epoch_;
        read_for_all(lock, deadline);
        if (!bus_ && epoch == epoch_) // the service hung up before it had said anything
            throw hung_up();
    }
}

void Connection::LetGo::operator()(sd_bus_message* message) const noexcept {
    const Lock lock(connection->mutex_);
    (void)sd_bus_message_unref(message); // returns null
}

Connection::Reply Connection::call(const char* interface, const char* member,
                                   const std::function<void(sd_bus_message*)>& fill,
                                   Clock::duration timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    Lock lock(mutex_);
    connect(lock, deadline);

    constexpr std::string_view doing = "cannot call digisignd";
    sd_bus_message* raw = nullptr;
    sdbus::check(
        sd_bus_message_new_method_call(bus_.get(), &raw, nullptr, names::daemon_root, interface, member),
        doing);
    sdbus::MessagePtr request(raw);
    sdbus::check(sd_bus_message_sensitive(raw), doing); // it may hold a PIN
    fill(raw);
    std::uint64_t cookie = 0;
    if (sd_bus_send(bus_.get(), raw, &cookie) < 0) {
        lose_connection();
        throw hung_up();
    }
    request.reset();
    if (reading_ && (sd_bus_get_events(bus_.get()) & POLLOUT) != 0)
        wake_reader(); // the socket is full, and the thread that reads does not wait for room yet

    Waiter waiter;
    waiters_.emplace(cookie, &waiter);
    const std::uint64_t epoch = epoch_;
    const auto forget = [&] {
        if (const auto mine = waiters_.find(cookie); mine != waiters_.end() && mine->second == &waiter)
            waiters_.erase(mine);
    };
    try {
        while (!waiter.reply) {
            if (shut_down_)
                throw unloading();
            if (!bus_ || epoch != epoch_)
                throw hung_up();
            read_for_all(lock, deadline);
        }
    } catch (...) {
        forget();
        throw;
    }
    forget();
    if (const sd_bus_error* error = sd_bus_message_get_error(waiter.reply.get()))
        throw Error(error_code_from_dbus(error->name), error->message != nullptr ? error->message : "");
    return {waiter.reply.release(), LetGo{this}};
}

/// Reads the socket until something was there to take in, or waits while another thread does. Throws
/// TimedOut.
void Connection::read_for_all(Lock& lock, Clock::time_point deadline) {
    if (reading_) {
        if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
            throw timed_out();
        return;
    }
    if (has_queued() && process_one())
        return;
    const int events = sd_bus_get_events(bus_.get());
    std::array<pollfd, 2> wanted{
        {{sd_bus_get_fd(bus_.get()), static_cast<short>(std::max(events, 0)), 0}, {wake_.get(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0)
        throw timed_out();
    reading_ = true;
    lock.unlock();
    const int timeout = static_cast<int>(std::min(left.count(), std::chrono::milliseconds::rep{INT_MAX}));
    const int ready = ::poll(wanted.data(), wanted.size(), timeout);
    lock.lock();
    reading_ = false;
    lost_.reset();
    if (wanted[1].revents != 0) {
        eventfd_t count = 0;
        (void)::eventfd_read(wake_.get(), &count); // what it was for is looked at by whoever waits
    }
    if (ready != 0 && bus_)
        (void)process_one();
    changed_.notify_all(); // also that somebody else may read now
}

/// libsystemd has a message in its memory that the descriptor does not tell of any more.
bool Connection::has_queued() const {
    std::uint64_t due = 1;
    return sd_bus_get_timeout(bus_.get(), &due) > 0 && due == 0;
}

/// Takes in one message, if one is there; true if there was something.
bool Connection::process_one() {
    sd_bus_message* raw = nullptr;
    const int result = sd_bus_process(bus_.get(), &raw);
    sdbus::MessagePtr message(raw);
    if (result < 0)
        lose_connection();
    else if (message)
        deliver(std::move(message));
    if (result != 0)
        changed_.notify_all();
    return result != 0;
}

void Connection::deliver(sdbus::MessagePtr message) {
    if (sd_bus_message_is_signal(message.get(), "org.freedesktop.DBus.Local", "Disconnected") > 0) {
        lose_connection();
        return;
    }
    std::uint8_t type = 0;
    (void)sd_bus_message_get_type(message.get(), &type); // a message that was read has one
    if (type == SD_BUS_MESSAGE_SIGNAL) {
        on_signal_(message.get());
        return;
    }
    std::uint64_t cookie = 0;
    if (sd_bus_message_get_reply_cookie(message.get(), &cookie) < 0)
        return; // a call: there is nothing to be called here
    if (const auto waiter = waiters_.find(cookie); waiter != waiters_.end())
        waiter->second->reply = std::move(message);
}

void Connection::wake_reader() {
    if (wake_)
        (void)::eventfd_write(wake_.get(), 1); // fails only after 2^64 of them
}

void Connection::lose_connection() {
    if (reading_) {
        // Its descriptor must not become another file's while that thread waits for it.
        lost_ = std::move(bus_);
        wake_reader();
    }
    bus_.reset();
    waiters_.clear();
    changed_.notify_all();
}

bool Connection::drain() {
    const Lock lock(mutex_);
    while (bus_ && !reading_ && process_one()) {
    }
    return is_ready();
}

void Connection::wait(const std::function<bool()>& done) {
    Lock lock(mutex_);
    const std::uint64_t epoch = epoch_;
    for (;;) {
        if (shut_down_)
            throw unloading();
        if (done())
            return;
        if (!is_ready() || epoch != epoch_)
            throw hung_up();
        read_for_all(lock, Clock::time_point::max());
    }
}

void Connection::shut_down() {
    const Lock lock(mutex_);
    shut_down_ = true;
    changed_.notify_all();
    wake_reader();
}

void Connection::abandon() noexcept {
    // The lock may be held by a thread that the child does not have; there is only this one now.
    for (sdbus::BusPtr* owner : {&bus_, &lost_})
        if (sd_bus* bus = owner->release())
            (void)::close(sd_bus_get_fd(bus)); // sd-bus itself refuses to work for a child
    wake_.reset();
}

} // namespace digisign::pkcs11
