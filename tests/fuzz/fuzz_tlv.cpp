// SPDX-License-Identifier: LGPL-2.1-or-later
// BER-TLV of any shape: no object may reach outside its input, and reading must come to an end.

#include "daemon/card/elementary_file.hpp"
#include "daemon/iso7816/ber_tlv.hpp"
#include "daemon/iso7816/response_apdu.hpp"

#include <cstdlib>

namespace {

using namespace digisign;

constexpr int depth_max = 16;

void require(bool condition) {
    if (!condition)
        std::abort();
}

bool is_inside(ByteView part, ByteView whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void walk(ByteView input, int depth) {
    iso7816::TlvReader reader(input);
    std::size_t total = 0;
    while (const auto object = reader.next()) {
        require(is_inside(object->encoded, input));
        require(object->value.empty() || is_inside(object->value, object->encoded));
        require(!object->encoded.empty());
        total += object->encoded.size();
        if (object->constructed() && depth < depth_max)
            walk(object->value, depth + 1);
    }
    require(total <= input.size());
    require(!reader.next());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    walk(input, 0);
    (void)card::parse_file_control(input);
    if (const auto response = iso7816::ResponseApdu::parse(input))
        (void)describe(response->status);
    return 0;
}
