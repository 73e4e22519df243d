// SPDX-License-Identifier: LGPL-2.1-or-later
// A signer with a key in memory and the two authorities above, made anew for each use. All their names say
// TEST.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::test {

enum class KeyKind { Rsa2048, P256, P384 };

class TestPki {
public:
    explicit TestPki(KeyKind kind);
    ~TestPki();
    TestPki(TestPki&&) noexcept;

    /// Reads what save() wrote into a directory.
    static TestPki load(const std::string& directory);
    /// Writes key.pem, signer.pem, issuer.pem and root.pem.
    void save(const std::string& directory) const;

    Bytes signer_certificate() const;
    /// Issuer and root, in an order that is not that of the chain, as cards have them.
    std::vector<Bytes> authorities() const;

    /// What a card would answer: the RSA signature, or r and s of ECDSA.
    Bytes sign(SignatureMechanism mechanism, ByteView digest) const;

private:
    struct State;
    explicit TestPki(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace digisign::test
