// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/check_signature.hpp"

#include "common/error.hpp"
#include "daemon/crypto/certificate.hpp"

namespace digisign::card {

void check_signature(const CardDescription& card, const KeyDescription& key,
                     const SignatureMechanism& mechanism, ByteView data, ByteView signature) {
    const CertificateDescription* certificate = card.find_certificate(key.id);
    if (certificate == nullptr)
        return;
    if (!crypto::Certificate::from_der(certificate->der).public_key().verify(mechanism, data, signature))
        throw Error(ErrorCode::SignatureInvalid, "the card's signature does not match its certificate");
}

} // namespace digisign::card
