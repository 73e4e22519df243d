// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/response_apdu.hpp"

#include <utility>

namespace digisign::iso7816 {

namespace {

constexpr std::size_t status_word_size = 2;

StatusWord status_word_of(ByteView answer) {
    const ByteView status = answer.last(status_word_size);
    return {static_cast<std::uint16_t>(status[0] << 8 | status[1])};
}

} // namespace

std::optional<ResponseApdu> ResponseApdu::parse(ByteView answer) {
    if (answer.size() < status_word_size)
        return std::nullopt;
    return ResponseApdu{to_bytes(answer.first(answer.size() - status_word_size)), status_word_of(answer)};
}

std::optional<SecretResponse> SecretResponse::parse(SecureBuffer answer) {
    if (answer.size() < status_word_size)
        return std::nullopt;
    const StatusWord status = status_word_of(answer.view());
    answer.set_size(answer.size() - status_word_size);
    return SecretResponse{std::move(answer), status};
}

} // namespace digisign::iso7816
