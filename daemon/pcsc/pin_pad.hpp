// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers with keys of their own (PC/SC part 10): finding them, and having a person type there.

#pragma once

#include "daemon/pcsc/context.hpp"
#include "daemon/pcsc/part10.hpp"

namespace digisign::pcsc {

/// What the reader's keys can be used for; nothing, where it cannot be asked now.
core::PinPad find_pin_pad(Context& context, const core::ReaderName& reader);

/// The keys of the reader that a connection leads to.
class PinPad {
public:
    /// Asks the reader what it can do. A reader that does not answer has no keys.
    explicit PinPad(SCARDHANDLE handle);

    core::PinPad uses() const;

    /// What to give to SCardControl().
    struct Order {
        DWORD control_code;
        Bytes structure;
    };

    /// Throws Error(NotSupported) where the reader cannot do it.
    Order order(const iso7816::PinPadCommand& command) const;

private:
    part10::Features features_;
    part10::Properties properties_;
};

} // namespace digisign::pcsc
