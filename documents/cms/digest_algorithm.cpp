// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/digest_algorithm.hpp"

#include "common/error.hpp"

#include <openssl/objects.h>

namespace digisign::documents {

const EVP_MD* openssl_digest(Digest digest) {
    switch (digest) {
    case Digest::None:
        break;
    case Digest::Sha1:
        return EVP_sha1();
    case Digest::Sha224:
        return EVP_sha224();
    case Digest::Sha256:
        return EVP_sha256();
    case Digest::Sha384:
        return EVP_sha384();
    case Digest::Sha512:
        return EVP_sha512();
    }
    throw Error(ErrorCode::InvalidArgument, "no digest algorithm was named");
}

std::optional<Digest> digest_from_nid(int nid) {
    switch (nid) {
    case NID_sha1:
        return Digest::Sha1;
    case NID_sha224:
        return Digest::Sha224;
    case NID_sha256:
        return Digest::Sha256;
    case NID_sha384:
        return Digest::Sha384;
    case NID_sha512:
        return Digest::Sha512;
    }
    return std::nullopt;
}

} // namespace digisign::documents
