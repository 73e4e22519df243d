// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the card layer meets the wire: implemented by daemon/pcsc for readers and by the tests for
// transcripts.

#pragma once

#include "common/bytes.hpp"
#include "common/secure_buffer.hpp"

#include <cstddef>

namespace digisign::iso7816 {
class PinPadCommand;
class SensitiveApdu;
} // namespace digisign::iso7816

namespace digisign::card {

enum class Protocol { T0, T1 };

/// Room for a secret answer and its status word: the block of an RSA key of 8192 bits, and more.
inline constexpr std::size_t secret_answer_max = 2048;

/// One command, one answer, nothing interpreted. Used only from within a transaction, on the reader's worker
/// thread.
class Channel {
public:
    virtual ~Channel() = default;

    virtual Protocol protocol() const = 0;

    /// Sends one command APDU (ISO 7816-4 section 5) and returns the answer, status word last, at least two
    /// bytes. Throws Error: CardRemoved, CardReset, CardMute, CardBusy, TimedOut, PcscUnavailable, CardError.
    virtual Bytes exchange(ByteView command) = 0;

    /// The same for a command that holds a PIN: never logged, the implementation's copies are wiped.
    virtual Bytes exchange_sensitive(const iso7816::SensitiveApdu& command) = 0;

    /// The same for a command whose answer is secret. The answer has a capacity of secret_answer_max, and the
    /// implementation leaves no other copy of it.
    virtual SecureBuffer exchange_for_secret(ByteView command) = 0;

    /// The same for a command that the reader completes with what is typed on its keys. The answer is the
    /// card's, or the reader's (iso7816::sw::pin_pad_timed_out …). Also throws NotSupported before anything
    /// happens, and PinPadTimedOut.
    virtual Bytes exchange_on_pin_pad(const iso7816::PinPadCommand& command) = 0;
};

} // namespace digisign::card
