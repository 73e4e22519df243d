// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/control.hpp"

#include "common/error.hpp"
#include "common/file.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace digisign::virtual_card {

namespace {

constexpr std::size_t line_limit = 4096;

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(line.size(), word.size() + 1));
        if (!word.empty())
            words.push_back(word);
    }
    return words;
}

std::optional<unsigned> number(std::string_view word) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size())
        return std::nullopt;
    return value;
}

std::string plan_fault(const std::vector<std::string_view>& words, FaultPlan& plan) {
    if (words.size() == 2 && words[1] == "clear") {
        plan.clear();
        return "ok no faults";
    }
    const std::optional<Fault> fault = words.size() == 3 ? fault_from_name(words[1]) : std::nullopt;
    const std::optional<unsigned> apdu = words.size() == 3 ? number(words[2]) : std::nullopt;
    if (!fault || !apdu || *apdu == 0)
        return "error usage: fault removed|removed-after|mute|reset|short|6f00|delay:MS N, or fault clear";
    plan.add(*fault, *apdu);
    return "ok fault planned";
}

std::string set_latency(const std::vector<std::string_view>& words, CardSession& session) {
    const std::optional<unsigned> per_apdu = words.size() >= 2 ? number(words[1]) : std::nullopt;
    const std::optional<unsigned> per_byte = words.size() == 3 ? number(words[2]) : std::optional(0U);
    if (words.size() > 3 || !per_apdu || !per_byte)
        return "error usage: latency US_PER_APDU [US_PER_BYTE]";
    session.set_latency({std::chrono::microseconds(*per_apdu), std::chrono::microseconds(*per_byte)});
    return "ok latency set";
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw Error(ErrorCode::InvalidArgument, "the path of the control socket is too long: " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

UniqueFd unix_socket() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd)
        throw error_from_errno(errno, "cannot make a socket");
    return fd;
}

bool connect_to(int fd, const std::string& path) {
    const sockaddr_un address = unix_address(path);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

std::string run_command(std::string_view line, CardSession& session, EventLoop& loop) {
    const std::vector<std::string_view> words = words_of(line);
    const std::string_view verb = words.empty() ? std::string_view() : words.front();
    if (verb == "insert") {
        session.insert();
        return "ok inserted";
    }
    if (verb == "remove") {
        session.remove();
        return "ok removed";
    }
    if (verb == "fault")
        return plan_fault(words, session.faults());
    if (verb == "latency")
        return set_latency(words, session);
    if (verb == "status")
        return "ok " + session.status();
    if (verb == "log" && words.size() == 2 && words[1] == "clear") {
        session.log().clear();
        return "ok log cleared";
    }
    if (verb == "quit") {
        loop.quit();
        return "ok bye";
    }
    return "error commands: insert, remove, fault, latency, status, log clear, quit";
}

ControlServer::ControlServer(EventLoop& loop, std::string path, Handler handler)
    : loop_(loop), path_(std::move(path)), handler_(std::move(handler)), listening_(unix_socket()) {
    if (connect_to(unix_socket().get(), path_))
        throw Error(ErrorCode::InvalidArgument, "another program serves " + path_);
    (void)::unlink(path_.c_str()); // bind() reports what matters
    const sockaddr_un address = unix_address(path_);
    if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listening_.get(), SOMAXCONN) != 0)
        throw error_from_errno(errno, "cannot listen on " + path_);
    watch_ = loop_.watch(listening_.get(), EPOLLIN, [this] { on_connection(); });
}

ControlServer::~ControlServer() {
    (void)::unlink(path_.c_str()); // nothing better can be done in a destructor
}

void ControlServer::on_connection() {
    UniqueFd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd)
        return; // the client has given up already
    const int number = fd.get();
    Client& client = clients_[number];
    client.fd = std::move(fd);
    client.watch = loop_.watch(number, EPOLLIN, [this, number] { on_readable(number); });
}

void ControlServer::on_readable(int fd) {
    Client& client = clients_.at(fd);
    std::array<char, 1024> buffer{};
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0)
        client.received.append(buffer.data(), static_cast<std::size_t>(got));
    bool alive = got > 0 && client.received.size() <= line_limit;
    for (std::size_t end; alive && (end = client.received.find('\n')) != std::string::npos;) {
        const std::string answer = handler_(std::string_view(client.received).substr(0, end)) + '\n';
        client.received.erase(0, end + 1);
        const ssize_t sent = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        alive = sent == static_cast<ssize_t>(answer.size());
    }
    if (!alive)
        clients_.erase(fd);
}

std::string send_command(const std::string& path, std::string_view command) {
    const UniqueFd fd = unix_socket();
    if (!connect_to(fd.get(), path))
        throw Error(ErrorCode::ServiceUnavailable, "no virtual card listens on " + path);
    write_all(fd.get(), as_bytes(std::string(command) + '\n'));
    std::string answer;
    std::array<char, 1024> buffer{};
    while (answer.find('\n') == std::string::npos) {
        const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            throw Error(ErrorCode::ServiceUnavailable, "the virtual card hung up");
        answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    answer.erase(answer.find('\n'));
    return answer;
}

} // namespace digisign::virtual_card
