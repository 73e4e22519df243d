// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/response_apdu.hpp"

namespace digisign::iso7816 {

std::optional<ResponseApdu> ResponseApdu::parse(ByteView answer) {
    if (answer.size() < 2)
        return std::nullopt;
    const ByteView status = answer.last(2);
    return ResponseApdu{to_bytes(answer.first(answer.size() - 2)),
                        StatusWord{static_cast<std::uint16_t>(status[0] << 8 | status[1])}};
}

} // namespace digisign::iso7816
