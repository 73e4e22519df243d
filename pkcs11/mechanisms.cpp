// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/mechanisms.hpp"

#include "pkcs11/fault.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace digisign::pkcs11 {

namespace {

struct SignatureEntry {
    CK_MECHANISM_TYPE type;
    SignatureMechanism mechanism; ///< PSS without a digest: its parameters name that
};

constexpr std::array<SignatureEntry, 18> signatures{{
    {CKM_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::None}},
    {CKM_SHA1_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::Sha1}},
    {CKM_SHA224_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::Sha224}},
    {CKM_SHA256_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::Sha256}},
    {CKM_SHA384_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::Sha384}},
    {CKM_SHA512_RSA_PKCS, {SignatureScheme::RsaPkcs1, Digest::Sha512}},
    {CKM_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::None}},
    {CKM_SHA1_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::Sha1}},
    {CKM_SHA224_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::Sha224}},
    {CKM_SHA256_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::Sha256}},
    {CKM_SHA384_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::Sha384}},
    {CKM_SHA512_RSA_PKCS_PSS, {SignatureScheme::RsaPss, Digest::Sha512}},
    {CKM_ECDSA, {SignatureScheme::Ecdsa, Digest::None}},
    {CKM_ECDSA_SHA1, {SignatureScheme::Ecdsa, Digest::Sha1}},
    {CKM_ECDSA_SHA224, {SignatureScheme::Ecdsa, Digest::Sha224}},
    {CKM_ECDSA_SHA256, {SignatureScheme::Ecdsa, Digest::Sha256}},
    {CKM_ECDSA_SHA384, {SignatureScheme::Ecdsa, Digest::Sha384}},
    {CKM_ECDSA_SHA512, {SignatureScheme::Ecdsa, Digest::Sha512}},
}};

/// A digest, and what else the standard calls by a number of its own for each.
struct DigestEntry {
    CK_MECHANISM_TYPE type;
    Digest digest;
    CK_RSA_PKCS_MGF_TYPE mgf;
    CK_EC_KDF_TYPE kdf;
};

constexpr std::array<DigestEntry, 5> digests{{
    {CKM_SHA_1, Digest::Sha1, CKG_MGF1_SHA1, CKD_SHA1_KDF},
    {CKM_SHA224, Digest::Sha224, CKG_MGF1_SHA224, CKD_SHA224_KDF},
    {CKM_SHA256, Digest::Sha256, CKG_MGF1_SHA256, CKD_SHA256_KDF},
    {CKM_SHA384, Digest::Sha384, CKG_MGF1_SHA384, CKD_SHA384_KDF},
    {CKM_SHA512, Digest::Sha512, CKG_MGF1_SHA512, CKD_SHA512_KDF},
}};

/// Everything keys can do, in the order of C_GetMechanismList. CKM_RSA_PKCS is for signing and deciphering.
constexpr auto types_of_keys = [] {
    std::array<CK_MECHANISM_TYPE, signatures.size() + 3> types{};
    const auto end = std::ranges::transform(signatures, types.begin(), &SignatureEntry::type).out;
    std::ranges::copy(std::array{CKM_RSA_PKCS_OAEP, CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE}, end);
    return types;
}();

bool can_sign_with(const Object& key, const SignatureMechanism& mechanism) {
    return std::ranges::any_of(key.mechanisms, [&mechanism](const std::string& name) {
        const auto offered = mechanism_from_name(name);
        return offered && offered->scheme == mechanism.scheme &&
               (offered->digest == mechanism.digest ||
                (mechanism == SignatureMechanism{SignatureScheme::RsaPss, Digest::None}));
    });
}

bool can_decipher_with(const Object& key, DecipherScheme scheme) {
    return std::ranges::any_of(key.decipher_mechanisms, [scheme](const std::string& name) {
        const auto offered = decipher_mechanism_from_name(name);
        return offered && offered->scheme == scheme;
    });
}

/// What the key does with the mechanism, as of CK_MECHANISM_INFO; 0 for nothing.
CK_FLAGS uses_of(const Object& key, CK_MECHANISM_TYPE type) {
    CK_FLAGS flags = 0;
    const auto signature = std::ranges::find(signatures, type, &SignatureEntry::type);
    if (signature != signatures.end() && can_sign(key) && can_sign_with(key, signature->mechanism))
        flags |= CKF_SIGN | CKF_VERIFY;
    if (type == CKM_RSA_PKCS && can_sign_with_recovery(key))
        flags |= CKF_SIGN_RECOVER;
    if ((type == CKM_RSA_PKCS && can_decipher_with(key, DecipherScheme::RsaPkcs1)) ||
        (type == CKM_RSA_PKCS_OAEP && can_decipher_with(key, DecipherScheme::RsaOaep)))
        flags |= CKF_ENCRYPT | CKF_DECRYPT | CKF_UNWRAP;
    if ((type == CKM_ECDH1_DERIVE || type == CKM_ECDH1_COFACTOR_DERIVE) && key.can_derive)
        flags |= CKF_DERIVE;
    if (flags == 0)
        return 0;
    if (key.algorithm == KeyAlgorithm::Ec)
        flags |= CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
    return flags | CKF_HW;
}

void require(bool condition, CK_RV otherwise) {
    if (!condition)
        throw Fault{otherwise};
}

void require_no_parameter(const CK_MECHANISM& mechanism) {
    require(mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
}

template <class Parameters>
Parameters read_parameters(const CK_MECHANISM& mechanism) {
    Parameters parameters{};
    require(mechanism.pParameter != nullptr && mechanism.ulParameterLen == sizeof parameters,
            CKR_MECHANISM_PARAM_INVALID);
    std::memcpy(&parameters, mechanism.pParameter, sizeof parameters); // it may be anywhere, not aligned
    return parameters;
}

Bytes read_bytes(const CK_BYTE* data, CK_ULONG length) {
    constexpr CK_ULONG length_max = 64 * 1024; // of one call of digisignd
    require((data != nullptr || length == 0) && length <= length_max, CKR_MECHANISM_PARAM_INVALID);
    return length == 0 ? Bytes{} : Bytes(data, data + length);
}

/// The digest of PSS and OAEP, if MGF1 uses the same.
Digest read_hash(CK_MECHANISM_TYPE hash, CK_RSA_PKCS_MGF_TYPE mgf) {
    const auto entry = std::ranges::find(digests, hash, &DigestEntry::type);
    require(entry != digests.end() && entry->mgf == mgf, CKR_MECHANISM_PARAM_INVALID);
    return entry->digest;
}

Digest read_pss_digest(const CK_MECHANISM& mechanism) {
    const auto parameters = read_parameters<CK_RSA_PKCS_PSS_PARAMS>(mechanism);
    const Digest digest = read_hash(parameters.hashAlg, parameters.mgf);
    require(parameters.sLen == digest_size(digest), CKR_MECHANISM_PARAM_INVALID);
    return digest;
}

Digest read_oaep_digest(const CK_MECHANISM& mechanism) {
    const auto parameters = read_parameters<CK_RSA_PKCS_OAEP_PARAMS>(mechanism);
    // Without a label there is nothing that `source` could tell of.
    require(parameters.ulSourceDataLen == 0, CKR_MECHANISM_PARAM_INVALID);
    return read_hash(parameters.hashAlg, parameters.mgf);
}

Digest read_kdf(CK_EC_KDF_TYPE kdf) {
    if (kdf == CKD_NULL)
        return Digest::None;
    const auto entry = std::ranges::find(digests, kdf, &DigestEntry::kdf);
    require(entry != digests.end(), CKR_MECHANISM_PARAM_INVALID);
    return entry->digest;
}

/// Section 2.3.3: the point itself (04‖X‖Y), or as CKA_EC_POINT has it, in a DER OCTET STRING. That begins
/// with 04 as well, so that only the length tells.
Bytes read_point(ByteView given, unsigned field_bits) {
    const std::size_t size = 1 + 2 * ((std::size_t{field_bits} + 7) / 8);
    if (given.size() > size) {
        Bytes header{0x04};
        if (size >= 0x80)
            header.push_back(0x81);
        header.push_back(static_cast<std::uint8_t>(size));
        require(std::ranges::equal(given.first(given.size() - size), header), CKR_MECHANISM_PARAM_INVALID);
        given = given.last(size);
    }
    require(given.size() == size && given.front() == 0x04, CKR_MECHANISM_PARAM_INVALID);
    return to_bytes(given);
}

} // namespace

bool can_sign(const Object& key) {
    return !key.mechanisms.empty() && (key.usage.sign || key.usage.non_repudiation);
}

bool can_sign_with_recovery(const Object& key) {
    return can_sign(key) && can_sign_with(key, {SignatureScheme::RsaPkcs1, Digest::None});
}

std::vector<CK_MECHANISM_TYPE> mechanisms_of(const Object& key) {
    std::vector<CK_MECHANISM_TYPE> found;
    std::ranges::copy_if(types_of_keys, std::back_inserter(found),
                         [&key](CK_MECHANISM_TYPE type) { return uses_of(key, type) != 0; });
    return found;
}

std::vector<CK_MECHANISM_TYPE> mechanisms_of(std::span<const Object* const> objects) {
    std::vector<CK_MECHANISM_TYPE> found;
    for (const CK_MECHANISM_TYPE type : types_of_keys)
        if (mechanism_info(type, objects))
            found.push_back(type);
    std::ranges::transform(digests, std::back_inserter(found), &DigestEntry::type);
    return found;
}

std::optional<CK_MECHANISM_INFO> mechanism_info(CK_MECHANISM_TYPE type,
                                                std::span<const Object* const> objects) {
    if (std::ranges::find(digests, type, &DigestEntry::type) != digests.end())
        return CK_MECHANISM_INFO{0, 0, CKF_DIGEST};
    std::optional<CK_MECHANISM_INFO> info;
    for (const Object* object : objects) {
        const CK_FLAGS flags = object->kind == ObjectKind::PrivateKey ? uses_of(*object, type) : 0;
        if (flags == 0)
            continue;
        if (!info)
            info = CK_MECHANISM_INFO{object->bits, object->bits, 0};
        info->ulMinKeySize = std::min<CK_ULONG>(info->ulMinKeySize, object->bits);
        info->ulMaxKeySize = std::max<CK_ULONG>(info->ulMaxKeySize, object->bits);
        info->flags |= flags;
    }
    return info;
}

SignatureCall read_signature_mechanism(const CK_MECHANISM& mechanism, const Object& key) {
    const auto entry = std::ranges::find(signatures, mechanism.mechanism, &SignatureEntry::type);
    require(entry != signatures.end(), CKR_MECHANISM_INVALID);
    SignatureCall call{entry->mechanism, entry->mechanism.digest == Digest::None};
    const bool is_ec = call.mechanism.scheme == SignatureScheme::Ecdsa;
    require(is_ec == (key.algorithm == KeyAlgorithm::Ec), CKR_KEY_TYPE_INCONSISTENT);
    require((uses_of(key, mechanism.mechanism) & CKF_SIGN) != 0, CKR_MECHANISM_INVALID);
    if (call.mechanism.scheme != SignatureScheme::RsaPss) {
        require_no_parameter(mechanism);
        return call;
    }
    const Digest digest = read_pss_digest(mechanism);
    require(call.digested || call.mechanism.digest == digest, CKR_MECHANISM_PARAM_INVALID);
    call.mechanism.digest = digest;
    require(can_sign_with(key, call.mechanism), CKR_MECHANISM_PARAM_INVALID);
    return call;
}

DecipherMechanism read_decipher_mechanism(const CK_MECHANISM& mechanism, const Object& key) {
    require(mechanism.mechanism == CKM_RSA_PKCS || mechanism.mechanism == CKM_RSA_PKCS_OAEP,
            CKR_MECHANISM_INVALID);
    require(key.algorithm == KeyAlgorithm::Rsa, CKR_KEY_TYPE_INCONSISTENT);
    require((uses_of(key, mechanism.mechanism) & CKF_DECRYPT) != 0, CKR_MECHANISM_INVALID);
    if (mechanism.mechanism == CKM_RSA_PKCS) {
        require_no_parameter(mechanism);
        return {DecipherScheme::RsaPkcs1, Digest::None};
    }
    const DecipherMechanism wanted{DecipherScheme::RsaOaep, read_oaep_digest(mechanism)};
    require(std::ranges::find(key.decipher_mechanisms, mechanism_name(wanted)) !=
                key.decipher_mechanisms.end(),
            CKR_MECHANISM_PARAM_INVALID);
    return wanted;
}

Digest read_digest_mechanism(const CK_MECHANISM& mechanism) {
    const auto entry = std::ranges::find(digests, mechanism.mechanism, &DigestEntry::type);
    require(entry != digests.end(), CKR_MECHANISM_INVALID);
    require_no_parameter(mechanism);
    return entry->digest;
}

DeriveCall read_derive_mechanism(const CK_MECHANISM& mechanism, const Object& key) {
    require(mechanism.mechanism == CKM_ECDH1_DERIVE || mechanism.mechanism == CKM_ECDH1_COFACTOR_DERIVE,
            CKR_MECHANISM_INVALID);
    require(key.algorithm == KeyAlgorithm::Ec, CKR_KEY_TYPE_INCONSISTENT);
    require((uses_of(key, mechanism.mechanism) & CKF_DERIVE) != 0, CKR_MECHANISM_INVALID);
    const auto parameters = read_parameters<CK_ECDH1_DERIVE_PARAMS>(mechanism);
    DeriveCall call;
    call.kdf = read_kdf(parameters.kdf);
    call.shared_info = read_bytes(parameters.pSharedData, parameters.ulSharedDataLen);
    require(call.kdf != Digest::None || call.shared_info.empty(), CKR_MECHANISM_PARAM_INVALID);
    call.peer_point = read_point(read_bytes(parameters.pPublicData, parameters.ulPublicDataLen), key.bits);
    return call;
}

} // namespace digisign::pkcs11
