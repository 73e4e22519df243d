// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/distinguished_name.hpp"

#include "common/bytes.hpp"

#include <algorithm>
#include <cstddef>

namespace digisign::client {

namespace {

/// Reads "CN=value" off the front up to the next unescaped ',' or '+' (RFC 4514 section 3).
std::string_view take_attribute(std::string_view& rest) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != ',' && rest[end] != '+')
        end += rest[end] == '\\' ? 2U : 1U;
    end = std::min(end, rest.size());
    const std::string_view attribute = rest.substr(0, end);
    rest.remove_prefix(end < rest.size() ? end + 1 : rest.size());
    return attribute;
}

/// "\," is a character, "\C3\A4" are octets (RFC 4514 section 2.4).
std::string unescape(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\' || i + 1 == value.size()) {
            result += value[i];
        } else if (const auto octet = from_hex(value.substr(i + 1, 2)); octet && octet->size() == 1) {
            result += static_cast<char>(octet->front());
            i += 2;
        } else {
            result += value[++i];
        }
    }
    return result;
}

} // namespace

std::string common_name(std::string_view distinguished_name) {
    std::string_view rest = distinguished_name;
    while (!rest.empty()) {
        const std::string_view attribute = take_attribute(rest);
        if (attribute.starts_with("CN="))
            return unescape(attribute.substr(3));
    }
    return std::string(distinguished_name);
}

} // namespace digisign::client
