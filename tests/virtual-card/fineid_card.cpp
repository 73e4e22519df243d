// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/fineid_card.hpp"

#include "tests/virtual-card/fineid_files.hpp"
#include "tests/virtual-card/tlv.hpp"

namespace digisign::virtual_card {

namespace {

constexpr std::string_view pin1 = "pin1";
constexpr std::string_view pin2 = "pin2";

// INS, FINEID S1 §3.
constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_perform_security_operation = 0x2A;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_get_data = 0xCB;

// Control reference templates, ISO/IEC 7816-4 §10.3.4.
constexpr std::uint8_t authentication_template = 0xA4;
constexpr std::uint8_t signature_template = 0xB6;
constexpr std::uint8_t confidentiality_template = 0xB8;

constexpr std::uint8_t puk_reference = 0x83;

/// The algorithm of table 6 that leaves hash and padding to the terminal.
constexpr std::uint8_t raw_rsa = 0x40;

/// EC key agreement is chosen by leaving the algorithm out.
constexpr std::uint8_t no_algorithm = 0x00;

/// FINEID S1 §3.6.3, tables 6 and 7: the high nibble names the digest, the low one the scheme.
enum class Scheme : std::uint8_t {
    Pkcs1 = 0x2,
    Ecdsa = 0x4,
    Pss = 0x5,
    DecipherPkcs1 = 0xA,
    DecipherOaep = 0xD
};

Scheme scheme_of(std::uint8_t algorithm) {
    return static_cast<Scheme>(algorithm & 0x0F);
}

Digest digest_of(std::uint8_t algorithm) {
    switch (algorithm >> 4) {
    case 0x1:
        return Digest::Sha1;
    case 0x3:
        return Digest::Sha224;
    case 0x4:
        return Digest::Sha256;
    case 0x5:
        return Digest::Sha384;
    case 0x6:
        return Digest::Sha512;
    default:
        return Digest::None;
    }
}

bool signs_with(std::uint8_t algorithm, const CardKey& key) {
    if (algorithm == raw_rsa)
        return key.is_rsa();
    if (digest_of(algorithm) == Digest::None)
        return false;
    const Scheme scheme = scheme_of(algorithm);
    return key.is_rsa() ? scheme == Scheme::Pkcs1 || scheme == Scheme::Pss : scheme == Scheme::Ecdsa;
}

bool deciphers_with(std::uint8_t algorithm, const CardKey& key) {
    if (!key.is_rsa())
        return algorithm == no_algorithm;
    if (algorithm >> 4 == 0x1 && scheme_of(algorithm) == Scheme::DecipherPkcs1)
        return true;
    return digest_of(algorithm) != Digest::None && scheme_of(algorithm) == Scheme::DecipherOaep;
}

Bytes fineid_atr(FineidVersion version) {
    // Gemalto MultiApp v3.0 and Thales MultiApp v5.0; no TD1, hence T=0.
    if (version == FineidVersion::V3)
        return *from_hex("3B7F96000080 31B865B0850300EF1200F6829000");
    return *from_hex("3B7F96000080 31B865B0850500111224 60829000");
}

} // namespace

CardPlan fineid_plan(FineidVersion version) {
    CardPlan plan;
    plan.serial_number = test_holder().serial_number;
    plan.pins = {{"pin1", 5}, {"pin2", 5}, {"puk", 5}};
    plan.can_be_inactive = true;
    if (version == FineidVersion::V3) {
        plan.profile = "fineid-v3";
        plan.authority_type = KeyType::Rsa2048;
        plan.keys = {{"auth", KeyType::Rsa2048, Purpose::Authentication},
                     {"sign", KeyType::Rsa2048, Purpose::Signature},
                     {"sign-ec", KeyType::P256, Purpose::Signature}};
    } else {
        plan.profile = "fineid-v4";
        plan.authority_type = KeyType::P384;
        plan.keys = {{"auth", KeyType::P384, Purpose::Authentication},
                     {"sign", KeyType::P384, Purpose::Signature}};
    }
    return plan;
}

FineidCard::FineidCard(FineidVersion version, StateStore& store)
    : Iso7816Card(Protocol::T0, fineid_atr(version)),
      version_(version),
      security_(store, {{0x11, "pin1", 4, 12, 5}, {0x82, "pin2", 6, 12, 5}, {puk_reference, "puk", 8, 12, 5}},
                {12, 0x00}) {
    const CardState& state = store.state();
    build_fineid_files(files(), version, state);
    const auto add_key = [&](std::uint8_t reference, const char* name, std::string_view pin) {
        keys_.emplace(reference, Key{CardKey::from_pem(state.keys.at(name)), pin});
    };
    add_key(0x01, "auth", pin1);
    add_key(0x02, "sign", pin2);
    if (version == FineidVersion::V3)
        add_key(0x03, "sign-ec", pin2);
}

Response FineidCard::process(const Command& command) {
    if (!application_selected_)
        return Status::InstructionNotSupported;
    switch (command.ins) {
    case ins_verify:
        return verify(command);
    case ins_change_reference_data:
        return change_reference_data(command);
    case ins_reset_retry_counter:
        return reset_retry_counter(command);
    case ins_get_data:
        return get_data(command);
    case ins_manage_security_environment:
        return manage_security_environment(command);
    case ins_perform_security_operation:
        return perform_security_operation(command);
    default:
        return Status::InstructionNotSupported;
    }
}

void FineidCard::clear_security() {
    security_.forget_all();
    end_application();
}

/// PIN 1 is global, so that it is verified for the MF; what is local to the application ends with it.
void FineidCard::end_application() {
    application_selected_ = false;
    security_.forget(pin2);
    security_.forget("puk");
    environment_.reset();
}

bool FineidCard::accepts_chain(const Command& command) const {
    // Only cryptograms; a host-padded block for PSO CDS must come in one piece.
    return command.ins == ins_perform_security_operation && command.p1 == 0x80 && command.p2 == 0x86;
}

void FineidCard::on_application_selected(const File& directory, SelectedBy how) {
    application_selected_ = how == SelectedBy::Name && directory.name == pkcs15_application_identifier();
}

Bytes FineidCard::control_parameters(const File& file) const {
    const std::size_t size = file.content.size();
    return {0x81, 0x02, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xFF)};
}

Response FineidCard::verify(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 == 0xFF && command.data.empty()) {
        security_.forget(pin->role);
        return Status::Ok;
    }
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    if (command.data.empty())
        return security_.status(*pin);
    const PinState& state = security_.state_of(*pin);
    // A factory value opens nothing; it is good for CHANGE REFERENCE DATA alone.
    if (!state.holder_value && !state.blocked())
        return Status::ReferenceDataUnusable;
    return security_.verify(*pin, command.data);
}

Response FineidCard::change_reference_data(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    if (pin->reference == puk_reference)
        return Status::CommandNotAllowed;
    return security_.change(*pin, command.data);
}

Response FineidCard::reset_retry_counter(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr || pin->reference == puk_reference)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.unblock(*pin, *security_.find(puk_reference), command.data);
}

Response FineidCard::get_data(const Command& command) const {
    if (command.p1 != 0x00 || command.p2 != 0xFF)
        return Status::WrongP1P2;
    if (command.expected)
        return Status::WrongLength; // no Le under T=0; field reports say that cards refuse it here
    const std::optional<ByteView> query = find_tlv(command.data, 0xA0);
    const std::optional<ByteView> reference = query ? find_tlv(*query, 0x83) : std::nullopt;
    if (!reference || reference->size() != 1)
        return Status::WrongData;
    const PinRules* const pin = security_.find(reference->front());
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    const PinState& state = security_.state_of(*pin);
    const Bytes access{0xF0, 0x00, 0x00, 0x00};
    // FINEID S1 §3.15, table 19. DF21: tries left, uses (FF unlimited), unblockings (A5 unlimited), method.
    return Response(
        tlv(0xA0, {
                      tlv(0x83, Bytes{pin->reference}),
                      tlv(0x8C, access),
                      tlv(0x9C, access),
                      tlv(0xDF21, Bytes{static_cast<std::uint8_t>(state.tries_left), 0xFF, 0xA5, 0x03}),
                      tlv(0xDF27, Bytes{0xFF, 0xFF}),
                      tlv(0xDF28, Bytes{static_cast<std::uint8_t>(security_.block_length())}),
                      tlv(0xDF2F, Bytes{static_cast<std::uint8_t>(state.holder_value ? 0x01 : 0x00)}),
                  }));
}

Response FineidCard::manage_security_environment(const Command& command) {
    if (command.p1 != 0x41)
        return Status::WrongP1P2;
    environment_.reset();
    const std::optional<ByteView> algorithm = find_tlv(command.data, 0x80);
    const std::optional<ByteView> reference = find_tlv(command.data, 0x84);
    if (!reference || reference->size() != 1 || (algorithm && algorithm->size() != 1))
        return Status::WrongData;
    const auto found = keys_.find(reference->front());
    if (found == keys_.end())
        return Status::ReferenceNotFound;
    const Key& key = found->second;
    const std::uint8_t wanted = algorithm ? algorithm->front() : no_algorithm;
    bool suitable = false;
    switch (command.p2) {
    case signature_template:
        suitable = signs_with(wanted, key.key);
        break;
    case authentication_template: // there is no INTERNAL AUTHENTICATE; this one is for host-padded blocks
        suitable = wanted == raw_rsa && key.key.is_rsa() && key.pin == pin1;
        break;
    case confidentiality_template:
        suitable = deciphers_with(wanted, key.key) && key.pin == pin1;
        break;
    default:
        return Status::WrongP1P2;
    }
    if (!suitable)
        return Status::WrongData;
    environment_ = SecurityEnvironment{command.p2, wanted, &key, std::nullopt};
    return Status::Ok;
}

Response FineidCard::perform_security_operation(const Command& command) {
    if (command.p1 == 0x90 && command.p2 == 0xA0)
        return hash(command);
    if (command.p1 == 0x9E && command.p2 == 0x9A)
        return compute_digital_signature(command);
    if (command.p1 == 0x80 && command.p2 == 0x86)
        return decipher(command);
    return Status::WrongP1P2;
}

bool FineidCard::signing_environment() const {
    return environment_ && environment_->control_template != confidentiality_template;
}

Response FineidCard::hash(const Command& command) {
    if (!signing_environment() || environment_->algorithm == raw_rsa)
        return Status::ConditionsNotSatisfied;
    environment_->digest.reset();
    const Digest digest = digest_of(environment_->algorithm);
    if (digest == Digest::Sha1 && version_ == FineidVersion::V4)
        return Status::CommandNotAllowed; // switched off by the issuer's policy
    const std::optional<ByteView> value = find_tlv(command.data, 0x90);
    if (!value || value->size() + 2 != command.data.size() || value->size() != digest_size(digest))
        return Status::WrongData;
    environment_->digest = to_bytes(*value);
    return Status::Ok;
}

Response FineidCard::compute_digital_signature(const Command& command) {
    if (!signing_environment())
        return Status::ConditionsNotSatisfied;
    const Key& key = *environment_->key;
    if (!security_.verified(key.pin))
        return Status::SecurityStatusNotSatisfied;
    if (environment_->algorithm == raw_rsa) {
        std::optional<Bytes> block = key.key.raw(command.data);
        if (!block)
            return Status::WrongData;
        on_key_used(key);
        return Response(std::move(*block));
    }
    if (!command.data.empty())
        return Status::WrongData; // the digest comes by PSO HASH only
    if (!environment_->digest)
        return Status::ConditionsNotSatisfied;
    const std::size_t length = key.key.is_rsa() ? key.key.size() : 2 * key.key.size();
    if (const std::optional<Response> wrong = check_le(command, length))
        return *wrong;
    Response response(sign(*environment_));
    environment_->digest.reset();
    on_key_used(key);
    return response;
}

Bytes FineidCard::sign(const SecurityEnvironment& environment) const {
    const CardKey& key = environment.key->key;
    const Digest digest = digest_of(environment.algorithm);
    if (!key.is_rsa())
        return key.ecdsa_plain(*environment.digest);
    return scheme_of(environment.algorithm) == Scheme::Pss ? key.sign_pss(digest, *environment.digest)
                                                           : key.sign_pkcs1(digest, *environment.digest);
}

Response FineidCard::decipher(const Command& command) {
    if (!environment_ || environment_->control_template != confidentiality_template)
        return Status::ConditionsNotSatisfied;
    const Key& key = *environment_->key;
    if (!security_.verified(key.pin))
        return Status::SecurityStatusNotSatisfied;
    // ISO/IEC 7816-8 §11.9: padding indicator first; 81 is the issuer's own for RSA.
    const std::uint8_t indicator = key.key.is_rsa() ? 0x81 : 0x00;
    if (command.data.empty() || command.data.front() != indicator)
        return Status::WrongData;
    const ByteView value = ByteView(command.data).subspan(1);
    std::optional<Bytes> result;
    if (!key.key.is_rsa())
        result = key.key.derive(value);
    else if (scheme_of(environment_->algorithm) == Scheme::DecipherOaep)
        result = key.key.decrypt(value, digest_of(environment_->algorithm));
    else
        result = key.key.decrypt(value, Digest::None);
    return result ? Response(std::move(*result)) : Response(Status::WrongData);
}

void FineidCard::on_key_used(const Key& key) {
    if (key.pin == pin2)
        security_.forget(pin2);
}

} // namespace digisign::virtual_card
