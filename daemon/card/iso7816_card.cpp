// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/iso7816_card.hpp"

#include "daemon/card/plain_text.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/ec_point.hpp"
#include "daemon/crypto/rsa_padding.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <array>

namespace digisign::card {

using iso7816::PinLengths;
using iso7816::PinPadCommand;
using iso7816::SensitiveApdu;

namespace sw = iso7816::sw;

namespace {

/// Longer data is no digest, and would not fit the commands.
constexpr std::size_t ecdsa_data_max = 128;

constexpr std::array all_digests{Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384,
                                 Digest::Sha512};

/// Of the modulus, or of a coordinate.
std::size_t size_in_bytes(const KeyDescription& key) {
    return (key.bits + 7u) / 8u;
}

iso7816::PinBlockFormat block_format(const PinDescription& pin) {
    return {pin.stored_length, pin.pad_byte};
}

PinOutcome on_pin_pad(Transaction& transaction, PinPadCommand command, const OnPinPad& pad,
                      std::string_view attempt) {
    using Kind = PinOutcome::Kind;
    command.timeout = pad.timeout;
    const iso7816::StatusWord status = transaction.transmit_on_pin_pad(command).status;
    if (status == sw::pin_pad_timed_out)
        return {Kind::PadTimedOut, std::nullopt};
    if (status == sw::pin_pad_cancelled)
        return {Kind::PadCancelled, std::nullopt};
    if (status == sw::pin_pad_new_pin_differs)
        return {Kind::PadMismatch, std::nullopt};
    if (status == sw::pin_pad_length)
        return {Kind::BadLength, std::nullopt};
    if (status == sw::pin_pad_parameter)
        throw Error(ErrorCode::NotSupported, "the reader cannot ask for the PIN in the form this card wants");
    return pin_outcome(status, attempt);
}

} // namespace

std::size_t signature_size(const KeyDescription& key) {
    return key.algorithm == KeyAlgorithm::Ec ? 2 * size_in_bytes(key) : size_in_bytes(key);
}

std::vector<SignatureMechanism> digest_mechanisms(KeyAlgorithm algorithm) {
    const SignatureScheme scheme =
        algorithm == KeyAlgorithm::Ec ? SignatureScheme::Ecdsa : SignatureScheme::RsaPkcs1;
    std::vector<SignatureMechanism> mechanisms{{scheme, Digest::None}};
    for (const Digest digest : all_digests)
        mechanisms.push_back({scheme, digest});
    return mechanisms;
}

std::vector<SignatureMechanism> pss_mechanisms(unsigned modulus_bits) {
    std::vector<SignatureMechanism> mechanisms;
    for (const Digest digest : all_digests)
        if (crypto::pss_fits(digest, modulus_bits))
            mechanisms.push_back({SignatureScheme::RsaPss, digest});
    return mechanisms;
}

std::vector<DecipherMechanism> decipher_mechanisms(unsigned modulus_bits) {
    std::vector<DecipherMechanism> mechanisms{{DecipherScheme::RsaPkcs1, Digest::None}};
    for (const Digest digest : all_digests) {
        const DecipherMechanism mechanism{DecipherScheme::RsaOaep, digest};
        if (crypto::plain_text_max(mechanism, modulus_bits / 8) > 0)
            mechanisms.push_back(mechanism);
    }
    return mechanisms;
}

Bytes fit_to_field(ByteView digest, std::size_t field_size) {
    if (digest.size() >= field_size)
        return to_bytes(digest.first(field_size));
    Bytes padded(field_size - digest.size(), 0x00);
    append(padded, digest);
    return padded;
}

PinOutcome pin_outcome(iso7816::StatusWord status, std::string_view attempt) {
    using Kind = PinOutcome::Kind;
    if (status.is_success())
        return {Kind::Accepted, std::nullopt};
    if (const auto tries_left = status.tries_left())
        return *tries_left == 0 ? PinOutcome{Kind::Blocked, std::nullopt}
                                : PinOutcome{Kind::Wrong, tries_left};
    if (status == sw::verification_failed)
        return {Kind::Wrong, std::nullopt};
    if (status == sw::authentication_method_blocked || status == sw::reference_data_not_usable)
        return {Kind::Blocked, std::nullopt};
    if (status == sw::wrong_length || status == sw::incorrect_data)
        return {Kind::BadLength, std::nullopt};
    throw Error(ErrorCode::CardError,
                "the card refused to " + std::string(attempt) + ": " + describe(status));
}

PinStatus Iso7816Card::pin_status(Transaction& transaction, const PinDescription& pin) {
    const auto status = transaction.transmit(iso7816::verify_status(pin.reference)).status;
    PinStatus result;
    result.verified = status.is_success();
    result.tries_left = status.tries_left();
    result.blocked = result.tries_left == 0u || status == sw::authentication_method_blocked ||
                     status == sw::reference_data_not_usable;
    if (result.blocked)
        result.tries_left = 0;
    return result; // any other answer says nothing about the PIN: all unknown
}

bool Iso7816Card::is_verified(Transaction& transaction, const PinDescription& pin) {
    return transaction.transmit(iso7816::verify_status(pin.reference)).is_success();
}

PinOutcome Iso7816Card::verify(Transaction& transaction, const PinDescription& pin, const PinInput& input) {
    const std::string attempt = "check " + pin.label;
    if (const auto* pad = std::get_if<OnPinPad>(&input))
        return on_pin_pad(
            transaction,
            PinPadCommand::verify(pin.reference, block_format(pin), {pin.min_length, pin.max_length}), *pad,
            attempt);
    const auto& value = std::get<PinValue>(input);
    const auto command = SensitiveApdu::verify(pin.reference, value, block_format(pin));
    return pin_outcome(transaction.transmit_sensitive(command).status, attempt);
}

PinOutcome Iso7816Card::change_pin(Transaction& transaction, const PinDescription& pin,
                                   const NewPinInput& input) {
    if (!pin.can_change)
        throw Error(ErrorCode::NotSupported, pin.label + " cannot be changed");
    const std::string attempt = "change " + pin.label;
    if (const auto* pad = std::get_if<OnPinPad>(&input))
        return on_pin_pad(transaction,
                          PinPadCommand::change_reference_data(pin.reference, block_format(pin),
                                                               {pin.min_length, pin.max_length}),
                          *pad, attempt);
    const auto& values = std::get<NewPinValues>(input);
    const auto command =
        SensitiveApdu::change_reference_data(pin.reference, values.proof, values.new_pin, block_format(pin));
    return pin_outcome(transaction.transmit_sensitive(command).status, attempt);
}

PinOutcome Iso7816Card::unblock_pin(Transaction& transaction, const PinDescription& pin,
                                    const NewPinInput& input) {
    if (!pin.can_unblock)
        throw Error(ErrorCode::NotSupported, pin.label + " cannot be unblocked");
    const std::string attempt = "unblock " + pin.label;
    const PinDescription& puk = puk_of(pin);
    if (const auto* pad = std::get_if<OnPinPad>(&input)) {
        if (block_format(puk) != block_format(pin))
            throw Error(ErrorCode::NotSupported, "a reader's keys cannot be used to unblock " + pin.label);
        // The reader has one rule for both values.
        const PinLengths either{std::min(puk.min_length, pin.min_length),
                                std::max(puk.max_length, pin.max_length)};
        return on_pin_pad(transaction,
                          PinPadCommand::reset_retry_counter(pin.reference, block_format(pin), either), *pad,
                          attempt);
    }
    const auto& values = std::get<NewPinValues>(input);
    const auto command = SensitiveApdu::reset_retry_counter(pin.reference, values.proof, block_format(puk),
                                                            values.new_pin, block_format(pin));
    return pin_outcome(transaction.transmit_sensitive(command).status, attempt);
}

/// A PUK that is no object of its own is laid out as the PIN is.
const PinDescription& Iso7816Card::puk_of(const PinDescription& pin) const {
    const PinDescription* puk = pin.puk_reference ? description_.find_pin(*pin.puk_reference) : nullptr;
    return puk != nullptr ? *puk : pin;
}

Bytes Iso7816Card::sign(Transaction& transaction, const KeyDescription& key,
                        const SignatureMechanism& mechanism, ByteView data) {
    if (std::ranges::find(key.mechanisms, mechanism) == key.mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported,
                    "the key \"" + key.label + "\" cannot sign with " + mechanism_name(mechanism));
    check_data(key, mechanism, data);
    Bytes signature = compute_signature(transaction, key, mechanism, data);
    if (signature.size() != signature_size(key))
        throw Error(ErrorCode::CardError, "the card's signature has " + std::to_string(signature.size()) +
                                              " bytes instead of " + std::to_string(signature_size(key)));
    return signature;
}

void Iso7816Card::check_data(const KeyDescription& key, const SignatureMechanism& mechanism,
                             ByteView data) const {
    if (mechanism.digest != Digest::None) {
        if (data.size() != digest_size(mechanism.digest))
            throw Error(ErrorCode::DigestLengthInvalid, "a " + std::string(digest_name(mechanism.digest)) +
                                                            " digest has " +
                                                            std::to_string(digest_size(mechanism.digest)) +
                                                            " bytes, not " + std::to_string(data.size()));
        return;
    }
    switch (mechanism.scheme) {
    case SignatureScheme::RsaPkcs1:
        if (data.empty() || data.size() > crypto::pkcs1_data_max(size_in_bytes(key)))
            throw Error(ErrorCode::DigestLengthInvalid, "the data to sign does not fit the key");
        if (!signs_any_data() && !crypto::parse_digest_info(data))
            throw Error(ErrorCode::DigestLengthInvalid,
                        "this card signs nothing but a digest with its name (DigestInfo)");
        return;
    case SignatureScheme::RsaPss:
        throw Error(ErrorCode::MechanismUnsupported, "RSA-PSS needs the name of a digest");
    case SignatureScheme::Ecdsa:
        if (data.empty() || data.size() > ecdsa_data_max)
            throw Error(ErrorCode::DigestLengthInvalid, "the data to sign is not a digest");
        return;
    }
}

SecureBuffer Iso7816Card::decipher(Transaction& transaction, const KeyDescription& key,
                                   const DecipherMechanism& mechanism, ByteView cryptogram) {
    if (std::ranges::find(key.decipher_mechanisms, mechanism) == key.decipher_mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported,
                    "the key \"" + key.label + "\" cannot decipher with " + mechanism_name(mechanism));
    if (cryptogram.size() != size_in_bytes(key))
        throw cryptogram_invalid();
    SecureBuffer plain_text = compute_plain_text(transaction, key, mechanism, cryptogram);
    if (plain_text.size() > crypto::plain_text_max(mechanism, cryptogram.size()))
        throw Error(ErrorCode::CardError, "the card's plain text is longer than there can be one");
    return plain_text;
}

SecureBuffer Iso7816Card::compute_plain_text(Transaction&, const KeyDescription&, const DecipherMechanism&,
                                             ByteView) {
    throw Error(ErrorCode::MechanismUnsupported, "the card does not decipher");
}

SecureBuffer Iso7816Card::derive(Transaction& transaction, const KeyDescription& key, ByteView peer_point) {
    if (!key.can_derive)
        throw Error(ErrorCode::MechanismUnsupported,
                    "the key \"" + key.label + "\" cannot derive another one");
    if (!crypto::is_point_of(key.curve, peer_point))
        throw Error(ErrorCode::InvalidArgument,
                    "the other side's public key is no point of the curve " + key.curve);
    SecureBuffer secret = compute_shared_secret(transaction, key, peer_point);
    if (secret.size() != size_in_bytes(key))
        throw Error(ErrorCode::CardError, "the card's shared secret has " + std::to_string(secret.size()) +
                                              " bytes instead of " + std::to_string(size_in_bytes(key)));
    return secret;
}

SecureBuffer Iso7816Card::compute_shared_secret(Transaction&, const KeyDescription&, ByteView) {
    throw Error(ErrorCode::MechanismUnsupported, "the card does not derive keys");
}

bool Iso7816Card::log_out(Transaction& transaction, const PinSet& keep) {
    select_application(transaction);
    return keep.empty();
}

ActivationState Iso7816Card::activation_state(const std::vector<PinStatus>&) const {
    return ActivationState::Active;
}

} // namespace digisign::card
