// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/mechanism.hpp"

#include <array>
#include <utility>

namespace digisign {

namespace {

struct DigestEntry {
    Digest digest;
    std::string_view name;
    std::size_t size;
};

constexpr std::array digests{
    DigestEntry{Digest::None, "", 0},           DigestEntry{Digest::Sha1, "SHA1", 20},
    DigestEntry{Digest::Sha224, "SHA224", 28},  DigestEntry{Digest::Sha256, "SHA256", 32},
    DigestEntry{Digest::Sha384, "SHA384", 48},  DigestEntry{Digest::Sha512, "SHA512", 64},
};

constexpr std::array<std::pair<SignatureScheme, std::string_view>, 3> schemes{{
    {SignatureScheme::RsaPkcs1, "RSA-PKCS1"},
    {SignatureScheme::RsaPss, "RSA-PSS"},
    {SignatureScheme::Ecdsa, "ECDSA"},
}};

constexpr std::string_view rsa_pkcs1_decryption = "RSA-PKCS1";
constexpr std::string_view rsa_oaep_prefix = "RSA-OAEP-";

} // namespace

std::size_t digest_size(Digest digest) { return digests[static_cast<std::size_t>(digest)].size; }

std::string_view digest_name(Digest digest) { return digests[static_cast<std::size_t>(digest)].name; }

std::optional<Digest> digest_from_name(std::string_view name) {
    for (const DigestEntry& entry : digests)
        if (!entry.name.empty() && entry.name == name)
            return entry.digest;
    return std::nullopt;
}

std::string mechanism_name(const SignatureMechanism& mechanism) {
    std::string name(schemes[static_cast<std::size_t>(mechanism.scheme)].second);
    if (mechanism.digest != Digest::None) {
        name += '-';
        name += digest_name(mechanism.digest);
    }
    return name;
}

std::optional<SignatureMechanism> mechanism_from_name(std::string_view name) {
    for (const auto& [scheme, prefix] : schemes) {
        if (name == prefix && scheme != SignatureScheme::RsaPss) // PSS has no meaning without its digest
            return SignatureMechanism{scheme, Digest::None};
        if (name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] == '-')
            if (const auto digest = digest_from_name(name.substr(prefix.size() + 1)))
                return SignatureMechanism{scheme, *digest};
    }
    return std::nullopt;
}

std::string mechanism_name(const DecipherMechanism& mechanism) {
    switch (mechanism.scheme) {
    case DecipherScheme::RsaPkcs1:
        return std::string(rsa_pkcs1_decryption);
    case DecipherScheme::RsaOaep:
        return std::string(rsa_oaep_prefix) + std::string(digest_name(mechanism.digest));
    }
    return {};
}

std::optional<DecipherMechanism> decipher_mechanism_from_name(std::string_view name) {
    if (name == rsa_pkcs1_decryption)
        return DecipherMechanism{DecipherScheme::RsaPkcs1, Digest::None};
    if (name.starts_with(rsa_oaep_prefix))
        if (const auto digest = digest_from_name(name.substr(rsa_oaep_prefix.size())))
            return DecipherMechanism{DecipherScheme::RsaOaep, *digest};
    return std::nullopt;
}

} // namespace digisign
