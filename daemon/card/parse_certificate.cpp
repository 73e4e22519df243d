// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/parse_certificate.hpp"

#include "common/error.hpp"

namespace digisign::card {

std::optional<crypto::Certificate> parse_certificate(ByteView content, const std::string& name,
                                                     std::vector<std::string>& warnings) {
    try {
        return crypto::Certificate::from_der(content);
    } catch (const Error& error) {
        warnings.push_back(name + ": " + error.what());
        return std::nullopt;
    }
}

} // namespace digisign::card
