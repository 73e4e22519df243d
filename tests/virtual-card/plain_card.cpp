// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/plain_card.hpp"

#include "tests/virtual-card/fineid_files.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_perform_security_operation = 0x2A;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;

constexpr std::uint8_t signature_template = 0xB6;

constexpr std::uint8_t pin1 = 0x01;
constexpr std::uint8_t pin2 = 0x02;
constexpr std::uint8_t puk = 0x03;

constexpr std::uint8_t authentication_key = 0x01;
constexpr std::uint8_t signature_key = 0x02;

const Bytes application_path{0x3F, 0x00, 0x50, 0x15};

/// T=1, historical bytes "PLAIN".
Bytes plain_atr() {
    return *from_hex("3B8501504C41494EDE");
}

Bytes path_of(std::uint8_t high, std::uint8_t low) {
    return concatenate({application_path, Bytes{high, low}});
}

Bytes pin_file() {
    // Named bits of PasswordFlags: 1 local, 4 initialized, 6 unblockingPassword; needs-padding (5) is not
    // among them.
    return pin_directory({
        {"PIN 1", pin1, puk, {1, 4}, 4, 8, pin1, 0x00, application_path},
        {"PIN 2", pin2, puk, {1, 4}, 6, 8, pin2, 0x00, application_path},
        {"PUK", puk, std::nullopt, {1, 4, 6}, 8, 8, puk, 0x00, application_path},
    });
}

Bytes private_key_file() {
    // Named bits of KeyUsageFlags: 2 sign, 9 nonRepudiation.
    return private_key_directory({
        {"Authentication", 0x01, pin1, false, {2}, authentication_key, application_path, false, 256},
        {"Signature", 0x02, pin2, true, {9}, signature_key, application_path, false, 256},
    });
}

} // namespace

CardPlan plain_plan() {
    CardPlan plan;
    plan.profile = "pkcs15";
    plan.serial_number = "504C41494E01";
    plan.authority_type = KeyType::P256;
    plan.keys = {{"auth", KeyType::P256, Purpose::Authentication},
                 {"sign", KeyType::P256, Purpose::Signature}};
    plan.pins = {{"pin1", 3}, {"pin2", 3}, {"puk", 10}};
    return plan;
}

PlainCard::PlainCard(StateStore& store)
    : Iso7816Card(Protocol::T1, plain_atr()),
      security_(store, {{pin1, "pin1", 4, 8, 3}, {pin2, "pin2", 6, 8, 3}, {puk, "puk", 8, 8, 10}},
                PinBlock::as_typed()) {
    const CardState& state = store.state();
    build_files(state);
    keys_.emplace(authentication_key, Key{CardKey::from_pem(state.keys.at("auth")), "pin1"});
    keys_.emplace(signature_key, Key{CardKey::from_pem(state.keys.at("sign")), "pin2"});
}

void PlainCard::build_files(const CardState& state) {
    const auto certificate = [&](const char* name) { return certificate_der(state.certificates.at(name)); };
    File& root = files().root();
    files().add_file(root, 0x2F00,
                     application_template(pkcs15_application_identifier(), "PLAIN TEST", application_path));
    File& application = files().add_directory(root, 0x5015, pkcs15_application_identifier());
    const auto add = [&](std::uint16_t id, Bytes content) {
        files().add_file(application, id, std::move(content));
    };
    add(0x5031, object_directory({{8, path_of(0x44, 0x01)},
                                  {0, path_of(0x44, 0x02)},
                                  {4, path_of(0x44, 0x03)},
                                  {7, path_of(0x44, 0x06)}}));
    add(0x5032, card_info({*from_hex(state.serial_number), "Nobody (TEST)", "PLAIN TEST", "en", {}}));
    add(0x4401, pin_file());
    add(0x4402, private_key_file());
    add(0x4403,
        certificate_directory({{"Authentication", 0x01, false, path_of(0x43, 0x01)},
                               {"Signature", 0x02, false, path_of(0x43, 0x02)},
                               {"DigiSign TEST Root CA", 0x11, true, path_of(0x43, 0x11)},
                               {"DigiSign TEST Citizen Certificates", 0x12, true, path_of(0x43, 0x12)}}));
    add(0x4406,
        data_directory({{"Notice", "DigiSign TEST", example_object_id(), false, path_of(0x45, 0x01)},
                        {"Secret", "DigiSign TEST", example_object_id(), true, path_of(0x45, 0x02)}}));
    add(0x4501, to_bytes(as_bytes("a notice for everybody")));
    add(0x4502, to_bytes(as_bytes("a secret, so the directory says")));
    add(0x4301, certificate("auth"));
    add(0x4302, certificate("sign"));
    add(0x4311, certificate("root"));
    add(0x4312, certificate("issuing"));
}

Response PlainCard::process(const Command& command) {
    switch (command.ins) {
    case ins_verify:
        return verify(command);
    case ins_change_reference_data:
        return change_reference_data(command);
    case ins_reset_retry_counter:
        return reset_retry_counter(command);
    case ins_manage_security_environment:
        return manage_security_environment(command);
    case ins_perform_security_operation:
        return perform_security_operation(command);
    default:
        return Status::InstructionNotSupported;
    }
}

void PlainCard::clear_security() {
    security_.forget_all();
    key_ = nullptr;
}

Bytes PlainCard::control_parameters(const File& file) const {
    const std::size_t size = file.content.size();
    return concatenate({
        tlv(0x80, Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xFF)}),
        tlv(0x83, Bytes{static_cast<std::uint8_t>(file.id >> 8), static_cast<std::uint8_t>(file.id & 0xFF)}),
    });
}

Response PlainCard::verify(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 == 0xFF && command.data.empty()) {
        security_.forget(pin->role);
        return Status::Ok;
    }
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return command.data.empty() ? security_.status(*pin) : security_.verify(*pin, command.data);
}

Response PlainCard::change_reference_data(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr || pin->reference == puk)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.change(*pin, command.data);
}

Response PlainCard::reset_retry_counter(const Command& command) {
    const PinRules* const pin = security_.find(command.p2);
    if (pin == nullptr || pin->reference == puk)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.unblock(*pin, *security_.find(puk), command.data);
}

Response PlainCard::manage_security_environment(const Command& command) {
    if (command.p1 != 0x41 || command.p2 != signature_template)
        return Status::WrongP1P2;
    key_ = nullptr;
    const std::optional<ByteView> reference = find_tlv(command.data, 0x84);
    if (!reference || reference->size() != 1)
        return Status::WrongData;
    const auto found = keys_.find(reference->front());
    if (found == keys_.end())
        return Status::ReferenceNotFound;
    key_ = &found->second;
    return Status::Ok;
}

Response PlainCard::perform_security_operation(const Command& command) {
    if (command.p1 != 0x9E || command.p2 != 0x9A)
        return Status::WrongP1P2;
    if (key_ == nullptr)
        return Status::ConditionsNotSatisfied;
    if (!security_.verified(key_->pin))
        return Status::SecurityStatusNotSatisfied;
    if (command.data.empty() || command.data.size() > key_->key.size())
        return Status::WrongLength;
    if (key_->pin == "pin2")
        security_.forget(key_->pin); // good for one signature
    return Response(key_->key.ecdsa_plain(command.data));
}

} // namespace digisign::virtual_card
