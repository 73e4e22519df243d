// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/channel.hpp"

#include "common/log.hpp"
#include "daemon/iso7816/sensitive_apdu.hpp"
#include "daemon/iso7816/status_word.hpp"
#include "daemon/pcsc/error_map.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace digisign::pcsc {

namespace {

constexpr DWORD any_protocol = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
constexpr std::size_t status_word_size = 2;

/// How long pcscd may take to notice that the card has gone. It looks every 400 ms where the reader does not
/// tell by itself (PCSCLITE_STATUS_POLL_RATE).
constexpr std::chrono::milliseconds removal_notice{1000};

Bytes status_word(iso7816::StatusWord status) {
    return {status.sw1(), status.sw2()};
}

} // namespace

Channel::Channel(Context& context, core::ReaderName reader) : context_(context), reader_(std::move(reader)) {
    const LONG result = SCardConnect(context_.handle(), reader_.value.c_str(), SCARD_SHARE_SHARED,
                                     any_protocol, &handle_, &protocol_);
    if (result != SCARD_S_SUCCESS)
        throw error_from_connecting(result, "connect to the card");
}

Channel::~Channel() {
    const LONG result = SCardDisconnect(handle_, disposition_);
    if (result != SCARD_S_SUCCESS) // the card or pcscd has gone, and so has the connection
        log::debug(error_from_result(result, "disconnect from the card").what());
}

Bytes Channel::atr() {
    std::array<BYTE, MAX_ATR_SIZE> atr{};
    DWORD length = atr.size();
    DWORD name_length = 0;
    DWORD state = 0;
    DWORD protocol = 0;
    const LONG result = SCardStatus(handle_, nullptr, &name_length, &state, &protocol, atr.data(), &length);
    if (result != SCARD_S_SUCCESS)
        throw error_from_result(result, "read the card's answer to reset");
    return {atr.data(), atr.data() + length};
}

card::Protocol Channel::protocol() const {
    return protocol_ == SCARD_PROTOCOL_T0 ? card::Protocol::T0 : card::Protocol::T1;
}

Bytes Channel::exchange(ByteView command) {
    return transmit(command);
}

Bytes Channel::exchange_sensitive(const iso7816::SensitiveApdu& command) {
    sensitive_sent_ = true;
    // libpcsclite writes the command from where it lies to pcscd's socket and keeps no copy.
    return transmit(command.secret());
}

SecureBuffer Channel::exchange_for_secret(ByteView command) {
    SecureBuffer answer(card::secret_answer_max);
    // libpcsclite reads the answer from pcscd's socket to where it is wanted.
    answer.set_size(transmit(command, answer.data(), answer.capacity()));
    return answer;
}

Bytes Channel::transmit(ByteView command) {
    // As long as the longest answer (64 KiB and the status word), so not cleared for each of hundreds of
    // short ones.
    const auto answer = std::make_unique_for_overwrite<BYTE[]>(MAX_BUFFER_SIZE_EXTENDED);
    const DWORD length = transmit(command, answer.get(), MAX_BUFFER_SIZE_EXTENDED);
    return {answer.get(), answer.get() + length};
}

DWORD Channel::transmit(ByteView command, BYTE* answer, DWORD capacity) {
    const SCARD_IO_REQUEST* pci = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    DWORD length = capacity;
    const LONG result = SCardTransmit(handle_, pci, command.data(), command.size(), nullptr, answer, &length);
    check_answer(result, length);
    return length;
}

Bytes Channel::exchange_on_pin_pad(const iso7816::PinPadCommand& command) {
    if (!pin_pad_)
        pin_pad_.emplace(handle_);
    const PinPad::Order order = pin_pad_->order(command);
    sensitive_sent_ = true;
    std::array<BYTE, MAX_BUFFER_SIZE> answer{};
    DWORD length = 0;
    const LONG result = SCardControl(handle_, order.control_code, order.structure.data(),
                                     order.structure.size(), answer.data(), answer.size(), &length);
    switch (result) {
    case SCARD_E_UNSUPPORTED_FEATURE:
        throw Error(ErrorCode::NotSupported, "the reader cannot ask for a PIN in this form");
    case SCARD_W_CANCELLED_BY_USER: // drivers that do not pass on the reader's own words
        return status_word(iso7816::sw::pin_pad_cancelled);
    case SCARD_E_TIMEOUT: // the driver's time, which is longer: the reader may go on, and send what is typed
        throw Error(ErrorCode::PinPadTimedOut, "the reader did not say in time whether a PIN was typed");
    default:
        length = std::min<DWORD>(length, answer.size());
        check_answer(result, length);
        return {answer.data(), answer.data() + length};
    }
}

/// What SCardTransmit or SCardControl made of a command.
void Channel::check_answer(LONG result, DWORD length) {
    if (result == SCARD_E_NOT_TRANSACTED)
        throw exchange_error("the exchange with the card failed");
    if (result != SCARD_S_SUCCESS)
        throw error_from_result(result, "exchange data with the card");
    // A virtual reader (vpcd) whose card leaves in the middle of a command reports success and an empty
    // answer.
    if (length < status_word_size)
        throw exchange_error("the card broke off its answer");
}

Error Channel::exchange_error(std::string_view what) {
    ReaderStatus status = context_.status(reader_);
    if (status.card_present() && !status.reader_gone())
        status = context_.wait_for_status(reader_, status, removal_notice).value_or(status);
    if (!status.card_present() || status.reader_gone())
        return error_from_result(SCARD_W_REMOVED_CARD, "exchange data with the card");
    return {ErrorCode::CardMute, std::string(what)};
}

} // namespace digisign::pcsc
