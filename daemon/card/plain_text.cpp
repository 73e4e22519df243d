// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/plain_text.hpp"

#include "daemon/card/status_error.hpp"
#include "daemon/crypto/rsa_padding.hpp"

namespace digisign::card {

namespace sw = iso7816::sw;

Error cryptogram_invalid() {
    return {ErrorCode::CryptogramInvalid, "the card cannot decipher this data"};
}

SecureBuffer expect_plain_text(iso7816::SecretResponse response) {
    if (response.is_success())
        return std::move(response.data);
    if (response.status == sw::security_status_not_satisfied || response.status == sw::unknown_instruction ||
        response.status == sw::unknown_class)
        throw StatusError(response.status, "decipher");
    throw cryptogram_invalid();
}

SecureBuffer plain_text_of(const DecipherMechanism& mechanism, const SecureBuffer& block) {
    auto plain_text = crypto::unpad(mechanism, block.view());
    if (!plain_text)
        throw cryptogram_invalid();
    return std::move(*plain_text);
}

} // namespace digisign::card
