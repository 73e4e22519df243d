// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/transaction.hpp"

#include "common/error.hpp"
#include "common/log.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace digisign::card {

using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::SecretResponse;
using iso7816::StatusWord;

namespace {

constexpr std::uint8_t sw1_more_data = 0x61;
constexpr std::uint8_t sw1_wrong_le = 0x6C;

/// No answer of a card is longer; bounds what a defective one can make us collect.
constexpr std::size_t answer_max = CommandApdu::extended_le_max;

/// SW2 of 61xx and 6Cxx: a length, where 00 stands for 256.
std::size_t length_of(StatusWord status) {
    return status.sw2() == 0 ? 256u : status.sw2();
}

template <class Response, class Answer>
Response finish(const std::array<std::uint8_t, 4>& header, std::size_t data_length, Answer&& answer) {
    auto response = Response::parse(std::forward<Answer>(answer));
    if (log::enabled(log::Level::Debug)) // the header and lengths only: data may be private
        log::debug("apdu " + to_hex(header) + " +" + std::to_string(data_length) + " -> " +
                   (response ? std::to_string(response->data.size()) + " " + describe(response->status)
                             : std::string("no status word")));
    if (!response)
        throw Error(ErrorCode::CardError, "the card's answer was cut short");
    return std::move(*response);
}

void append_piece(ResponseApdu& response, const ResponseApdu& piece) {
    if (response.data.size() + piece.data.size() > answer_max)
        throw Error(ErrorCode::CardError, "the card's answer does not end");
    append(response.data, piece.data);
}

void append_piece(SecretResponse& response, const SecretResponse& piece) {
    if (response.data.size() + piece.data.size() > response.data.capacity())
        throw Error(ErrorCode::CardError, "the card's answer does not end");
    response.data.append(piece.data.view());
}

/// PERFORM SECURITY OPERATION uses what MSE SET has set (ISO 7816-8 section 5), and leaves it unless it
/// fails.
bool leaves_environment(std::uint8_t ins, StatusWord status) {
    constexpr std::uint8_t perform_security_operation = 0x2A;
    constexpr std::uint8_t get_response = 0xC0;
    return (ins == perform_security_operation || ins == get_response) &&
           (status == iso7816::sw::success || status.sw1() == sw1_more_data || status.sw1() == sw1_wrong_le);
}

std::vector<CommandApdu> commands_for(const CommandApdu& command, LongData long_data) {
    if (long_data == LongData::Extended)
        return {command};
    std::vector<CommandApdu> chain = command.chain();
    // A longer answer comes in pieces as well (61xx).
    if (auto& le = chain.back().le)
        le = std::min(*le, CommandApdu::short_le_max);
    return chain;
}

} // namespace

template <class Response>
Response Transaction::exchange(const CommandApdu& command) {
    ++apdu_count_;
    const Bytes encoded = command.encode();
    const Bytes environment = std::exchange(environment_, {}); // also where no answer comes
    Response response = [&] {
        if constexpr (std::is_same_v<Response, SecretResponse>)
            return finish<Response>(command.header(), command.data.size(),
                                    channel_.exchange_for_secret(encoded));
        else
            return finish<Response>(command.header(), command.data.size(), channel_.exchange(encoded));
    }();
    if (leaves_environment(command.ins, response.status))
        environment_ = environment;
    return response;
}

ResponseApdu Transaction::set_environment(const CommandApdu& command) {
    ResponseApdu response = transmit(command);
    if (response.is_success())
        environment_ = command.encode();
    return response;
}

bool Transaction::has_environment(const CommandApdu& command) const {
    return environment_ == command.encode();
}

ResponseApdu Transaction::transmit_sensitive(const iso7816::SensitiveApdu& command) {
    ++apdu_count_;
    environment_.clear();
    return finish<ResponseApdu>(command.header(), 0, channel_.exchange_sensitive(command));
}

ResponseApdu Transaction::transmit_on_pin_pad(const iso7816::PinPadCommand& command) {
    ++apdu_count_;
    environment_.clear();
    return finish<ResponseApdu>(command.header(), 0, channel_.exchange_on_pin_pad(command));
}

template <class Response>
Response Transaction::exchange_with_right_le(CommandApdu command) {
    if (protocol() == Protocol::T0 && !command.data.empty())
        command.le.reset();
    Response response = exchange<Response>(command);
    if (response.status.sw1() != sw1_wrong_le)
        return response;
    command.le = length_of(response.status);
    return exchange<Response>(command);
}

template <class Response>
Response Transaction::transmit_as(const CommandApdu& command, LongData long_data) {
    const std::vector<CommandApdu> commands = commands_for(command, long_data);
    for (const CommandApdu& link : std::span(commands).first(commands.size() - 1))
        if (Response response = exchange_with_right_le<Response>(link); !response.is_success())
            return response;
    Response response = exchange_with_right_le<Response>(commands.back());
    collect_rest(command.cla, response);
    return response;
}

ResponseApdu Transaction::transmit(const CommandApdu& command, LongData long_data) {
    return transmit_as<ResponseApdu>(command, long_data);
}

SecretResponse Transaction::transmit_for_secret(const CommandApdu& command, LongData long_data) {
    return transmit_as<SecretResponse>(command, long_data);
}

template <class Response>
void Transaction::collect_rest(std::uint8_t cla, Response& response) {
    while (response.status.sw1() == sw1_more_data) {
        const Response piece =
            exchange_with_right_le<Response>(iso7816::get_response(cla, length_of(response.status)));
        if (piece.status.sw1() == sw1_more_data && piece.data.empty())
            throw Error(ErrorCode::CardError, "the card promises more data and gives none");
        append_piece(response, piece);
        response.status = piece.status;
    }
}

} // namespace digisign::card
