// SPDX-License-Identifier: LGPL-2.1-or-later
// The reader's keys, on which a test types through a socket.
//
// The test listens on a unix socket, and each entry of a PIN is one connection to it. The reader says
// "verify HEX" or "modify HEX" with the structure it was given; then the test "type VALUE…", "cancel" or
// "timeout", each a line; at last the reader "result SW" with the status word it answers the program, or
// "result none" if the card was pulled. Where nobody listens or answers, nobody is at the keys.

#pragma once

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace digisign::pin_pad_reader {

enum class KeyEvent { Cancelled, TimedOut, CardPulled };

using KeyedIn = std::variant<std::vector<std::string>, KeyEvent>;

/// One entry of a PIN.
class Keypad {
public:
    Keypad(const std::string& socket_path, std::string_view feature, ByteView structure);

    /// Waits for `count` values. `card_fd` becomes readable when the card is pulled.
    KeyedIn wait(std::size_t count, std::chrono::seconds timeout, int card_fd);

    /// Ends the entry; empty where no status word came about.
    void finish(const std::string& status_word);

private:
    void say(const std::string& line);
    /// The next line, if one has come.
    std::optional<std::string> next_line();
    std::optional<KeyedIn> obey(std::string_view line, std::size_t count);

    UniqueFd socket_;
    std::string received_;
};

} // namespace digisign::pin_pad_reader
