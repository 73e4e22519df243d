// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/ecdsa_signature.hpp"

#include "daemon/crypto/openssl_ptr.hpp"

#include <openssl/err.h>

namespace digisign::crypto {

std::optional<Bytes> ecdsa_der_to_raw(ByteView der, std::size_t field_size) {
    const unsigned char* position = der.data();
    const EcdsaSignaturePtr signature(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!signature || position != der.data() + der.size())
        return std::nullopt;
    const BIGNUM* r = ECDSA_SIG_get0_r(signature.get());
    const BIGNUM* s = ECDSA_SIG_get0_s(signature.get());
    Bytes raw(2 * field_size);
    const int half = static_cast<int>(field_size);
    if (BN_is_negative(r) || BN_is_negative(s) || BN_bn2binpad(r, raw.data(), half) != half ||
        BN_bn2binpad(s, raw.data() + field_size, half) != half)
        return std::nullopt;
    return raw;
}

std::optional<Bytes> ecdsa_raw_to_der(ByteView raw) {
    if (raw.empty() || raw.size() % 2 != 0)
        return std::nullopt;
    const std::size_t half = raw.size() / 2;
    const auto number = [](ByteView bytes) {
        return BignumPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    };
    BignumPtr r = number(raw.first(half));
    BignumPtr s = number(raw.last(half));
    const EcdsaSignaturePtr signature(ECDSA_SIG_new());
    if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return std::nullopt;
    (void)r.release(); // the signature owns both now
    (void)s.release();
    return to_der<i2d_ECDSA_SIG>(signature.get());
}

} // namespace digisign::crypto
