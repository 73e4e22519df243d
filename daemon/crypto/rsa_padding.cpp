// SPDX-License-Identifier: LGPL-2.1-or-later

// OpenSSL wants padding to be done along with a key, and ours are in cards. Its functions for padding alone
// are deprecated for that reason, but they are what has been proven to run in constant time.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "daemon/crypto/rsa_padding.hpp"

#include "common/error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/random.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <functional>
#include <string>

namespace digisign::crypto {

namespace {

constexpr std::size_t pkcs1_overhead = 11; // 00 01 and 00, and eight bytes of filler at least

const EVP_MD* openssl_digest(Digest digest) {
    return EVP_get_digestbyname(std::string(digest_name(digest)).c_str());
}

/// MGF1, appendix B.2.1.
Bytes mask(Digest digest, ByteView seed, std::size_t length) {
    Bytes result;
    for (std::uint32_t counter = 0; result.size() < length; ++counter) {
        Bytes input = to_bytes(seed);
        for (const int shift : {24, 16, 8, 0})
            input.push_back(static_cast<std::uint8_t>(counter >> shift));
        append(result, digest_of(digest, input));
    }
    result.resize(length);
    return result;
}

/// emLen of section 9.1: of one bit less than the modulus has.
std::size_t pss_size(unsigned modulus_bits) {
    return (modulus_bits - 1u + 7u) / 8u;
}

} // namespace

std::size_t pkcs1_data_max(std::size_t modulus_size) {
    return modulus_size > pkcs1_overhead ? modulus_size - pkcs1_overhead : 0;
}

Bytes pad_pkcs1(ByteView data, std::size_t modulus_size) {
    if (data.size() > pkcs1_data_max(modulus_size))
        throw Error(ErrorCode::Internal, "the RSA key is too short for the digest");
    Bytes block{0x00, 0x01};
    block.resize(modulus_size - data.size() - 1, 0xFF);
    block.push_back(0x00);
    append(block, data);
    return block;
}

bool pss_fits(Digest digest, unsigned modulus_bits) {
    return modulus_bits != 0 && pss_size(modulus_bits) >= 2 * digest_size(digest) + 2;
}

Bytes pad_pss(Digest digest, ByteView digest_value, unsigned modulus_bits) {
    const std::size_t hash_size = digest_size(digest);
    if (!pss_fits(digest, modulus_bits) || digest_value.size() != hash_size)
        throw Error(ErrorCode::Internal, "the RSA key is too short for the digest");
    const Bytes salt = random_bytes(hash_size);
    Bytes salted(8, 0x00); // M'
    append(salted, digest_value);
    append(salted, salt);
    const Bytes hash = digest_of(digest, salted);

    Bytes block(pss_size(modulus_bits) - 2 * hash_size - 2, 0x00); // DB
    block.push_back(0x01);
    append(block, salt);
    const Bytes block_mask = mask(digest, hash, block.size());
    std::ranges::transform(block, block_mask, block.begin(), std::bit_xor<std::uint8_t>());
    const auto unused_bits = static_cast<unsigned>(8 * pss_size(modulus_bits)) - (modulus_bits - 1);
    block.front() &= static_cast<std::uint8_t>(0xFFu >> unused_bits);

    append(block, hash);
    block.push_back(0xBC);
    block.insert(block.begin(), (modulus_bits + 7u) / 8u - block.size(), 0x00);
    return block;
}

std::size_t plain_text_max(const DecipherMechanism& mechanism, std::size_t modulus_size) {
    const std::size_t overhead =
        mechanism.scheme == DecipherScheme::RsaPkcs1 ? pkcs1_overhead : 2 * digest_size(mechanism.digest) + 2;
    return modulus_size > overhead ? modulus_size - overhead : 0;
}

std::optional<SecureBuffer> unpad(const DecipherMechanism& mechanism, ByteView block) {
    const int size = static_cast<int>(block.size());
    SecureBuffer plain(block.size());
    int length = -1;
    switch (mechanism.scheme) {
    case DecipherScheme::RsaPkcs1:
        length = RSA_padding_check_PKCS1_type_2(plain.data(), size, block.data(), size, size);
        break;
    case DecipherScheme::RsaOaep: {
        const EVP_MD* digest = openssl_digest(mechanism.digest);
        length = RSA_padding_check_PKCS1_OAEP_mgf1(plain.data(), size, block.data(), size, size, nullptr, 0,
                                                   digest, digest);
        break;
    }
    }
    ERR_clear_error();
    if (length < 0)
        return std::nullopt;
    plain.set_size(static_cast<std::size_t>(length));
    return plain;
}

} // namespace digisign::crypto
