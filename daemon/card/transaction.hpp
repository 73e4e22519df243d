// SPDX-License-Identifier: LGPL-2.1-or-later
// The one way in which a driver speaks to its card. It exists only while the reader's PC/SC transaction is
// open, so that no other program's commands can come in between.

#pragma once

#include "daemon/card/channel.hpp"
#include "daemon/iso7816/command_apdu.hpp"
#include "daemon/iso7816/pin_pad_command.hpp"
#include "daemon/iso7816/response_apdu.hpp"
#include "daemon/iso7816/sensitive_apdu.hpp"

#include <array>
#include <cstddef>

namespace digisign::card {

/// How data goes that is longer than a short command can carry: in pieces (command chaining), or in one
/// command of the extended form, with an Le as large.
enum class LongData { Chained, Extended };

class Transaction {
public:
    explicit Transaction(Channel& channel) : channel_(channel) {}

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Protocol protocol() const { return channel_.protocol(); }

    /// Sends a command and returns its whole answer: longer data goes as `long_data` says, 6Cxx is followed
    /// by the same command with the right Le, 61xx by GET RESPONSE. Under T=0 a command with data goes
    /// without its Le (ISO 7816-3 section 12.2, case 4). Throws what Channel throws, and CardError for an
    /// answer too short.
    iso7816::ResponseApdu transmit(const iso7816::CommandApdu& command,
                                   LongData long_data = LongData::Chained);

    /// The same for a command whose answer is secret: it is nowhere but in what is returned.
    iso7816::SecretResponse transmit_for_secret(const iso7816::CommandApdu& command,
                                                LongData long_data = LongData::Chained);

    /// Sends a command that holds a PIN: exactly once, whatever the card answers, since every time may cost a
    /// try.
    iso7816::ResponseApdu transmit_sensitive(const iso7816::SensitiveApdu& command);

    /// Has the reader ask for the PINs and send the command, once.
    iso7816::ResponseApdu transmit_on_pin_pad(const iso7816::PinPadCommand& command);

    /// MSE SET. What it has set is in force until another command but those for security operations is sent,
    /// one is refused, or the transaction ends: afterwards another program may have set something else.
    iso7816::ResponseApdu set_environment(const iso7816::CommandApdu& command);
    /// Whether what this very command sets is in force.
    bool has_environment(const iso7816::CommandApdu& command) const;

    /// Commands sent to the card so far, GET RESPONSE and repetitions included.
    std::size_t apdu_count() const { return apdu_count_; }

private:
    // Response is iso7816::ResponseApdu or iso7816::SecretResponse.
    template <class Response>
    Response transmit_as(const iso7816::CommandApdu& command, LongData long_data);
    template <class Response>
    Response exchange_with_right_le(iso7816::CommandApdu command);
    template <class Response>
    Response exchange(const iso7816::CommandApdu& command);
    template <class Response>
    void collect_rest(std::uint8_t cla, Response& response);

    Channel& channel_;
    std::size_t apdu_count_ = 0;
    Bytes environment_; ///< the command that set it; empty if none is in force
};

} // namespace digisign::card
