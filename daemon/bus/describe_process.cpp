// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/describe_process.hpp"

#include "common/file.hpp"
#include "common/utf8.hpp"
#include "daemon/bus/process_facts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <systemd/sd-login.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace digisign::bus {

namespace {

#ifndef SO_PEERPIDFD
constexpr int SO_PEERPIDFD = 77; // Linux 6.5, asm-generic/socket.h
#endif

/// Bounds on what is read; the real files are far smaller.
constexpr std::size_t proc_file_limit = 16384;
constexpr std::size_t flatpak_info_limit = 65536;

std::string read_proc(std::uint32_t pid, std::string_view file) {
    const auto content = read_small_file(fmt::format("/proc/{}/{}", pid, file), proc_file_limit);
    return content ? to_string(*content) : std::string();
}

bool is_alive(int pidfd) {
    pollfd descriptor{pidfd, POLLIN, 0};
    return ::poll(&descriptor, 1, 0) == 0; // readable once it has ended
}

BootTime start_time(const ProcessStat& stat) {
    static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return std::chrono::nanoseconds(stat.start_time * (1'000'000'000 / ticks_per_second));
}

std::string executable_of(std::uint32_t pid) {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink(fmt::format("/proc/{}/exe", pid).c_str(), path.data(), path.size());
    if (length > 0)
        return {path.data(), static_cast<std::size_t>(length)};
    // The link of a process that protects its memory is readable by root only.
    std::string name = read_proc(pid, "comm");
    if (name.ends_with('\n'))
        name.pop_back();
    return name;
}

/// systemd's functions return a string to be freed.
template <auto query>
std::string unit_by(std::uint32_t pid) {
    char* unit = nullptr;
    if (query(static_cast<pid_t>(pid), &unit) < 0)
        return {};
    const std::unique_ptr<char, decltype(&std::free)> owned(unit, &std::free);
    return unit;
}

/// The closest unit: of the user's systemd ("app-firefox-1234.scope"), else of the system's
/// ("session-2.scope").
std::string unit_of(std::uint32_t pid) {
    const std::string user_unit = unit_by<sd_pid_get_user_unit>(pid);
    return user_unit.empty() ? unit_by<sd_pid_get_unit>(pid) : user_unit;
}

/// The file that flatpak puts into the root directory of each of its processes; nothing if there is none.
/// Whoever set up that directory shall not make us wait (a pipe) or read without end.
std::optional<std::string> flatpak_info(std::uint32_t pid) {
    const std::string path = fmt::format("/proc/{}/root/.flatpak-info", pid);
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    const auto content = read_small_file(fd.get(), flatpak_info_limit);
    return content ? to_string(*content) : std::string();
}

std::string sandbox_of(std::uint32_t pid, std::string_view unit) {
    if (const auto info = flatpak_info(pid)) {
        const std::string id = flatpak_from_info(*info);
        return "flatpak:" + (id.empty() ? "unknown" : id);
    }
    // The root directory of a process that protects its memory cannot be looked at; its scope tells, too.
    if (const std::string id = flatpak_from_unit(unit); !id.empty())
        return "flatpak:" + id;
    for (const char* const label : {"attr/apparmor/current", "attr/current"})
        if (const std::string name = snap_from_label(read_proc(pid, label)); !name.empty())
            return "snap:" + name;
    if (const std::string name = snap_from_cgroup(read_proc(pid, "cgroup")); !name.empty())
        return "snap:" + name;
    return {};
}

/// "pts/3", "tty1".
std::string terminal_name(std::uint32_t device) {
    if (device == 0)
        return {};
    if (std::string name = pseudo_terminal(device); !name.empty())
        return name;
    // Others have names of all kinds; the kernel's list of devices knows them.
    const std::string link = fmt::format("/sys/dev/char/{}:{}", device >> 8 & 0xFFF, device & 0xFF);
    std::array<char, 4096> target{};
    const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
    const std::string path(target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    return path.substr(path.rfind('/') + 1);
}

std::string shown(const std::string& text) {
    return printable_utf8(as_bytes(text));
}

} // namespace

BootTime boot_time() {
    timespec now{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &now); // fails for unknown clocks only
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Peer peer_of_socket(int socket) {
    const BootTime known_at = boot_time();
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || credentials.pid <= 0)
        return {};
    const auto pid = static_cast<std::uint32_t>(credentials.pid);
    int pidfd = -1;
    length = sizeof pidfd;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0)
        return {pid, UniqueFd(pidfd)};
    if (errno != ENOPROTOOPT)
        return {pid, {}}; // it has ended
    return peer_by_number(pid, known_at);
}

Peer peer_by_number(std::uint32_t pid, BootTime known_at) {
    Peer peer{pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))};
    const auto stat = parse_stat(read_proc(pid, "stat"));
    if (!stat || start_time(*stat) > known_at)
        peer.pidfd.reset();
    return peer;
}

core::Requester describe_process(const Peer& peer) {
    core::Requester requester;
    requester.pid = peer.pid;
    if (peer.pid == 0)
        return requester;
    requester.executable = shown(executable_of(peer.pid));
    requester.unit = shown(unit_of(peer.pid));
    requester.sandbox = sandbox_of(peer.pid, requester.unit);
    if (const auto stat = parse_stat(read_proc(peer.pid, "stat")))
        requester.terminal = shown(terminal_name(stat->terminal));
    // The number cannot have been given to another process as long as this one lives, so that all this was
    // about it.
    requester.verified = peer.pidfd && is_alive(peer.pidfd.get());
    return requester;
}

} // namespace digisign::bus
