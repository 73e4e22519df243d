// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/ec_point.hpp"

#include "daemon/crypto/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <array>

namespace digisign::crypto {

Bytes encode_curve(const std::string& curve) {
    int number = EC_curve_nist2nid(curve.c_str());
    if (number == NID_undef)
        number = OBJ_sn2nid(curve.c_str());
    const ASN1_OBJECT* identifier = number == NID_undef ? nullptr : OBJ_nid2obj(number);
    return identifier != nullptr ? to_der<i2d_ASN1_OBJECT>(identifier) : Bytes();
}

Bytes encode_point(ByteView point) {
    const OctetStringPtr octets(ASN1_OCTET_STRING_new());
    if (!octets || ASN1_OCTET_STRING_set(octets.get(), point.data(), static_cast<int>(point.size())) != 1)
        return {};
    return to_der<i2d_ASN1_OCTET_STRING>(octets.get());
}

bool is_point_of(const std::string& curve, ByteView point) {
    constexpr std::uint8_t uncompressed = 0x04;
    if (curve.empty() || point.empty() || point.front() != uncompressed)
        return false;
    std::string name = curve; // OSSL_PARAM points to what might be written to
    Bytes octets = to_bytes(point);
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size()),
        OSSL_PARAM_construct_end()};
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    // Reading the point checks that it solves the curve's equation.
    const bool made = context && EVP_PKEY_fromdata_init(context.get()) > 0 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.data()) > 0;
    const EvpPkeyPtr owner(key);
    ERR_clear_error();
    return made;
}

} // namespace digisign::crypto
