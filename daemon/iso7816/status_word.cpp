// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/status_word.hpp"

#include "common/bytes.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace digisign::iso7816 {

namespace {

// ISO 7816-4 section 5.6; 6A84, 6984 and 6986 as FINEID S1 uses them.
constexpr std::array<std::pair<std::uint16_t, std::string_view>, 24> names{{
    {0x9000, "success"},
    {0x6282, "end of file reached before all bytes were read"},
    {0x6283, "selected file is deactivated"},
    {0x6300, "verification failed"},
    {0x6700, "wrong length"},
    {0x6881, "logical channel not supported"},
    {0x6882, "secure messaging not supported"},
    {0x6884, "command chaining not supported"},
    {0x6982, "PIN has not been presented"},
    {0x6983, "PIN is blocked"},
    {0x6984, "reference data not usable, or its usage counter is spent"},
    {0x6985, "conditions of use not satisfied"},
    {0x6986, "command not allowed"},
    {0x6988, "incorrect secure messaging data"},
    {0x6999, "secure messaging channel is broken"},
    {0x6A80, "incorrect data in the command"},
    {0x6A81, "function not supported"},
    {0x6A82, "file not found"},
    {0x6A84, "no space in the file, or signature counter at its maximum"},
    {0x6A86, "incorrect parameters P1-P2"},
    {0x6A88, "referenced data not found"},
    {0x6B00, "offset outside the file"},
    {0x6D00, "instruction not supported"},
    {0x6E00, "class not supported"},
}};

std::string name_of(StatusWord status) {
    for (const auto& [value, name] : names)
        if (value == status.value)
            return std::string(name);
    if (const auto tries = status.tries_left())
        return "wrong PIN, " + std::to_string(*tries) + (*tries == 1 ? " try left" : " tries left");
    switch (status.sw1()) {
    case 0x61:
        return "more data available";
    case 0x6C:
        return "wrong expected length";
    case 0x64:
    case 0x65:
    case 0x66:
        return "execution error in the card";
    case 0x6F:
        return "card reports an internal error";
    }
    return "unknown status";
}

} // namespace

std::optional<unsigned> StatusWord::tries_left() const {
    if ((value & 0xFFF0) != 0x63C0)
        return std::nullopt;
    return value & 0x0Fu;
}

std::string describe(StatusWord status) {
    const std::array<std::uint8_t, 2> bytes{status.sw1(), status.sw2()};
    return to_hex(bytes) + " (" + name_of(status) + ")";
}

} // namespace digisign::iso7816
