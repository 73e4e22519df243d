// SPDX-License-Identifier: LGPL-2.1-or-later
// The connection to one card in one reader: the card layer's channel on SCardTransmit.

#pragma once

#include "daemon/card/channel.hpp"
#include "daemon/pcsc/context.hpp"
#include "daemon/pcsc/pin_pad.hpp"

#include <winscard.h>

#include <optional>
#include <string_view>

namespace digisign::pcsc {

class Channel final : public card::Channel {
public:
    /// Connects in shared mode, with T=0 or T=1 as the card prefers. Throws Error: CardRemoved, CardMute,
    /// CardBusy, CardUnrecognized, PcscUnavailable, PcscAccessDenied.
    Channel(Context& context, core::ReaderName reader);

    /// Leaves the card as it is for other programs, or resets it after reset_when_closed().
    ~Channel() override;

    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    SCARDHANDLE handle() const { return handle_; }

    /// Answer to reset. Throws like the constructor.
    Bytes atr();

    /// For a card in an unknown state, e.g. after a failed exchange.
    void reset_when_closed() { disposition_ = SCARD_RESET_CARD; }

    /// Whether a command with a PIN left for the card, or for a reader to put one in, since the last
    /// clear_sensitive_sent(), with whatever result.
    bool sensitive_sent() const { return sensitive_sent_; }
    void clear_sensitive_sent() { sensitive_sent_ = false; }

    card::Protocol protocol() const override;
    Bytes exchange(ByteView command) override;
    Bytes exchange_sensitive(const iso7816::SensitiveApdu& command) override;
    SecureBuffer exchange_for_secret(ByteView command) override;
    Bytes exchange_on_pin_pad(const iso7816::PinPadCommand& command) override;

private:
    Bytes transmit(ByteView command);
    /// Returns the length of the answer.
    DWORD transmit(ByteView command, BYTE* answer, DWORD capacity);
    void check_answer(LONG result, DWORD length);
    /// For an exchange that failed without a clear reason: removed, or mute.
    Error exchange_error(std::string_view what);

    Context& context_;
    core::ReaderName reader_;
    SCARDHANDLE handle_ = 0;
    DWORD protocol_ = 0;
    DWORD disposition_ = SCARD_LEAVE_CARD;
    bool sensitive_sent_ = false;
    std::optional<PinPad> pin_pad_; ///< once it was asked for
};

} // namespace digisign::pcsc
