// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/private_socket.hpp"

#include "common/log.hpp"
#include "common/runtime_dir.hpp"
#include "daemon/bus/describe_process.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace digisign::bus {

namespace {

/// More than any user runs programs that sign; what comes beyond is closed at once.
constexpr std::size_t max_connections = 256;

UniqueFd socket_from_systemd() {
    const int count = sd_listen_fds(/* unset_environment= */ 1);
    if (count <= 0)
        return {};
    if (count > 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0)
        throw Error(ErrorCode::ServiceUnavailable, "systemd passed something else than the private socket");
    return UniqueFd(SD_LISTEN_FDS_START);
}

bool somebody_listens(const sockaddr_un& address) {
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
           errno == EAGAIN;
}

UniqueFd make_socket(const std::string& path) {
    const std::string doing = "cannot listen on " + path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw Error(ErrorCode::ServiceUnavailable, doing + ": the path is too long for a socket");
    path.copy(address.sun_path, path.size());

    const std::string directory = std::filesystem::path(path).parent_path();
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        throw error_from_errno(errno, "cannot make " + directory);
    if (somebody_listens(address))
        throw Error(ErrorCode::ServiceUnavailable,
                    "another digisignd is running (it listens on " + path + ")");
    (void)::unlink(path.c_str()); // left by a daemon that was killed; bind() tells if it could not be removed

    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), SOMAXCONN) != 0)
        throw error_from_errno(errno, doing);
    return listener;
}

} // namespace

PrivateSocket::PrivateSocket(Core core, sd_event* event)
    : core_(core), event_(event), listener_(socket_from_systemd()) {
    if (!listener_) {
        listener_ = make_socket(private_socket_path());
        own_path_ = private_socket_path();
    }
    sd_event_source* source = nullptr;
    sdbus::check(sd_event_add_io(event, &source, listener_.get(), EPOLLIN, on_connection, this),
                 "cannot watch the private socket");
    source_.reset(source);
    sdbus::check(sd_event_add_defer(
                     event, &source,
                     [](sd_event_source*, void* userdata) {
                         static_cast<PrivateSocket*>(userdata)->hung_up_.clear();
                         return 0;
                     },
                     this),
                 "cannot set up the private socket");
    reaper_.reset(source);
    sdbus::check(sd_event_source_set_enabled(source, SD_EVENT_OFF), "cannot set up the private socket");
    sdbus::check(sd_event_add_post(event, &source, on_loop_turn, this), "cannot set up the private socket");
    turn_.reset(source);
}

PrivateSocket::~PrivateSocket() {
    if (!own_path_.empty())
        (void)::unlink(own_path_.c_str()); // a stale socket is dealt with at the next start as well
}

int PrivateSocket::on_connection(sd_event_source*, int, std::uint32_t, void* userdata) noexcept {
    try {
        static_cast<PrivateSocket*>(userdata)->accept_connection();
    } catch (const std::exception& error) {
        log::warning(error.what());
    }
    return 0;
}

void PrivateSocket::accept_connection() {
    UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection)
        return; // the peer changed its mind, or we are out of descriptors; poll tells again
    ucred peer{};
    socklen_t length = sizeof peer;
    if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 ||
        peer.uid != ::getuid()) {
        log::warning(fmt::format("refused a private connection of user {}", peer.uid));
        return;
    }
    if (endpoints_.size() >= max_connections) {
        log::warning("refused a private connection: there are too many");
        return;
    }
    core::Requester requester = describe_process(peer_of_socket(connection.get()));
    endpoints_.emplace_back(core_, event_, std::move(connection), std::move(requester),
                            [this](PrivateEndpoint& endpoint) { on_hang_up(endpoint); });
}

int PrivateSocket::on_loop_turn(sd_event_source*, void* userdata) noexcept {
    static_cast<PrivateSocket*>(userdata)->drop_those_that_do_not_read();
    return 0;
}

/// sd-bus queues without an end to speak of, also what it answers by itself.
void PrivateSocket::drop_those_that_do_not_read() {
    for (auto endpoint = endpoints_.begin(); endpoint != endpoints_.end();) {
        PrivateEndpoint& current = *endpoint++; // dropped, it leaves the list
        if (!current.does_not_read())
            continue;
        log::warning("a program does not read the answers to its calls; hanging up");
        current.drop();
    }
}

void PrivateSocket::on_hang_up(PrivateEndpoint& endpoint) {
    const auto found =
        std::ranges::find_if(endpoints_, [&](const PrivateEndpoint& e) { return &e == &endpoint; });
    hung_up_.splice(hung_up_.end(), endpoints_, found);
    (void)sd_event_source_set_enabled(reaper_.get(),
                                      SD_EVENT_ONESHOT); // fails only for a source of another event
}

void PrivateSocket::on_slots_changed() {
    for (PrivateEndpoint& endpoint : endpoints_)
        endpoint.on_slots_changed();
}

void PrivateSocket::answer_waiting_snapshots() {
    for (PrivateEndpoint& endpoint : endpoints_)
        endpoint.answer_waiting_snapshots();
}

} // namespace digisign::bus
