// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/hidden_line.hpp"

#include <utility>

namespace digisign::cli {

namespace {

constexpr char escape = '\x1B';
constexpr char end_of_transmission = '\x04'; // Ctrl-D

} // namespace

HiddenLine::Event HiddenLine::type(char character) {
    const auto byte = static_cast<unsigned char>(character);
    if (swallowed_by_escape(character))
        return Event::None;
    if (character == '\n' || character == '\r')
        return Event::Entered;
    if (character == end_of_transmission)
        return Event::EndOfFile;
    if (byte == erase_ || character == '\x7F' || character == '\b')
        erase_character();
    else if (byte == kill_)
        value_.wipe();
    else if (byte < 0x20 || value_.length() == PinValue::max_length)
        return Event::Refused;
    else
        value_.push_back(character);
    return Event::None;
}

PinValue HiddenLine::take() {
    return std::exchange(value_, PinValue());
}

void HiddenLine::clear() {
    value_.wipe();
    escape_ = Escape::None;
}

/// Arrow and function keys send ECMA-48 sequences ("ESC [ A"), which would end up in the PIN unseen.
bool HiddenLine::swallowed_by_escape(char character) {
    switch (escape_) {
    case Escape::None:
        if (character == escape)
            escape_ = Escape::Begun;
        return character == escape;
    case Escape::Begun:
        escape_ = character == '[' || character == 'O' ? Escape::Sequence : Escape::None;
        return escape_ == Escape::Sequence;
    case Escape::Sequence:
        if (character >= '@' && character <= '~')
            escape_ = Escape::None;
        return true;
    }
    return false;
}

/// One character of UTF-8: continuation octets and what they continue.
void HiddenLine::erase_character() {
    while (!value_.empty() && (value_.secret().back() & 0xC0) == 0x80)
        value_.pop_back();
    value_.pop_back();
}

} // namespace digisign::cli
