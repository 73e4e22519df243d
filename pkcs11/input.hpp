// SPDX-License-Identifier: LGPL-2.1-or-later
// Data that an application hands over in pieces, of any length, to be digested, signed or verified.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "pkcs11/service.hpp"

#include <cstdint>
#include <memory>

namespace digisign::pkcs11 {

/// Keeps what fits into one call; what is longer goes to digisignd piece by piece as it comes.
class Input {
public:
    /// With Digest::None the data is taken as it is, and more than one call holds is
    /// Fault(CKR_DATA_LEN_RANGE).
    Input(std::shared_ptr<Service> service, Digest digest) : service_(std::move(service)), digest_(digest) {}
    ~Input();

    Input(Input&& other) noexcept;
    Input& operator=(Input&& other) noexcept;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    void add(ByteView data);

    struct Taken {
        Bytes data;
        bool digested = false; ///< it is the digest, because the data was too long
    };

    Taken take();

    /// The digest, whatever the length.
    Bytes digest();

private:
    void flush();

    std::shared_ptr<Service> service_;
    Digest digest_;
    Bytes data_;
    std::uint64_t stream_ = 0; ///< of digisignd; 0 if there is none
};

} // namespace digisign::pkcs11
