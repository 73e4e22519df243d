// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/gzip.hpp"

#include <zlib.h>

namespace digisign::card {

std::optional<Bytes> decompress(ByteView compressed, std::size_t size_max) {
    constexpr int any_header = 32 + MAX_WBITS; // gzip or zlib, whichever there is
    z_stream stream{};
    if (inflateInit2(&stream, any_header) != Z_OK)
        return std::nullopt;
    Bytes input = to_bytes(compressed); // zlib takes no const
    Bytes output(size_max);
    stream.next_in = input.data();
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = output.data();
    stream.avail_out = static_cast<uInt>(output.size());
    const int result = inflate(&stream, Z_FINISH);
    output.resize(size_max - stream.avail_out);
    (void)inflateEnd(&stream); // fails only for what is no stream
    return result == Z_STREAM_END ? std::optional(std::move(output)) : std::nullopt;
}

} // namespace digisign::card
