// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/service_watch.hpp"

#include "common/error.hpp"
#include "common/log.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace digisign::pcsc {

namespace {

/// IN_ATTRIB, because pcscd creates the socket, then listens, and last changes its mode: only then does it
/// answer. MOVE_SELF and DELETE_SELF, because then an ancestor has to be watched.
constexpr std::uint32_t events_wanted =
    IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/// Only where inotify refused.
constexpr std::chrono::minutes blind_interval{1};

} // namespace

std::filesystem::path service_socket_path() {
    const char* path = std::getenv("PCSCLITE_CSOCK_NAME");
    return path && *path ? path : "/run/pcscd/pcscd.comm";
}

ServiceWatch::ServiceWatch(std::filesystem::path socket)
    : socket_(std::move(socket)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_)
        throw Error(ErrorCode::Internal, "cannot create an eventfd, errno " + std::to_string(errno));
}

void ServiceWatch::arm() {
    watched_.clear();
    inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); // anew: no stale watch, no stale event
    if (!inotify_ || !watch_nearest_directory())
        log::notice("cannot watch " + socket_.string() +
                    " for the smart card service; looking once a minute");
}

bool ServiceWatch::watch_nearest_directory() {
    std::filesystem::path directory = socket_.parent_path();
    std::string entry = socket_.filename();
    for (;;) {
        if (::inotify_add_watch(inotify_.get(), directory.c_str(), events_wanted) >= 0) {
            watched_ = directory;
            awaited_ = entry;
            break;
        }
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        if (!missing || !directory.has_relative_path())
            return false;
        entry = directory.filename();
        directory = directory.parent_path();
    }
    // What we wait for may have been made between looking for it and watching its parent.
    std::error_code ignored; // then it is not there
    if (watched_ != socket_.parent_path() && std::filesystem::exists(watched_ / awaited_, ignored))
        interrupt();
    return true;
}

bool ServiceWatch::read_events() {
    alignas(inotify_event) std::array<char, 4096> buffer; // NOLINT: filled by read()
    bool relevant = false;
    for (;;) {
        const ssize_t length = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (length <= 0)
            return relevant; // EAGAIN: all read
        for (std::size_t offset = 0; offset < static_cast<std::size_t>(length);) {
            inotify_event event; // NOLINT: filled by memcpy()
            std::memcpy(&event, buffer.data() + offset, sizeof event);
            const char* name = event.len > 0 ? buffer.data() + offset + sizeof event : "";
            const bool of_directory = (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW)) != 0;
            relevant = relevant || of_directory || awaited_ == name;
            offset += sizeof event + event.len;
        }
    }
}

ServiceWatch::Wake ServiceWatch::wait(std::optional<std::chrono::milliseconds> timeout,
                                      const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { interrupt(); });
    if (watched_.empty())
        timeout = std::min<std::chrono::milliseconds>(timeout.value_or(blind_interval), blind_interval);
    const auto deadline =
        std::chrono::steady_clock::now() + timeout.value_or(std::chrono::milliseconds::zero());

    for (;;) {
        int remaining = -1;
        if (timeout) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            remaining = static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
        }
        std::array<pollfd, 2> waiting{{{wake_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
        const int ready = ::poll(waiting.data(), watched_.empty() ? 1 : 2, remaining);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return Wake::Timeout;
        if (waiting[0].revents != 0) {
            clear_interrupt();
            return Wake::Interrupted;
        }
        if (read_events())
            return Wake::SocketChanged;
    }
}

void ServiceWatch::interrupt() {
    (void)::eventfd_write(wake_.get(), 1); // fails only at 2^64-2 unread calls
}

void ServiceWatch::clear_interrupt() {
    eventfd_t count = 0;
    (void)::eventfd_read(wake_.get(), &count); // EAGAIN if there was none
}

} // namespace digisign::pcsc
