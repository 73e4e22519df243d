// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15_card.hpp"

#include "daemon/card/status_error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/ecdsa_signature.hpp"
#include "daemon/iso7816/commands.hpp"

namespace digisign::card {

namespace {

/// What the card gets to sign: RSA cards add the padding to a DigestInfo, EC cards take a number as long as
/// the field.
Bytes signature_input(const KeyDescription& key, const SignatureMechanism& mechanism, ByteView data) {
    if (key.algorithm == KeyAlgorithm::Ec)
        return fit_to_field(data, signature_size(key) / 2);
    if (mechanism.digest == Digest::None)
        return to_bytes(data);
    return crypto::encode_digest_info(mechanism.digest, data);
}

} // namespace

Pkcs15Card::Pkcs15Card(CardDescription description, pkcs15::Location location)
    : Iso7816Card(std::move(description)), location_(std::move(location)) {}

void Pkcs15Card::select_application(Transaction& transaction) {
    if (!pkcs15::select(transaction, location_))
        throw Error(ErrorCode::CardError, "the card's application is gone");
}

Bytes Pkcs15Card::security_environment(const KeyDescription& key) const {
    if (key.reference != 0 || key.path.size() < 2)
        return {0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
    const ByteView file = ByteView(key.path).last(2);
    return {0x81, 0x02, file[0], file[1]};
}

Bytes Pkcs15Card::compute_signature(Transaction& transaction, const KeyDescription& key,
                                    const SignatureMechanism& mechanism, ByteView data) {
    const auto environment = iso7816::manage_security_environment(
        iso7816::ReferenceTemplate::DigitalSignature, security_environment(key));
    expect_success(transaction.transmit(environment), "select the key for signing");

    const std::size_t size = signature_size(key);
    const bool is_ec = key.algorithm == KeyAlgorithm::Ec;
    // A DER signature is longer than r‖s, and of a length that differs from one to the next: ask for all
    // there is.
    const std::size_t expected = is_ec ? iso7816::CommandApdu::short_le_max : size;
    const auto response = transaction.transmit(
        iso7816::pso_compute_digital_signature(signature_input(key, mechanism, data), expected));
    expect_success(response, "sign");
    if (is_ec)
        if (auto raw = crypto::ecdsa_der_to_raw(response.data, size / 2))
            return std::move(*raw);
    return response.data;
}

} // namespace digisign::card
