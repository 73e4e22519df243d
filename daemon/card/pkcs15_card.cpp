// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15_card.hpp"

#include "daemon/card/plain_text.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/ecdsa_signature.hpp"
#include "daemon/crypto/rsa_padding.hpp"
#include "daemon/iso7816/commands.hpp"

namespace digisign::card {

Pkcs15Card::Pkcs15Card(CardDescription description, pkcs15::Location location)
    : Iso7816Card(std::move(description)), location_(std::move(location)) {}

void Pkcs15Card::select_application(Transaction& transaction) {
    if (!pkcs15::select(transaction, location_))
        throw Error(ErrorCode::CardError, "the card's application is gone");
}

Bytes Pkcs15Card::security_environment(const KeyDescription& key, const KeyOperation&) const {
    if (key.reference != 0 || key.path.size() < 2)
        return {0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
    const ByteView file = ByteView(key.path).last(2);
    return {0x81, 0x02, file[0], file[1]};
}

/// What the card gets to sign.
Bytes Pkcs15Card::signature_input(const KeyDescription& key, const SignatureMechanism& mechanism,
                                  ByteView data) const {
    switch (mechanism.scheme) {
    case SignatureScheme::Ecdsa:
        return fit_to_field(data, signature_size(key) / 2);
    case SignatureScheme::RsaPss:
        return is_padded_here(mechanism) ? crypto::pad_pss(mechanism.digest, data, key.bits) : to_bytes(data);
    case SignatureScheme::RsaPkcs1:
        break;
    }
    const Bytes digest_info = mechanism.digest == Digest::None
                                  ? to_bytes(data)
                                  : crypto::encode_digest_info(mechanism.digest, data);
    return is_padded_here(mechanism) ? crypto::pad_pkcs1(digest_info, signature_size(key)) : digest_info;
}

Bytes Pkcs15Card::compute_signature(Transaction& transaction, const KeyDescription& key,
                                    const SignatureMechanism& mechanism, ByteView data) {
    const auto environment = iso7816::manage_security_environment(
        iso7816::ReferenceTemplate::DigitalSignature, security_environment(key, mechanism));
    expect_success(transaction.transmit(environment), "select the key for signing");

    const std::size_t size = signature_size(key);
    const bool is_ec = key.algorithm == KeyAlgorithm::Ec;
    // A DER signature is longer than r‖s, and of a length that differs from one to the next: ask for all
    // there is.
    const std::size_t expected = is_ec ? iso7816::CommandApdu::short_le_max : size;
    const auto response = transaction.transmit(
        iso7816::pso_compute_digital_signature(signature_input(key, mechanism, data), expected), long_data());
    expect_success(response, "sign");
    if (is_ec)
        if (auto raw = crypto::ecdsa_der_to_raw(response.data, size / 2))
            return std::move(*raw);
    return response.data;
}

SecureBuffer Pkcs15Card::compute_plain_text(Transaction& transaction, const KeyDescription& key,
                                            const DecipherMechanism& mechanism, ByteView cryptogram) {
    const auto environment = iso7816::manage_security_environment(iso7816::ReferenceTemplate::Confidentiality,
                                                                  security_environment(key, mechanism));
    expect_success(transaction.transmit(environment), "select the key for deciphering");
    SecureBuffer answer = expect_plain_text(transmit_cryptogram(transaction, cryptogram));
    return is_padded_here(mechanism) ? plain_text_of(mechanism, answer) : std::move(answer);
}

iso7816::SecretResponse Pkcs15Card::transmit_cryptogram(Transaction& transaction, ByteView cryptogram) const {
    return transaction.transmit_for_secret(
        iso7816::pso_decipher(iso7816::PaddingIndicator::NoIndication, cryptogram), long_data());
}

std::optional<CacheKey> cache_key_of(std::string_view driver, const pkcs15::TokenInfo& token_info) {
    if (token_info.serial_number.empty() || token_info.last_update.empty())
        return std::nullopt;
    return CacheKey{std::string(driver), token_info.serial_number, token_info.last_update};
}

} // namespace digisign::card
