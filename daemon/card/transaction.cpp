// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/transaction.hpp"

#include "common/error.hpp"
#include "common/log.hpp"
#include "daemon/iso7816/commands.hpp"

#include <span>
#include <vector>

namespace digisign::card {

using iso7816::CommandApdu;
using iso7816::ResponseApdu;
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

} // namespace

ResponseApdu Transaction::finish(const std::array<std::uint8_t, 4>& header, std::size_t data_length,
                                 ByteView answer) {
    auto response = ResponseApdu::parse(answer);
    if (log::enabled(log::Level::Debug)) // the header and lengths only: data may be private
        log::debug("apdu " + to_hex(header) + " +" + std::to_string(data_length) + " -> " +
                   (response ? std::to_string(response->data.size()) + " " + describe(response->status)
                             : std::string("no status word")));
    if (!response)
        throw Error(ErrorCode::CardError, "the card's answer was cut short");
    return std::move(*response);
}

ResponseApdu Transaction::exchange(const CommandApdu& command) {
    ++apdu_count_;
    return finish(command.header(), command.data.size(), channel_.exchange(command.encode()));
}

ResponseApdu Transaction::transmit_sensitive(const iso7816::SensitiveApdu& command) {
    ++apdu_count_;
    return finish(command.header(), 0, channel_.exchange_sensitive(command));
}

ResponseApdu Transaction::transmit_on_pin_pad(const iso7816::PinPadCommand& command) {
    ++apdu_count_;
    return finish(command.header(), 0, channel_.exchange_on_pin_pad(command));
}

ResponseApdu Transaction::exchange_with_right_le(CommandApdu command) {
    if (protocol() == Protocol::T0 && !command.data.empty())
        command.le.reset();
    ResponseApdu response = exchange(command);
    if (response.status.sw1() != sw1_wrong_le)
        return response;
    command.le = length_of(response.status);
    return exchange(command);
}

ResponseApdu Transaction::transmit(const CommandApdu& command) {
    const std::vector<CommandApdu> chain = command.chain();
    for (const CommandApdu& link : std::span(chain).first(chain.size() - 1))
        if (ResponseApdu response = exchange_with_right_le(link); !response.is_success())
            return response;
    ResponseApdu response = exchange_with_right_le(chain.back());
    collect_rest(command.cla, response);
    return response;
}

void Transaction::collect_rest(std::uint8_t cla, ResponseApdu& response) {
    while (response.status.sw1() == sw1_more_data) {
        const ResponseApdu piece =
            exchange_with_right_le(iso7816::get_response(cla, length_of(response.status)));
        if (piece.status.sw1() == sw1_more_data && piece.data.empty())
            throw Error(ErrorCode::CardError, "the card promises more data and gives none");
        append(response.data, piece.data);
        response.status = piece.status;
        if (response.data.size() > answer_max)
            throw Error(ErrorCode::CardError, "the card's answer does not end");
    }
}

} // namespace digisign::card
