// SPDX-License-Identifier: LGPL-2.1-or-later
// Finnish citizen card, FINEID S4-1 v3.0 to v4.1, on the contact interface. Command numbers and tables are
// those of FINEID S1 v4.2 and S4-1 v4.2 as public implementations cite them; docs/adding-a-card.md says where
// to find both.

#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/drivers/fineid_activation.hpp"
#include "daemon/card/elementary_file.hpp"
#include "daemon/card/iso7816_card.hpp"
#include "daemon/card/parse_certificate.hpp"
#include "daemon/card/pkcs15/token_info.hpp"
#include "daemon/card/plain_text.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/iso7816/aid.hpp"
#include "daemon/iso7816/ber_tlv.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <array>

namespace digisign::card {

namespace {

using iso7816::CommandApdu;
using iso7816::SelectAnswer;
using iso7816::SelectBy;

// The family; the issuer's technology note on ATR bytes lists a new sub-version every year or so.
constexpr std::string_view historical[] = {"80 31 B8 65 B0 85 03", "80 31 B8 65 B0 85 04",
                                           "80 31 B8 65 B0 85 05"};

enum class Profile { V3, V4 };

struct Generation {
    std::string_view historical;
    Profile profile;
    std::string_view name;
    std::string_view model;
};

constexpr std::array generations{
    Generation{"80 31 B8 65 B0 85 03 00 EF", Profile::V3, "FINEID v3.0", "MultiApp v3.0"},
    Generation{"80 31 B8 65 B0 85 04 02 1B", Profile::V3, "FINEID v3.1", "MultiApp v4.2"},
    Generation{"80 31 B8 65 B0 85 05 00 11", Profile::V4, "FINEID v4.0", "MultiApp v5.0"},
    Generation{"80 31 B8 65 B0 85 05 10 24", Profile::V4, "FINEID v4.1", "MultiApp v5"},
    Generation{"80 31 B8 65 B0 85 03", Profile::V3, "FINEID v3", "MultiApp v3"},
    Generation{"80 31 B8 65 B0 85 04", Profile::V3, "FINEID v3", "MultiApp v4"},
    Generation{"80 31 B8 65 B0 85 05", Profile::V4, "FINEID v4", "MultiApp v5"},
};

/// A file with a certificate of the holder, and the key that belongs to it (S4-1 section 8). Which of them is
/// for authentication and which for signatures is said by the certificate, not by the place.
struct HolderSlot {
    std::uint8_t id; ///< iD, the same since the first FINEID cards: 45 authentication, 46 signature
    std::array<std::uint8_t, 4> path;
    std::size_t path_length;
    std::optional<std::uint8_t> key_v3;
    std::optional<std::uint8_t> key_v4;

    ByteView file() const { return ByteView(path).first(path_length); }
    std::optional<std::uint8_t> key(Profile profile) const {
        return profile == Profile::V3 ? key_v3 : key_v4;
    }
};

constexpr std::array holder_slots{
    HolderSlot{0x45, {0x43, 0x31}, 2, 0x01, 0x01},
    HolderSlot{0x46, {0x50, 0x16, 0x43, 0x32}, 4, 0x02, 0x02},
    HolderSlot{0x47, {0x50, 0x16, 0x43, 0x35}, 4, 0x03, std::nullopt},
    HolderSlot{0x48, {0x50, 0x16, 0x43, 0x33}, 4, std::nullopt, std::nullopt},
};

/// Root and issuing authority, under the MF.
constexpr std::array<std::array<std::uint8_t, 2>, 2> authority_files{{{0x43, 0x34}, {0x43, 0x36}}};

constexpr std::array<std::uint8_t, 2> token_info_file{0x50, 0x32};

// S1 section 3.5.
constexpr std::uint8_t pin1_reference = 0x11;
constexpr std::uint8_t pin2_reference = 0x82;
constexpr std::uint8_t puk_reference = 0x83;
constexpr std::size_t pin_stored_length = 12;

/// The end of a certificate is its issuer's signature, which no other certificate shares.
constexpr std::size_t fingerprint_size = 64;

std::optional<FileControl> select_path(Transaction& transaction, ByteView path) {
    return select_file(transaction, iso7816::select(SelectBy::PathFromMf, path, SelectAnswer::Fcp));
}

CommandApdu select_application_command() {
    return iso7816::select(SelectBy::DfName, iso7816::aid_pkcs15, SelectAnswer::None);
}

/// High nibble of the algorithm reference, S1 section 3.6.3, in the order of Digest.
constexpr std::array<std::uint8_t, 6> hash_nibbles{0x00, 0x10, 0x30, 0x40, 0x50, 0x60};

/// The low nibble.
constexpr std::uint8_t scheme_rsa_pkcs1 = 0x02;
constexpr std::uint8_t scheme_ecdsa = 0x04;
constexpr std::uint8_t scheme_rsa_pss = 0x05;

/// For deciphering, table 7. PKCS#1 v1.5 has no digest and yet a high nibble.
constexpr std::uint8_t decipher_rsa_pkcs1 = 0x1A;
constexpr std::uint8_t scheme_rsa_oaep = 0x0D;

struct SigningInput {
    std::uint8_t algorithm;
    Bytes digest;
};

/// False if the card does not know the command.
bool end_verification(Transaction& transaction, std::uint8_t reference) {
    return transaction.transmit(iso7816::verify_end(reference)).is_success();
}

std::uint8_t algorithm_reference(Digest digest, std::uint8_t scheme) {
    return hash_nibbles[static_cast<std::size_t>(digest)] | scheme;
}

/// A digest of SHA-2 goes as it is, under its own name. Any other (SHA-1, which the card's policy may forbid,
/// or bytes of the caller's own) goes as the digest that fits the curve; for ECDSA that is the same number.
SigningInput ecdsa_input(const KeyDescription& key, ByteView data) {
    for (const Digest digest : {Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512})
        if (data.size() == digest_size(digest))
            return {algorithm_reference(digest, scheme_ecdsa), to_bytes(data)};
    const Digest fitting = key.bits <= 256   ? Digest::Sha256
                           : key.bits <= 384 ? Digest::Sha384
                                             : Digest::Sha512;
    return {algorithm_reference(fitting, scheme_ecdsa), fit_to_field(data, digest_size(fitting))};
}

/// The card makes DigestInfo and padding itself, so a DigestInfo is taken apart first.
SigningInput rsa_input(const SignatureMechanism& mechanism, ByteView data) {
    const std::uint8_t scheme =
        mechanism.scheme == SignatureScheme::RsaPss ? scheme_rsa_pss : scheme_rsa_pkcs1;
    crypto::DigestInfo info{mechanism.digest, to_bytes(data)};
    if (mechanism.digest == Digest::None)
        info = crypto::parse_digest_info(data).value(); // Iso7816Card::sign() made sure that it is one
    return {algorithm_reference(info.digest, scheme), std::move(info.value)};
}

class FineidCard : public Iso7816Card {
public:
    explicit FineidCard(CardDescription description) : Iso7816Card(std::move(description)) {}

    void select_application(Transaction& transaction) override {
        expect_success(transaction.transmit(select_application_command()), "select its application");
    }

    /// GET DATA, PIN container (S1 section 3.15): unlike VERIFY it tells whether the holder ever changed the
    /// PIN.
    PinStatus pin_status(Transaction& transaction, const PinDescription& pin) override {
        const CommandApdu command{.ins = 0xCB,
                                  .p2 = 0xFF,
                                  .data = {0xA0, 0x03, 0x83, 0x01, pin.reference},
                                  .le = CommandApdu::short_le_max};
        const auto response = transaction.transmit(command);
        const auto container = iso7816::find_tlv(response.data, 0xA0);
        const auto counters = container ? iso7816::find_tlv(container->value, 0xDF21) : std::nullopt;
        if (!response.is_success() || !counters || counters->value.empty())
            return Iso7816Card::pin_status(transaction, pin);
        PinStatus status;
        status.tries_left = counters->value[0];
        status.blocked = status.tries_left == 0u;
        if (const auto changed = iso7816::find_tlv(container->value, 0xDF2F);
            changed && !changed->value.empty())
            status.factory_value = changed->value[0] == 0x00;
        return status;
    }

    /// PIN 1 is global, so SELECT does not end it but VERIFY with P1 = FF does (S1). PIN 2 is local and ends
    /// with either. While PIN 1 is kept SELECT is the second choice: that it spares PIN 1 is what the
    /// specification says, but has not been seen on every card.
    bool log_out(Transaction& transaction, const PinSet& keep) override {
        const bool pin1_ended =
            keep.contains(pin1_reference) || end_verification(transaction, pin1_reference);
        const bool pin2_ended =
            !keep.empty() && (keep.contains(pin2_reference) || end_verification(transaction, pin2_reference));
        if (!pin2_ended)
            select_application(transaction);
        if (!pin1_ended && is_verified(transaction, *description().find_pin(pin1_reference)))
            throw Error(ErrorCode::CardError, "the card does not end the login");
        return true;
    }

    ActivationState activation_state(const std::vector<PinStatus>& statuses) const override {
        const auto& pins = description().pins;
        std::vector<PinStatus> holder_pins;
        for (std::size_t i = 0; i < std::min(statuses.size(), pins.size()); ++i)
            if (pins[i].role != PinRole::Puk)
                holder_pins.push_back(statuses[i]);
        const auto first = crypto::Certificate::from_der(description().certificates.at(0).der);
        return fineid_activation_state(holder_pins, first.not_before());
    }

protected:
    Bytes compute_signature(Transaction& transaction, const KeyDescription& key,
                            const SignatureMechanism& mechanism, ByteView data) override {
        const SigningInput input =
            key.algorithm == KeyAlgorithm::Ec ? ecdsa_input(key, data) : rsa_input(mechanism, data);
        const std::array<std::uint8_t, 6> objects{0x80, 0x01, input.algorithm,
                                                  0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
        const CommandApdu environment =
            iso7816::manage_security_environment(iso7816::ReferenceTemplate::DigitalSignature, objects);
        if (transaction.has_environment(environment) && environment_lasts_ != Lasts::No)
            if (auto signature = sign_once_more(transaction, key, mechanism, data, input))
                return std::move(*signature);
        const auto selected = transaction.set_environment(environment);
        if (selected.status == iso7816::sw::command_not_allowed)
            throw Error(ErrorCode::MechanismUnsupported,
                        "the card does not allow " + mechanism_name(mechanism));
        expect_success(selected, "select the key for signing");
        expect_success(transaction.transmit(iso7816::pso_hash_external(input.digest)),
                       "take the digest to sign");
        const auto response =
            transaction.transmit(iso7816::pso_compute_digital_signature({}, signature_size(key)));
        expect_success(response, "sign");
        return response.data;
    }

    SecureBuffer compute_plain_text(Transaction& transaction, const KeyDescription& key,
                                    const DecipherMechanism& mechanism, ByteView cryptogram) override {
        const std::uint8_t algorithm = mechanism.scheme == DecipherScheme::RsaPkcs1
                                           ? decipher_rsa_pkcs1
                                           : algorithm_reference(mechanism.digest, scheme_rsa_oaep);
        const std::array<std::uint8_t, 6> environment{0x80, 0x01, algorithm,
                                                      0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
        const auto selected = transaction.transmit(
            iso7816::manage_security_environment(iso7816::ReferenceTemplate::Confidentiality, environment));
        if (selected.status == iso7816::sw::command_not_allowed)
            throw Error(ErrorCode::MechanismUnsupported,
                        "the card does not allow " + mechanism_name(mechanism));
        expect_success(selected, "select the key for deciphering");
        return expect_plain_text(transaction.transmit_for_secret(
            iso7816::pso_decipher(iso7816::PaddingIndicator::Proprietary, cryptogram)));
    }

    /// The point goes where a cryptogram goes, with an environment that names no algorithm.
    SecureBuffer compute_shared_secret(Transaction& transaction, const KeyDescription& key,
                                       ByteView peer_point) override {
        const std::array<std::uint8_t, 3> environment{0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
        const auto selected = transaction.transmit(
            iso7816::manage_security_environment(iso7816::ReferenceTemplate::Confidentiality, environment));
        expect_success(selected, "select the key for deriving");
        auto response = transaction.transmit_for_secret(
            iso7816::pso_decipher(iso7816::PaddingIndicator::NoIndication, peer_point));
        expect_success(response, "derive a key");
        return std::move(response.data);
    }

private:
    /// Whether what MSE SET has set is good for more than one signature. The specification says so as far as
    /// it is known; each card has to show it once.
    enum class Lasts { Unknown, Yes, No };

    /// Without MSE SET. Empty if the card does not do that.
    std::optional<Bytes> sign_once_more(Transaction& transaction, const KeyDescription& key,
                                        const SignatureMechanism& mechanism, ByteView data,
                                        const SigningInput& input) {
        const auto hashed = transaction.transmit(iso7816::pso_hash_external(input.digest));
        if (hashed.is_success()) {
            auto response =
                transaction.transmit(iso7816::pso_compute_digital_signature({}, signature_size(key)));
            if (response.status == iso7816::sw::security_status_not_satisfied)
                expect_success(response, "sign"); // which is about the PIN
            if (response.is_success() &&
                (environment_lasts_ == Lasts::Yes || is_valid(key, mechanism, data, response.data))) {
                environment_lasts_ = Lasts::Yes;
                return std::move(response.data);
            }
        }
        environment_lasts_ = Lasts::No;
        return std::nullopt;
    }

    bool is_valid(const KeyDescription& key, const SignatureMechanism& mechanism, ByteView data,
                  ByteView signature) const {
        const auto certificate = crypto::Certificate::from_der(description().find_certificate(key.id)->der);
        return certificate.public_key().verify(mechanism, data, signature);
    }

    Lasts environment_lasts_ = Lasts::Unknown;
};

/// The number printed on the card: the last nine characters of a serial number in ASCII, or on older cards,
/// which have 20 digits in BCD, the nine after the first ten.
std::string printed_serial_number(ByteView serial_number) {
    const std::string text = pkcs15::serial_number_text(serial_number);
    constexpr std::size_t printed = 9;
    if (serial_number.size() == 10 && text.size() == 20)
        return text.substr(10, printed);
    return text.size() > printed ? text.substr(text.size() - printed) : text;
}

PinDescription describe_pin(std::uint8_t reference, std::string label, PinRole role, std::size_t min_length) {
    PinDescription pin;
    pin.reference = reference;
    pin.label = std::move(label);
    pin.role = role;
    pin.min_length = min_length;
    pin.max_length = pin_stored_length;
    pin.stored_length = pin_stored_length;
    pin.pad_byte = 0x00;
    if (role == PinRole::Puk)
        pin.can_change = pin.can_unblock = false; // S1 section 3.5
    else
        pin.puk_reference = puk_reference;
    return pin;
}

/// "Signature key", "Signature key 2" …
std::string numbered(const std::string& label, std::size_t already_there) {
    return already_there == 0 ? label : label + " " + std::to_string(already_there + 1);
}

KeyDescription describe_key(const HolderSlot& slot, std::uint8_t reference,
                            const crypto::Certificate& certificate) {
    const auto& usage = certificate.key_usage();
    const bool is_rsa = certificate.public_key().algorithm() == crypto::PublicKeyAlgorithm::Rsa;
    KeyDescription key;
    key.id = {slot.id};
    key.reference = reference;
    key.algorithm = is_rsa ? KeyAlgorithm::Rsa : KeyAlgorithm::Ec;
    key.bits = certificate.public_key().bits();
    key.curve = certificate.public_key().curve();
    key.usage = {.decrypt = is_rsa && (usage.key_encipherment || usage.data_encipherment),
                 .sign = usage.digital_signature,
                 .unwrap = is_rsa && usage.key_encipherment,
                 .derive = !is_rsa && usage.key_agreement,
                 .non_repudiation = usage.non_repudiation};
    key.pin_reference = usage.non_repudiation ? pin2_reference : pin1_reference;
    key.always_authenticate = usage.non_repudiation; // S4-1 v4.2 section 8.1.7
    key.mechanisms = digest_mechanisms(key.algorithm);
    if (is_rsa)
        for (const Digest digest : {Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512})
            key.mechanisms.push_back({SignatureScheme::RsaPss, digest});
    if (key.usage.decrypt)
        key.decipher_mechanisms = decipher_mechanisms(key.bits);
    key.can_derive = key.usage.derive;
    return key;
}

void add_holder_certificate(CardDescription& card, const HolderSlot& slot, Profile profile,
                            const crypto::Certificate& certificate) {
    const bool for_signatures = certificate.key_usage().non_repudiation;
    const std::string purpose = for_signatures ? "Signature" : "Authentication";
    const auto same_purpose = static_cast<std::size_t>(
        std::ranges::count_if(card.certificates, [&](const CertificateDescription& other) {
            return other.label.starts_with(purpose);
        }));
    card.certificates.push_back({{slot.id},
                                 numbered(purpose + " certificate", same_purpose),
                                 certificate.der(),
                                 /*authority=*/false});
    const auto reference = slot.key(profile);
    if (!reference || certificate.public_key().algorithm() == crypto::PublicKeyAlgorithm::Other) {
        card.warnings.push_back("the key of \"" + card.certificates.back().label + "\" cannot be used");
        return;
    }
    KeyDescription key = describe_key(slot, *reference, certificate);
    key.label = numbered(purpose + " key", same_purpose);
    card.keys.push_back(std::move(key));
}

/// Reads everything public.
class PublicDataReader {
public:
    PublicDataReader(Transaction& transaction, BinaryReader& reader)
        : transaction_(transaction), reader_(reader) {}

    CardDescription read(const Generation& generation, ByteView first_certificate) {
        card_.driver = fineid_driver.name;
        card_.generation = generation.name;
        card_.model = generation.model;
        card_.pins = {describe_pin(pin1_reference, "PIN 1 (basic)", PinRole::Authentication, 4),
                      describe_pin(pin2_reference, "PIN 2 (signature)", PinRole::Signature, 6),
                      describe_pin(puk_reference, "PUK", PinRole::Puk, 7)};
        read_holder_certificates(generation.profile, first_certificate);
        for (const auto& path : authority_files)
            if (const auto certificate = read_certificate(path))
                card_.certificates.push_back({{path[0], path[1]},
                                              certificate->subject_common_name(),
                                              certificate->der(),
                                              /*authority=*/true});
        read_token_info();
        return std::move(card_);
    }

    /// False if the card refused to give a file; the next time it may not.
    bool complete() const { return complete_; }

private:
    /// Empty if there is no such file; most cards lack some.
    std::optional<Bytes> read_file(ByteView path) {
        try {
            const auto control = select_path(transaction_, path);
            return control ? std::optional(reader_.read_der_file(*control)) : std::nullopt;
        } catch (const StatusError& error) {
            card_.warnings.push_back("file " + to_hex(path) + ": " + error.what());
            complete_ = false;
            return std::nullopt;
        }
    }

    std::optional<crypto::Certificate> read_certificate(ByteView path) {
        const auto content = read_file(path);
        return content ? parse_certificate(*content, "file " + to_hex(path), card_.warnings) : std::nullopt;
    }

    void read_holder_certificates(Profile profile, ByteView first_certificate) {
        for (const HolderSlot& slot : holder_slots) {
            const bool is_first = &slot == &holder_slots.front();
            const auto certificate = is_first
                                         ? parse_certificate(first_certificate, "file 4331", card_.warnings)
                                         : read_certificate(slot.file());
            if (!certificate)
                continue;
            if (card_.certificates.empty()) {
                card_.issuer = certificate->issuer_common_name();
                card_.label = certificate->subject_common_name(); // TokenInfo may tell better ones
                card_.serial_number = certificate->serial_number();
            }
            add_holder_certificate(card_, slot, profile, *certificate);
        }
        if (card_.certificates.empty())
            throw Error(ErrorCode::CardDataInvalid, "none of the certificates on the card can be read");
    }

    void read_token_info() {
        const auto content = read_file(token_info_file);
        const auto info = content ? pkcs15::parse_token_info(*content) : std::nullopt;
        if (!info) {
            card_.warnings.push_back("the card does not tell its serial number");
            return;
        }
        if (!info->label.empty())
            card_.label = info->label;
        card_.manufacturer = info->manufacturer;
        if (!info->serial_number.empty())
            card_.serial_number = printed_serial_number(info->serial_number);
    }

    Transaction& transaction_;
    BinaryReader& reader_;
    CardDescription card_;
    bool complete_ = true;
};

std::unique_ptr<Card> open(Transaction& transaction, ByteView atr, PublicDataCache& cache) {
    const auto generation = std::ranges::find_if(generations, [atr](const Generation& candidate) {
        return matches_historical_bytes(atr, candidate.historical);
    });
    // Cards of other issuers share the platform; only these have a certificate in 4331.
    if (generation == generations.end() || !select_file(transaction, select_application_command()))
        return nullptr;
    const auto control = select_path(transaction, holder_slots.front().file());
    if (!control)
        return nullptr;

    BinaryReader reader(transaction);
    PublicDataReader public_data(transaction, reader);
    const std::size_t size = control->size.value_or(0);
    const std::size_t front_size = size > fingerprint_size ? size - fingerprint_size : 0;
    const Bytes fingerprint = front_size > 0 ? reader.read(front_size, fingerprint_size) : Bytes{};
    if (fingerprint.size() != fingerprint_size) // the card does not tell the size, or tells a wrong one
        return std::make_unique<FineidCard>(public_data.read(*generation, reader.read_der_file(*control)));

    const CacheKey key{std::string(fineid_driver.name), fingerprint, {}};
    if (auto known = cache.find(key))
        return std::make_unique<FineidCard>(std::move(*known));
    Bytes certificate = reader.read(0, front_size);
    append(certificate, fingerprint);
    CardDescription description = public_data.read(*generation, certificate);
    // In a file with filler at its end the fingerprint would be the filler's.
    if (public_data.complete() && description.certificates.front().der.size() == size)
        cache.store(key, description);
    return std::make_unique<FineidCard>(std::move(description));
}

} // namespace

const Driver fineid_driver{.name = "fineid", .historical_bytes = historical, .priority = 20, .open = open};

} // namespace digisign::card
