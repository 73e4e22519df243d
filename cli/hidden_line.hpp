// SPDX-License-Identifier: LGPL-2.1-or-later
// A PIN while it is typed without being shown.

#pragma once

#include "common/pin_value.hpp"

namespace digisign::cli {

class HiddenLine {
public:
    enum class Event {
        None,
        Refused,   ///< the character cannot be part of a PIN
        Entered,   ///< the line is complete
        EndOfFile, ///< Ctrl-D
    };

    /// The characters that the terminal's settings name, besides the usual ones for erasing one.
    HiddenLine(unsigned char erase, unsigned char kill) : erase_(erase), kill_(kill) {}

    Event type(char character);

    const PinValue& value() const { return value_; }
    /// What was typed; the line is empty afterwards.
    PinValue take();
    void clear();

private:
    enum class Escape { None, Begun, Sequence };

    bool swallowed_by_escape(char character);
    void erase_character();

    unsigned char erase_;
    unsigned char kill_;
    Escape escape_ = Escape::None;
    PinValue value_;
};

} // namespace digisign::cli
