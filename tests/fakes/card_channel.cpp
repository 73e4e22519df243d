// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/card_channel.hpp"

#include "common/error.hpp"

namespace digisign::fakes {

namespace {

[[noreturn]] void throw_removed() {
    throw Error(ErrorCode::CardRemoved, "the card was removed");
}

} // namespace

void CardChannel::insert() {
    card_.reset();
    present_ = true;
}

void CardChannel::fail_at(std::size_t exchange, Fault fault) {
    fault_ = fault;
    exchanges_until_fault_ = exchange;
}

void CardChannel::forget() {
    fault_.reset();
    commands_.clear();
    pins_sent_ = 0;
}

Bytes CardChannel::exchange(ByteView command) {
    commands_.push_back(to_bytes(command));
    return run(command, /*has_pin=*/false);
}

Bytes CardChannel::exchange_sensitive(const iso7816::SensitiveApdu& command) {
    const auto header = command.header();
    commands_.emplace_back(header.begin(), header.end());
    return run(command.secret(), /*has_pin=*/true);
}

SecureBuffer CardChannel::exchange_for_secret(ByteView command) {
    SecureBuffer answer(card::secret_answer_max);
    answer.append(exchange(command));
    return answer;
}

Bytes CardChannel::exchange_on_pin_pad(const iso7816::PinPadCommand& command) {
    if (!type)
        throw Error(ErrorCode::NotSupported, "the reader has no keys");
    const auto header = command.header();
    commands_.emplace_back(header.begin(), header.end());
    const auto typed = type(command);
    if (const auto* status = std::get_if<iso7816::StatusWord>(&typed))
        return {status->sw1(), status->sw2()};
    return run(std::get<Bytes>(typed), /*has_pin=*/true);
}

Bytes CardChannel::run(ByteView command, bool has_pin) {
    if (!present_)
        throw_removed();
    std::optional<Fault> fault;
    if (fault_ && exchanges_until_fault_-- == 0)
        std::swap(fault, fault_);

    // What keeps the command from arriving.
    if (fault == Fault::Removed) {
        remove();
        throw_removed();
    }
    if (fault == Fault::Reset) {
        card_.reset();
        throw Error(ErrorCode::CardReset, "another program reset the card");
    }
    if (fault == Fault::InternalError)
        return {0x6F, 0x00};

    Bytes answer = card_.transmit(command);
    pins_sent_ += has_pin ? 1 : 0;

    // What keeps the answer from coming back.
    if (fault == Fault::RemovedAfter) {
        remove();
        throw_removed();
    }
    if (fault == Fault::Mute)
        throw Error(ErrorCode::CardMute, "the card does not answer");
    if (fault == Fault::TimedOut)
        throw Error(ErrorCode::TimedOut, "the reader does not answer");
    if (fault == Fault::ShortAnswer)
        answer.resize(1);
    return answer;
}

} // namespace digisign::fakes
