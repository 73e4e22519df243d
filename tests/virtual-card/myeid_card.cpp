// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/myeid_card.hpp"

#include "tests/virtual-card/fineid_files.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

#include <algorithm>
#include <array>

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_perform_security_operation = 0x2A;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_logout = 0x2E;
constexpr std::uint8_t ins_general_authenticate = 0x86;
constexpr std::uint8_t ins_get_data = 0xCA;

constexpr std::uint8_t authentication_template = 0xA4;
constexpr std::uint8_t signature_template = 0xB6;
constexpr std::uint8_t confidentiality_template = 0xB8;

constexpr std::uint8_t algorithm_raw = 0x00;
constexpr std::uint8_t algorithm_pkcs1 = 0x02;
constexpr std::uint8_t algorithm_pkcs1_sha1 = 0x12;
constexpr std::uint8_t algorithm_ecdsa = 0x04;

// References of the unblocking codes are inside the card only: RESET RETRY COUNTER names the PIN.
constexpr std::uint8_t pin1 = 0x01;
constexpr std::uint8_t pin2 = 0x02;
constexpr std::uint8_t puk_of(std::uint8_t pin) {
    return static_cast<std::uint8_t>(0xF0 | pin);
}

constexpr std::uint16_t application_directory = 0x5015;
const Bytes application_path{0x3F, 0x00, 0x50, 0x15};

// File descriptor octets.
constexpr std::uint8_t transparent_file = 0x01;
constexpr std::uint8_t rsa_key_file = 0x11;
constexpr std::uint8_t ec_key_file = 0x22;
constexpr std::uint8_t directory_file = 0x38;

/// Version 4.5.5 of the applet.
constexpr std::array<std::uint8_t, 3> applet_version{4, 5, 5};

struct KeySlot {
    const char* name;
    const char* label;
    std::uint16_t key_file;
    std::uint16_t certificate_file;
    std::uint8_t id;
    std::uint8_t pin;
    bool rsa;
    std::vector<unsigned> usage;

    unsigned bits() const { return rsa ? 2048 : 256; }
};

const std::vector<KeySlot>& key_slots() {
    // Named bits of KeyUsageFlags: 1 decrypt, 2 sign, 5 unwrap, 8 derive, 9 nonRepudiation.
    static const std::vector<KeySlot> slots{
        {"auth", "Authentication", 0x4B01, 0x4301, 0x01, pin1, true, {1, 2, 5}},
        {"auth-ec", "Authentication EC", 0x4B02, 0x4302, 0x02, pin1, false, {2, 8}},
        {"sign", "Signature", 0x4B03, 0x4303, 0x03, pin2, true, {9}},
        {"sign-ec", "Signature EC", 0x4B04, 0x4304, 0x04, pin2, false, {9}},
    };
    return slots;
}

Bytes file_id(std::uint16_t id) {
    return {static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id & 0xFF)};
}

Bytes path_of(std::uint16_t id) {
    return concatenate({application_path, file_id(id)});
}

/// MSE SET and key files agree on what a key may do.
bool is_suitable(std::uint8_t control_template, std::uint8_t algorithm, const CardKey& key) {
    switch (control_template) {
    case signature_template:
        return key.is_rsa() ? algorithm == algorithm_raw || algorithm == algorithm_pkcs1 ||
                                  algorithm == algorithm_pkcs1_sha1
                            : algorithm == algorithm_ecdsa;
    case confidentiality_template:
        return key.is_rsa() && (algorithm == algorithm_raw || algorithm == algorithm_pkcs1);
    case authentication_template:
        return !key.is_rsa() && algorithm == algorithm_ecdsa;
    default:
        return false;
    }
}

Bytes pin_file() {
    // Named bits of PasswordFlags: 1 local, 4 initialized, 5 needs-padding.
    return pin_directory({
        {"PIN 1", 0x01, std::nullopt, {1, 4, 5}, 4, 8, pin1, 0xFF, application_path},
        {"PIN 2", 0x02, std::nullopt, {1, 4, 5}, 4, 8, pin2, 0xFF, application_path},
    });
}

Bytes private_key_file() {
    std::vector<KeyObject> keys;
    for (const KeySlot& slot : key_slots())
        keys.push_back({slot.label, slot.id, slot.pin, slot.pin == pin2, slot.usage, std::nullopt,
                        path_of(slot.key_file), slot.rsa, slot.bits()});
    return private_key_directory(keys);
}

Bytes certificate_file() {
    std::vector<CertificateObject> certificates;
    for (const KeySlot& slot : key_slots())
        certificates.push_back({slot.label, slot.id, false, path_of(slot.certificate_file)});
    return certificate_directory(certificates);
}

} // namespace

CardPlan myeid_plan() {
    CardPlan plan;
    plan.profile = "myeid";
    plan.serial_number = "00000000000999000011";
    plan.authority_type = KeyType::Rsa2048;
    plan.keys = {{"auth", KeyType::Rsa2048, Purpose::Authentication},
                 {"auth-ec", KeyType::P256, Purpose::Authentication},
                 {"sign", KeyType::Rsa2048, Purpose::Signature},
                 {"sign-ec", KeyType::P256, Purpose::Signature}};
    plan.pins = {{"pin1", 3}, {"pin2", 3}, {"puk", 10}, {"puk2", 10}};
    return plan;
}

MyeidCard::MyeidCard(StateStore& store)
    : Iso7816Card(Protocol::T1, *from_hex("3BF51800008131FE454D794549449A")),
      security_(store,
                {{pin1, "pin1", 4, 8, 3},
                 {pin2, "pin2", 4, 8, 3},
                 {puk_of(pin1), "puk", 4, 8, 10},
                 {puk_of(pin2), "puk2", 4, 8, 10}},
                {8, 0xFF}),
      serial_number_(*from_hex(store.state().serial_number)) {
    const Bytes certificate = certificate_der(store.state().certificates.at("sign"));
    change_counter_.assign(certificate.end() - 2, certificate.end()); // of its signature: random enough
    build_files(store.state());
    for (const KeySlot& slot : key_slots())
        keys_.emplace(slot.key_file, Key{CardKey::from_pem(store.state().keys.at(slot.name)), slot.pin});
}

void MyeidCard::build_files(const CardState& state) {
    File& root = files().root();
    files().add_file(root, 0x2F00,
                     application_template(pkcs15_application_identifier(), "MyEID TEST", application_path));
    File& application = files().add_directory(root, application_directory, pkcs15_application_identifier());
    const auto add = [&](std::uint16_t id, Bytes content) {
        files().add_file(application, id, std::move(content));
    };
    add(0x5031, object_directory({{8, path_of(0x4401)},
                                  {0, path_of(0x4402)},
                                  {4, path_of(0x4403)},
                                  {5, path_of(0x4405)},
                                  {7, path_of(0x4406)}}));
    add(0x5032, card_info({serial_number_, "Aventra Ltd. (TEST)", "MyEID TEST", "en", {}}));
    add(0x4401, pin_file());
    add(0x4402, private_key_file());
    add(0x4403, certificate_file());
    add(0x4405, certificate_directory({{"DigiSign TEST Root CA", 0x11, true, path_of(0x4311)},
                                       {"DigiSign TEST Citizen Certificates", 0x12, true, path_of(0x4312)}}));
    add(0x4406, data_directory({{"Notice", "DigiSign TEST", example_object_id(), false, path_of(0x4501)}}));
    add(0x4501, to_bytes(as_bytes("a notice for everybody")));
    add(0x4311, certificate_der(state.certificates.at("root")));
    add(0x4312, certificate_der(state.certificates.at("issuing")));
    for (const KeySlot& slot : key_slots()) {
        add(slot.key_file, {}); // private keys are not read
        add(slot.certificate_file, certificate_der(state.certificates.at(slot.name)));
    }
}

Response MyeidCard::process(const Command& command) {
    switch (command.ins) {
    case ins_verify:
        return verify(command);
    case ins_change_reference_data:
        return change_reference_data(command);
    case ins_reset_retry_counter:
        return reset_retry_counter(command);
    case ins_logout:
        security_.forget_all();
        return Status::Ok;
    case ins_get_data:
        return get_data(command);
    case ins_manage_security_environment:
        return manage_security_environment(command);
    case ins_perform_security_operation:
        return perform_security_operation(command);
    case ins_general_authenticate:
        return general_authenticate(command);
    default:
        return Status::InstructionNotSupported;
    }
}

void MyeidCard::clear_security() {
    security_.forget_all();
    environment_.reset();
}

bool MyeidCard::accepts_chain(const Command& command) const {
    return command.ins == ins_perform_security_operation;
}

void MyeidCard::on_application_selected(const File&, SelectedBy) {} // there is one application, always there

Bytes MyeidCard::control_parameters(const File& file) const {
    const auto key = keys_.find(file.id);
    const bool is_key = key != keys_.end();
    std::uint8_t descriptor = file.directory ? directory_file : transparent_file;
    std::size_t size = file.content.size();
    Bytes access{0x03, 0x3F, 0xFF}; // read always, update and delete by PIN 3 of the issuer
    if (is_key) {
        descriptor = key->second.key.is_rsa() ? rsa_key_file : ec_key_file;
        size = key->second.key.bits();
        access[0] = static_cast<std::uint8_t>(key->second.pin << 4 | 0x03);
    }
    const Bytes length{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xFF)};
    Bytes parameters = concatenate({
        tlv(file.directory || is_key ? 0x81 : 0x80, length), tlv(0x82, Bytes{descriptor}),
        tlv(0x83, file_id(file.id)), tlv(0x86, access), tlv(0x85, Bytes{0x00, 0x00}),
        tlv(0x8A, Bytes{0x07}), // activated
    });
    if (!file.name.empty())
        append(parameters, tlv(0x84, file.name));
    return parameters;
}

Response MyeidCard::verify(const Command& command) {
    const PinRules* const pin = command.p2 < puk_of(0) ? security_.find(command.p2) : nullptr;
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return command.data.empty() ? security_.status(*pin) : security_.verify(*pin, command.data);
}

Response MyeidCard::change_reference_data(const Command& command) {
    const PinRules* const pin = command.p2 < puk_of(0) ? security_.find(command.p2) : nullptr;
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.change(*pin, command.data);
}

Response MyeidCard::reset_retry_counter(const Command& command) {
    const PinRules* const pin = command.p2 < puk_of(0) ? security_.find(command.p2) : nullptr;
    if (pin == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.unblock(*pin, *security_.find(puk_of(pin->reference)), command.data);
}

Response MyeidCard::get_data(const Command& command) const {
    if (command.p1 != 0x01)
        return Status::WrongP1P2;
    switch (command.p2) {
    case 0xA0: { // applet information: version in octets 5 to 7, serial number, counter of changes
        Bytes information{0x11, 0x00, 0x00, 0x00, 0x00};
        append(information, applet_version);
        append(information, serial_number_);
        append(information, change_counter_);
        return Response(std::move(information));
    }
    case 0xA1: { // files of the current directory
        Bytes list;
        for (const auto& child : current_directory().children)
            append(list, file_id(child->id));
        return Response(std::move(list));
    }
    case 0xAA: // capabilities: RSA and ECC; longest keys RSA, DES, AES, ECC
        return Response(Bytes{0x01, 0x00, 0x09, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x09});
    default:
        return Status::ReferenceNotFound;
    }
}

Response MyeidCard::manage_security_environment(const Command& command) {
    if (command.p1 != 0x41)
        return Status::WrongP1P2;
    environment_.reset();
    const std::optional<ByteView> algorithm = find_tlv(command.data, 0x80);
    const std::optional<ByteView> file = find_tlv(command.data, 0x81);
    const std::optional<ByteView> reference = find_tlv(command.data, 0x84);
    const bool well_formed = algorithm && algorithm->size() == 1 && file && file->size() == 2 &&
                             (!reference || (reference->size() == 1 && reference->front() == 0x00));
    if (!well_formed)
        return Status::WrongData;
    const auto key = keys_.find(static_cast<std::uint16_t>((*file)[0] << 8 | (*file)[1]));
    if (key == keys_.end())
        return Status::ReferenceNotFound;
    if (!is_suitable(command.p2, algorithm->front(), key->second.key))
        return Status::WrongData;
    environment_ = SecurityEnvironment{command.p2, algorithm->front(), &key->second, {}};
    return Status::Ok;
}

Response MyeidCard::perform_security_operation(const Command& command) {
    if (command.p1 == 0x9E && command.p2 == 0x9A)
        return compute_digital_signature(command);
    if (command.p1 == 0x80 && command.p2 == 0x86)
        return decipher(command);
    return Status::WrongP1P2;
}

bool MyeidCard::verified_for(const Key& key) const {
    return security_.verified(security_.find(key.pin)->role);
}

Response MyeidCard::compute_digital_signature(const Command& command) const {
    if (!environment_ || environment_->control_template != signature_template)
        return Status::ConditionsNotSatisfied;
    if (!verified_for(*environment_->key))
        return Status::SecurityStatusNotSatisfied;
    const CardKey& key = environment_->key->key;
    std::optional<Bytes> signature;
    switch (environment_->algorithm) {
    case algorithm_raw:
        signature = key.raw(command.data);
        break;
    case algorithm_pkcs1:
        signature = key.sign_padded(command.data);
        break;
    case algorithm_pkcs1_sha1:
        if (command.data.size() == digest_size(Digest::Sha1))
            signature = key.sign_pkcs1(Digest::Sha1, command.data);
        break;
    default:
        if (!command.data.empty() && command.data.size() <= key.size())
            signature = key.ecdsa_der(command.data);
    }
    return signature ? Response(std::move(*signature)) : Response(Status::WrongLength);
}

Response MyeidCard::decipher(const Command& command) {
    if (!environment_ || environment_->control_template != confidentiality_template)
        return Status::ConditionsNotSatisfied;
    if (!verified_for(*environment_->key))
        return Status::SecurityStatusNotSatisfied;
    if (command.data.empty())
        return Status::WrongLength;
    // A cryptogram of 256 octets does not fit into one command together with its padding indicator, so its
    // halves come with indicators of their own.
    constexpr std::uint8_t whole = 0x00;
    constexpr std::uint8_t first_half = 0x81;
    constexpr std::uint8_t second_half = 0x82;
    Bytes cryptogram(command.data.begin() + 1, command.data.end());
    switch (command.data.front()) {
    case whole:
        break;
    case first_half:
        environment_->first_half = std::move(cryptogram);
        return Status::Ok;
    case second_half:
        cryptogram.insert(cryptogram.begin(), environment_->first_half.begin(),
                          environment_->first_half.end());
        environment_->first_half.clear();
        break;
    default:
        return Status::WrongData;
    }
    const CardKey& key = environment_->key->key;
    std::optional<Bytes> plain = environment_->algorithm == algorithm_raw
                                     ? key.raw(cryptogram)
                                     : key.decrypt(cryptogram, Digest::None);
    return plain ? Response(std::move(*plain)) : Response(Status::WrongData);
}

Response MyeidCard::general_authenticate(const Command& command) const {
    if (!environment_ || environment_->control_template != authentication_template)
        return Status::ConditionsNotSatisfied;
    if (!verified_for(*environment_->key))
        return Status::SecurityStatusNotSatisfied;
    const std::optional<ByteView> dynamic_data = find_tlv(command.data, 0x7C);
    const std::optional<ByteView> point = dynamic_data ? find_tlv(*dynamic_data, 0x85) : std::nullopt;
    std::optional<Bytes> secret = point ? environment_->key->key.derive(*point) : std::nullopt;
    return secret ? Response(std::move(*secret)) : Response(Status::WrongData);
}

} // namespace digisign::virtual_card
