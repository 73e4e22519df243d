// SPDX-License-Identifier: LGPL-2.1-or-later
// The digests that one connection has begun and not yet finished, see Cryptoki.DigestUpdate.

#pragma once

#include "daemon/crypto/digest.hpp"

#include <cstdint>
#include <map>

namespace digisign::bus {

class DigestStreams {
public:
    /// A new number begins a stream. Throws Error: LimitExceeded, InvalidArgument (the stream is of another
    /// digest).
    void update(std::uint64_t number, Digest digest, ByteView data);

    /// Ends the stream. Throws Error(InvalidArgument) if there is none.
    Bytes finish(std::uint64_t number, ByteView data);

    void cancel(std::uint64_t number) { streams_.erase(number); }

private:
    std::map<std::uint64_t, crypto::DigestStream> streams_;
};

} // namespace digisign::bus
