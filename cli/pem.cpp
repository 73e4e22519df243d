// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pem.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace digisign::cli {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t octets_per_line = 48; // 64 characters, RFC 7468 section 2

/// RFC 4648 section 4.
std::string to_base64(ByteView bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < count ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            text += j <= count ? alphabet[group >> (18 - 6 * j) & 0x3F] : '=';
    }
    return text;
}

} // namespace

std::string to_pem(ByteView certificate) {
    std::string text = "-----BEGIN CERTIFICATE-----\n";
    while (!certificate.empty()) {
        const ByteView line = certificate.first(std::min(octets_per_line, certificate.size()));
        text += to_base64(line) + "\n";
        certificate = certificate.subspan(line.size());
    }
    return text + "-----END CERTIFICATE-----\n";
}

} // namespace digisign::cli
