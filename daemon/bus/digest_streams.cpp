// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/digest_streams.hpp"

#include "common/error.hpp"
#include "daemon/core/limits.hpp"

#include <utility>

namespace digisign::bus {

void DigestStreams::update(std::uint64_t number, Digest digest, ByteView data) {
    auto found = streams_.find(number);
    if (found == streams_.end()) {
        if (streams_.size() >= core::limits::digest_streams)
            throw Error(ErrorCode::LimitExceeded, "too many digests are under way");
        found = streams_.emplace(number, crypto::DigestStream(digest)).first;
    }
    if (found->second.digest() != digest)
        throw Error(ErrorCode::InvalidArgument, "this stream was begun with another digest");
    found->second.update(data);
}

Bytes DigestStreams::finish(std::uint64_t number, ByteView data) {
    auto stream = streams_.extract(number);
    if (!stream)
        throw Error(ErrorCode::InvalidArgument, "there is no such stream");
    stream.mapped().update(data);
    return stream.mapped().finish();
}

} // namespace digisign::bus
