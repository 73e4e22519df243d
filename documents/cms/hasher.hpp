// SPDX-License-Identifier: LGPL-2.1-or-later
// A digest over data that comes in pieces.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <memory>

namespace digisign::documents {

class Hasher {
public:
    /// Throws Error(InvalidArgument) for Digest::None.
    explicit Hasher(Digest digest);
    ~Hasher();

    void update(ByteView bytes);

    /// The digest of everything so far; the Hasher is used up.
    Bytes finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

Bytes hash(Digest digest, ByteView bytes);

} // namespace digisign::documents
