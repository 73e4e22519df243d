// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/isoapplet_card.hpp"

#include "tests/virtual-card/fineid_files.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_perform_security_operation = 0x2A;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_get_data = 0xCA;

constexpr std::uint8_t signature_template = 0xB6;
constexpr std::uint8_t confidentiality_template = 0xB8;

constexpr std::uint8_t algorithm_rsa_pkcs1 = 0x11;
constexpr std::uint8_t algorithm_rsa_pss = 0x12;
constexpr std::uint8_t algorithm_ecdsa = 0x21;

constexpr std::uint8_t feature_extended = 0x01;
constexpr std::uint8_t feature_random = 0x02;
constexpr std::uint8_t feature_ec = 0x04;
constexpr std::uint8_t feature_pss = 0x08;

constexpr std::uint8_t pin1 = 0x01;
constexpr std::uint8_t puk = 0x02;
constexpr std::size_t pin_length = 16;

constexpr std::uint8_t rsa_key = 0x00;
constexpr std::uint8_t ec_key = 0x01;

constexpr std::size_t rsa_data_max = 247; // for the buffer of a short command

const Bytes application_path{0x3F, 0x00, 0x50, 0x15};

const Bytes& applet_aid() {
    static const Bytes aid = *from_hex("F276A288BCFBA69D34F31001");
    return aid;
}

Bytes path_of(std::uint8_t high, std::uint8_t low) {
    return concatenate({application_path, Bytes{high, low}});
}

Bytes pin_file() {
    // Named bits of PasswordFlags: 0 case-sensitive, 2 change-disabled, 3 unblock-disabled, 4 initialized, 5
    // needs-padding, 6 unblockingPassword.
    return pin_directory({
        {"User PIN", 0x01, std::uint8_t{0x02}, {0, 4, 5}, 4, pin_length, pin1, 0x00, application_path},
        {"User PUK", 0x02, std::nullopt, {0, 2, 3, 4, 5, 6}, 4, pin_length, puk, 0x00, application_path},
    });
}

Bytes private_key_file() {
    // Named bits of KeyUsageFlags: 1 decrypt, 2 sign, 5 unwrap.
    return private_key_directory({
        {"Authentication", 0x01, 0x01, false, {1, 2, 5}, rsa_key, application_path, true, 2048},
        {"Authentication EC", 0x02, 0x01, false, {2}, ec_key, application_path, false, 256},
    });
}

/// Date of the last change; of the holder's certificate, since nothing changes after it.
std::string last_update(const CardState& state) {
    const CertificatePtr certificate = read_certificate(state.certificates.at("auth"));
    const ASN1_TIME* issued = X509_get0_notBefore(certificate.get());
    const std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>> generalized(
        ASN1_TIME_to_generalizedtime(issued, nullptr));
    const unsigned char* text = ASN1_STRING_get0_data(generalized.get());
    return {text, text + ASN1_STRING_length(generalized.get())};
}

Bytes sha1(ByteView data) {
    Bytes digest(digest_size(Digest::Sha1));
    require(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1,
            "cannot compute a digest");
    return digest;
}

std::optional<Digest> digest_of_size(std::size_t size) {
    for (const Digest digest : {Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512})
        if (digest_size(digest) == size)
            return digest;
    return std::nullopt;
}

} // namespace

CardPlan isoapplet_plan(IsoAppletVersion version) {
    CardPlan plan;
    plan.profile = version == IsoAppletVersion::V1_0 ? "isoapplet" : "isoapplet-0.6";
    plan.serial_number = version == IsoAppletVersion::V1_0 ? "49534F4101" : "49534F4100";
    plan.authority_type = KeyType::Rsa2048;
    plan.keys = {{"auth", KeyType::Rsa2048, Purpose::Authentication},
                 {"auth-ec", KeyType::P256, Purpose::Authentication}};
    plan.pins = {{"pin1", 3}, {"puk", 5}};
    return plan;
}

IsoAppletCard::IsoAppletCard(IsoAppletVersion version, StateStore& store)
    : Iso7816Card(Protocol::T1, *from_hex("3BF81300008131FE454A434F5076323431B7")), // historical: JCOPv241
      version_(version),
      security_(store, {{pin1, "pin1", 4, pin_length, 3}, {puk, "puk", 4, pin_length, 5}},
                {pin_length, 0x00}) {
    const CardState& state = store.state();
    build_files(state);
    keys_.emplace(rsa_key, CardKey::from_pem(state.keys.at("auth")));
    keys_.emplace(ec_key, CardKey::from_pem(state.keys.at("auth-ec")));
}

void IsoAppletCard::build_files(const CardState& state) {
    const auto certificate = [&](const char* name) { return certificate_der(state.certificates.at(name)); };
    File& root = files().root();
    root.name = applet_aid();
    files().add_file(
        root, 0x2F00,
        application_template(pkcs15_application_identifier(), "JavaCard isoApplet TEST", application_path));
    File& application = files().add_directory(root, 0x5015, pkcs15_application_identifier());
    const auto add = [&](std::uint16_t id, Bytes content) {
        files().add_file(application, id, std::move(content));
    };
    add(0x5031,
        object_directory({{8, path_of(0x44, 0x01)}, {0, path_of(0x44, 0x02)}, {4, path_of(0x44, 0x04)}}));
    add(0x5032, card_info({*from_hex(state.serial_number),
                           "unknown (TEST)",
                           "JavaCard isoApplet TEST",
                           "en",
                           {},
                           last_update(state)}));
    add(0x4401, pin_file());
    add(0x4402, private_key_file());
    add(0x4404, certificate_directory({{"Authentication", 0x01, false, path_of(0x34, 0x01)},
                                       {"Authentication EC", 0x02, false, path_of(0x34, 0x02)},
                                       {"DigiSign TEST Root CA", 0x11, true, path_of(0x34, 0x11)},
                                       {"DigiSign TEST Issuing CA", 0x12, true, path_of(0x34, 0x12)}}));
    add(0x3401, certificate("auth"));
    add(0x3402, certificate("auth-ec"));
    add(0x3411, certificate("root"));
    add(0x3412, certificate("issuing"));
}

Bytes IsoAppletCard::applet_information() const {
    constexpr std::uint8_t common = feature_extended | feature_random | feature_ec;
    if (version_ == IsoAppletVersion::V0_6)
        return {0x00, 0x06, common};
    return {0x01, 0x00, common | feature_pss};
}

Response IsoAppletCard::process(const Command& command) {
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
        if (version_ == IsoAppletVersion::V0_6)
            return Status::InstructionNotSupported;
        return command.p1 == 0x01 && command.p2 == 0x01 ? Response(applet_information())
                                                        : Response(Status::WrongP1P2);
    case ins_manage_security_environment:
        return manage_security_environment(command);
    case ins_perform_security_operation:
        return perform_security_operation(command);
    default:
        return Status::InstructionNotSupported;
    }
}

void IsoAppletCard::clear_security() {
    application_selected_ = false;
    security_.forget_all();
    environment_.reset();
}

bool IsoAppletCard::accepts_chain(const Command& command) const {
    return version_ == IsoAppletVersion::V0_6 && command.ins == ins_perform_security_operation;
}

void IsoAppletCard::on_application_selected(const File& directory, SelectedBy how) {
    if (how != SelectedBy::Name || directory.name != applet_aid())
        return;
    clear_security(); // the applet is deselected first
    application_selected_ = true;
}

std::optional<Bytes> IsoAppletCard::application_answer(const File& directory) const {
    if (directory.name != applet_aid())
        return std::nullopt;
    return version_ == IsoAppletVersion::V0_6 ? applet_information() : Bytes{};
}

Bytes IsoAppletCard::control_parameters(const File& file) const {
    constexpr std::uint8_t directory_file = 0x38;
    constexpr std::uint8_t transparent_file = 0x01;
    const std::size_t size = file.content.size();
    // Access mode byte and one security condition for each operation: changes by PIN 1 (90), reading by all.
    const Bytes access = *from_hex(file.directory ? "FF90909090000000" : "FF90909090909000");
    return concatenate({
        tlv(file.directory ? 0x81 : 0x80,
            Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xFF)}),
        tlv(0x82, Bytes{file.directory ? directory_file : transparent_file}),
        tlv(0x83, Bytes{static_cast<std::uint8_t>(file.id >> 8), static_cast<std::uint8_t>(file.id & 0xFF)}),
        tlv(0x86, access),
    });
}

Response IsoAppletCard::verify(const Command& command) {
    if (command.p1 != 0x00 || command.p2 != pin1)
        return Status::WrongP1P2;
    const PinRules& rules = *security_.find(pin1);
    // Without data it gives the tries left, whether the PIN is verified or not.
    const unsigned tries_left = security_.state_of(rules).tries_left;
    if (command.data.empty() || tries_left == 0)
        return Response::wrong_value(tries_left);
    return security_.verify(rules, command.data);
}

Response IsoAppletCard::change_reference_data(const Command& command) {
    if (command.p1 != 0x00 || command.p2 != pin1)
        return Status::WrongP1P2;
    if (command.data.size() != 2 * pin_length)
        return Status::WrongLength;
    const PinRules& rules = *security_.find(pin1);
    if (security_.state_of(rules).blocked())
        return Response::wrong_value(0);
    return security_.change(rules, command.data);
}

Response IsoAppletCard::reset_retry_counter(const Command& command) {
    if (command.data.size() != 2 * pin_length)
        return Status::WrongLength;
    if (command.p1 != 0x00 || command.p2 != pin1)
        return Status::WrongP1P2;
    const PinRules& unblocking = *security_.find(puk);
    if (security_.state_of(unblocking).blocked())
        return Response::wrong_value(0);
    return security_.unblock(*security_.find(pin1), unblocking, command.data);
}

bool IsoAppletCard::is_suitable(std::uint8_t control_template, std::uint8_t algorithm,
                                const CardKey& key) const {
    if (control_template == confidentiality_template)
        return key.is_rsa() && algorithm == algorithm_rsa_pkcs1;
    if (!key.is_rsa())
        return algorithm == algorithm_ecdsa;
    return algorithm == algorithm_rsa_pkcs1 ||
           (algorithm == algorithm_rsa_pss && version_ == IsoAppletVersion::V1_0);
}

Response IsoAppletCard::manage_security_environment(const Command& command) {
    if (!security_.verified("pin1"))
        return Status::SecurityStatusNotSatisfied;
    if (command.p1 != 0x41 || (command.p2 != signature_template && command.p2 != confidentiality_template))
        return Status::FunctionNotSupported;
    const std::optional<ByteView> algorithm = find_tlv(command.data, 0x80);
    const std::optional<ByteView> reference = find_tlv(command.data, 0x84);
    if (!algorithm || algorithm->size() != 1 || !reference || reference->size() != 1)
        return Status::ReferenceDataUnusable;
    const auto key = keys_.find(reference->front());
    if (key == keys_.end())
        return Status::ReferenceDataUnusable;
    if (!is_suitable(command.p2, algorithm->front(), key->second))
        return Status::FunctionNotSupported;
    environment_ = SecurityEnvironment{command.p2, algorithm->front(), &key->second};
    return Status::Ok;
}

Response IsoAppletCard::perform_security_operation(const Command& command) const {
    if (!security_.verified("pin1"))
        return Status::SecurityStatusNotSatisfied;
    if (command.p1 == 0x9E && command.p2 == 0x9A)
        return compute_digital_signature(command);
    if (command.p1 == 0x80 && command.p2 == 0x86)
        return decipher(command);
    return Status::WrongP1P2;
}

Response IsoAppletCard::compute_digital_signature(const Command& command) const {
    if (!environment_ || environment_->control_template != signature_template)
        return Status::ConditionsNotSatisfied;
    const CardKey& key = *environment_->key;
    if (environment_->algorithm == algorithm_ecdsa)
        return Response(
            key.ecdsa_der(version_ == IsoAppletVersion::V0_6 ? sha1(command.data) : command.data));
    if (environment_->algorithm == algorithm_rsa_pss) {
        const auto digest = digest_of_size(command.data.size());
        return digest ? Response(key.sign_pss(*digest, command.data)) : Response(Status::WrongLength);
    }
    if (command.data.size() > rsa_data_max)
        return Status::WrongLength;
    std::optional<Bytes> signature = key.sign_padded(command.data);
    return signature ? Response(std::move(*signature)) : Response(Status::WrongLength);
}

Response IsoAppletCard::decipher(const Command& command) const {
    if (!environment_ || environment_->control_template != confidentiality_template)
        return Status::ConditionsNotSatisfied;
    if (command.data.empty() || command.data.front() != 0x00)
        return Status::WrongData;
    const ByteView cryptogram = ByteView(command.data).subspan(1);
    if (cryptogram.size() != environment_->key->size())
        return Status::WrongLength;
    std::optional<Bytes> plain = environment_->key->decrypt(cryptogram, Digest::None);
    return plain ? Response(std::move(*plain)) : Response(Status::WrongData);
}

} // namespace digisign::virtual_card
