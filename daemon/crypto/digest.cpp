// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/digest.hpp"

#include "common/error.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace digisign::crypto {

namespace {

struct DigestOid {
    Digest digest;
    const char* openssl_name;
    /// Value of the OBJECT IDENTIFIER.
    Bytes oid;
};

const std::array<DigestOid, 5>& digest_oids() {
    static const std::array<DigestOid, 5> oids{{
        {Digest::Sha1, "SHA1", {0x2B, 0x0E, 0x03, 0x02, 0x1A}},
        {Digest::Sha224, "SHA224", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04}},
        {Digest::Sha256, "SHA256", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}},
        {Digest::Sha384, "SHA384", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}},
        {Digest::Sha512, "SHA512", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}},
    }};
    return oids;
}

const DigestOid& entry_of(Digest digest) {
    const auto found = std::ranges::find(digest_oids(), digest, &DigestOid::digest);
    if (found == digest_oids().end())
        throw Error(ErrorCode::Internal, "a digest without a name");
    return *found;
}

/// A data object whose value is shorter than 128 bytes, as all in a DigestInfo are.
Bytes short_tlv(std::uint8_t tag, ByteView value) {
    Bytes out{tag, static_cast<std::uint8_t>(value.size())};
    append(out, value);
    return out;
}

Bytes encode(const DigestOid& entry, ByteView value) {
    Bytes algorithm = short_tlv(0x06, entry.oid);
    append(algorithm, short_tlv(0x05, {})); // parameters NULL
    Bytes content = short_tlv(0x30, algorithm);
    append(content, short_tlv(0x04, value));
    return short_tlv(0x30, content);
}

} // namespace

Bytes digest_of(Digest digest, ByteView data) {
    const EVP_MD* md = EVP_get_digestbyname(entry_of(digest).openssl_name);
    Bytes value(digest_size(digest));
    unsigned length = 0;
    if (md == nullptr || EVP_Digest(data.data(), data.size(), value.data(), &length, md, nullptr) != 1 ||
        length != value.size())
        throw Error(ErrorCode::Internal, "OpenSSL cannot compute " + std::string(digest_name(digest)));
    return value;
}

void DigestStream::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

DigestStream::DigestStream(Digest digest) : digest_(digest), context_(EVP_MD_CTX_new()) {
    const EVP_MD* md = EVP_get_digestbyname(entry_of(digest).openssl_name);
    if (md == nullptr || !context_ || EVP_DigestInit_ex(context_.get(), md, nullptr) != 1)
        throw Error(ErrorCode::Internal, "OpenSSL cannot compute " + std::string(digest_name(digest)));
}

void DigestStream::update(ByteView data) {
    if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1)
        throw Error(ErrorCode::Internal, "OpenSSL cannot go on with a digest");
}

Bytes DigestStream::finish() {
    Bytes value(digest_size(digest_));
    if (EVP_DigestFinal_ex(context_.get(), value.data(), nullptr) != 1)
        throw Error(ErrorCode::Internal, "OpenSSL cannot finish a digest");
    return value;
}

Bytes encode_digest_info(Digest digest, ByteView value) {
    return encode(entry_of(digest), value);
}

std::optional<DigestInfo> parse_digest_info(ByteView der) {
    // Each digest has one DER form, so comparing with it is the whole parser.
    for (const DigestOid& entry : digest_oids()) {
        const std::size_t size = digest_size(entry.digest);
        if (der.size() > size && std::ranges::equal(der, encode(entry, der.last(size))))
            return DigestInfo{entry.digest, to_bytes(der.last(size))};
    }
    return std::nullopt;
}

} // namespace digisign::crypto
