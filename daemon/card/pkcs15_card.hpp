// SPDX-License-Identifier: LGPL-2.1-or-later
// A card that describes itself as ISO 7816-15 says, and needs no driver of its own for that.

#pragma once

#include "daemon/card/iso7816_card.hpp"
#include "daemon/card/pkcs15/application.hpp"

namespace digisign::card {

class Pkcs15Card : public Iso7816Card {
public:
    Pkcs15Card(CardDescription description, pkcs15::Location location);

    void select_application(Transaction& transaction) override;

protected:
    /// MSE SET with security_environment(), then PSO COMPUTE DIGITAL SIGNATURE with the DigestInfo or digest.
    Bytes compute_signature(Transaction& transaction, const KeyDescription& key,
                            const SignatureMechanism& mechanism, ByteView data) override;

    /// The data objects that name key and algorithm. By default the key reference (tag 84), or where there is
    /// none the key file (81); the algorithm goes with the key.
    virtual Bytes security_environment(const KeyDescription& key) const;

private:
    const pkcs15::Location location_;
};

} // namespace digisign::card
