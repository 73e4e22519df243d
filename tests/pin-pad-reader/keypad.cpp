// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/keypad.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace digisign::pin_pad_reader {

namespace {

UniqueFd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return {};
    path.copy(address.sun_path, path.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fd.reset();
    return fd;
}

bool only_digits(const std::string& value) {
    return std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Keypad::Keypad(const std::string& socket_path, std::string_view feature, ByteView structure)
    : socket_(connect_to(socket_path)) {
    say(std::string(feature) + ' ' + to_hex(structure));
}

KeyedIn Keypad::wait(std::size_t count, std::chrono::seconds timeout, int card_fd) {
    using std::chrono::steady_clock;
    const auto deadline = steady_clock::now() + timeout;
    while (true) {
        // poll() passes over descriptors that are -1.
        std::array<pollfd, 2> sources{pollfd{card_fd, POLLIN, 0}, pollfd{socket_.get(), POLLIN, 0}};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        if (left.count() <= 0)
            return KeyEvent::TimedOut;
        (void)::poll(sources.data(), sources.size(), static_cast<int>(left.count())); // looked at again
        if (sources[0].revents != 0)
            return KeyEvent::CardPulled;
        if (sources[1].revents == 0)
            continue;
        while (const std::optional<std::string> line = next_line())
            if (std::optional<KeyedIn> outcome = obey(*line, count))
                return *outcome;
    }
}

std::optional<std::string> Keypad::next_line() {
    if (received_.find('\n') == std::string::npos) {
        std::array<char, 256> buffer{};
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got == 0)
            socket_.reset(); // nobody is there any more
        if (got > 0)
            received_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    const std::size_t end = received_.find('\n');
    if (end == std::string::npos)
        return std::nullopt;
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    return line;
}

std::optional<KeyedIn> Keypad::obey(std::string_view line, std::size_t count) {
    std::istringstream words{std::string(line)};
    std::string verb;
    words >> verb;
    if (verb == "cancel")
        return KeyEvent::Cancelled;
    if (verb == "timeout")
        return KeyEvent::TimedOut;
    std::vector<std::string> values;
    for (std::string value; words >> value;)
        values.push_back(value);
    if (verb == "type" && values.size() == count && std::ranges::all_of(values, only_digits))
        return values;
    say("error type " + std::to_string(count) + " numbers, or cancel, or timeout");
    return std::nullopt;
}

void Keypad::finish(const std::string& status_word) {
    say("result " + (status_word.empty() ? "none" : status_word));
    socket_.reset();
}

void Keypad::say(const std::string& line) {
    const std::string message = line + '\n';
    if (socket_) // else there is nobody to tell
        (void)::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

} // namespace digisign::pin_pad_reader
