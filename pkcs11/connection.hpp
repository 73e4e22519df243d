// SPDX-License-Identifier: LGPL-2.1-or-later
// The module's way to digisignd: one connection for all threads of a process, without a thread of its own.

#pragma once

#include "common/error.hpp"
#include "common/unique_fd.hpp"
#include "sdbus/handles.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace digisign::pkcs11 {

/// Whichever thread waits for an answer reads the socket for all (leader and followers), so that a call that
/// takes long keeps nobody else waiting. Every wait has a deadline. A connection that is lost is made anew by
/// the next call; what was logged in over it is lost, too, which epoch() tells.
class Connection {
public:
    using Clock = std::chrono::steady_clock;

    /// sd-bus counts the references of a message and of its connection without regard to threads: an answer
    /// is read by any one thread, but let go of with the connection locked.
    struct LetGo {
        Connection* connection = nullptr;
        void operator()(sd_bus_message* message) const noexcept;
    };
    using Reply = std::unique_ptr<sd_bus_message, LetGo>;

    /// Does nothing yet. `on_signal` is called, with the connection locked, for each signal that comes; it
    /// only takes notes.
    Connection(std::string socket_path, std::function<void(sd_bus_message*)> on_signal);
    ~Connection();

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Calls a method of the root object; `fill` appends its arguments. Returns the answer. Throws the
    /// service's Error; ServiceUnavailable if it is not there or hangs up; TimedOut.
    Reply call(const char* interface, const char* member, const std::function<void(sd_bus_message*)>& fill,
               Clock::duration timeout);

    /// Takes in what has come, without waiting. Returns false if there is no connection.
    bool drain();

    /// Waits until a signal has made `done` true, which is called with the connection locked. Throws
    /// Error(Cancelled) after shut_down(), ServiceUnavailable if there is no connection or it is lost.
    void wait(const std::function<bool()>& done);

    /// Rises with each connection that is made; 0 before the first.
    std::uint64_t epoch() const;

    /// All calls that wait end with Error(Cancelled), and so does every further one.
    void shut_down();

    /// In a child process after fork(2): lets go of the parent's socket without a word on it. The object is
    /// of no use after that.
    void abandon() noexcept;

private:
    struct Waiter {
        sdbus::MessagePtr reply;
    };
    using Lock = std::unique_lock<std::mutex>;

    void connect(Lock& lock, Clock::time_point deadline);
    void read_for_all(Lock& lock, Clock::time_point deadline);
    bool has_queued() const;
    bool process_one();
    void deliver(sdbus::MessagePtr message);
    void wake_reader();
    void lose_connection();
    bool is_ready() const;
    static int on_ready(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    const std::string socket_path_;
    const std::function<void(sd_bus_message*)> on_signal_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    sdbus::BusPtr bus_;
    sdbus::BusPtr lost_; ///< closed by the thread that still waits for it
    UniqueFd wake_; ///< eventfd that makes that thread look again; there is one once there was a connection
    bool connecting_ = false;
    bool reading_ = false; ///< some thread is the leader
    bool shut_down_ = false;
    std::uint64_t epoch_ = 0;
    std::map<std::uint64_t, Waiter*> waiters_; ///< by cookie of the call
};

} // namespace digisign::pkcs11
