// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/piv_card.hpp"

#include "tests/virtual-card/tlv.hpp"

#include <openssl/rand.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_general_authenticate = 0x87;
constexpr std::uint8_t ins_get_data = 0xCB;
// Yubico's own.
constexpr std::uint8_t ins_get_serial = 0xF8;
constexpr std::uint8_t ins_get_version = 0xFD;

constexpr std::uint8_t pin = 0x80;
constexpr std::uint8_t puk = 0x81;
constexpr std::size_t pin_length = 8;
constexpr std::uint8_t management_key = 0x9B;

// Algorithm identifiers, SP 800-78-4 table 6-2.
constexpr std::uint8_t rsa_2048 = 0x07;
constexpr std::uint8_t p_256 = 0x11;

// Data objects, SP 800-73-4 part 1 table 3.
constexpr std::uint32_t card_capability_container = 0x5FC107;
constexpr std::uint32_t card_holder_unique_identifier = 0x5FC102;
constexpr std::uint32_t discovery = 0x7E;
constexpr std::uint32_t key_history = 0x5FC10C;

/// The last one before the command that tells about keys, GET METADATA (F7).
constexpr std::array<std::uint8_t, 3> firmware{5, 2, 7};

const Bytes& application_aid() {
    static const Bytes aid = *from_hex("A000000308000010000100");
    return aid;
}

Bytes gzip(ByteView data) {
    constexpr int gzip_header = 16 + MAX_WBITS;
    constexpr int default_memory = 8;
    z_stream stream{};
    require(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_header, default_memory,
                         Z_DEFAULT_STRATEGY) == Z_OK,
            "cannot compress");
    Bytes input = to_bytes(data);
    Bytes output(deflateBound(&stream, static_cast<uLong>(input.size())));
    stream.next_in = input.data();
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = output.data();
    stream.avail_out = static_cast<uInt>(output.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "cannot compress");
    output.resize(stream.total_out);
    (void)deflateEnd(&stream); // nothing is left to write
    return output;
}

/// Of any length, unlike find_tlv(): the values in a template of GENERAL AUTHENTICATE exceed a short command.
std::optional<ByteView> find_long_tlv(ByteView list, std::uint8_t tag) {
    while (list.size() >= 2) {
        std::size_t header = 2;
        std::size_t length = list[1];
        if (length == 0x81 && list.size() >= 3) {
            header = 3;
            length = list[2];
        } else if (length == 0x82 && list.size() >= 4) {
            header = 4;
            length = static_cast<std::size_t>(list[2]) << 8 | list[3];
        } else if (length > 0x7F) {
            return std::nullopt;
        }
        if (list.size() < header + length)
            return std::nullopt;
        if (list[0] == tag)
            return list.subspan(header, length);
        list = list.subspan(header + length);
    }
    return std::nullopt;
}

/// The challenge to who wants to manage the card, as far as that goes here; some use it for random numbers.
Response challenge_of_management_key(ByteView objects) {
    const auto challenge = find_long_tlv(objects, 0x81);
    if (!challenge || !challenge->empty())
        return Status::WrongData;
    Bytes random(8); // a block of triple DES
    require(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "no random numbers");
    return Response(tlv(0x7C, {tlv(0x81, random)}));
}

} // namespace

CardPlan piv_plan() {
    CardPlan plan;
    plan.profile = "piv";
    plan.serial_number = "00989681"; // printed in decimal digits: 10000001
    plan.authority_type = KeyType::Rsa2048;
    plan.keys = {{"auth", KeyType::Rsa2048, Purpose::Authentication},
                 {"sign", KeyType::P256, Purpose::Signature},
                 {"encrypt", KeyType::Rsa2048, Purpose::Authentication},
                 {"card", KeyType::P256, Purpose::Authentication},
                 {"retired", KeyType::P256, Purpose::Authentication}};
    plan.pins = {{"pin1", 3, "123456"}, {"puk", 3}};
    return plan;
}

PivCard::PivCard(StateStore& store)
    // Historical bytes: a category indicator, card data, and "YubiKey".
    : Iso7816Card(Protocol::T1, *from_hex("3BFD1300008131FE158073C021C057597562694B657940")),
      security_(store, {{pin, "pin1", 6, pin_length, 3}, {puk, "puk", 6, pin_length, 3}}, {pin_length, 0xFF}),
      serial_number_(*from_hex(store.state().serial_number)) {
    const CardState& state = store.state();
    files().root().name = application_aid();
    add_objects(state);
    const auto add_key = [&](std::uint8_t reference, const char* name) -> Key& {
        CardKey key = CardKey::from_pem(state.keys.at(name));
        const std::uint8_t algorithm = key.is_rsa() ? rsa_2048 : p_256;
        return keys_.emplace(reference, Key{std::move(key), algorithm}).first->second;
    };
    add_key(0x9A, "auth");
    add_key(0x9C, "sign").pin_always = true;
    add_key(0x9D, "encrypt");
    add_key(0x9E, "card").needs_pin = false;
    add_key(0x82, "retired");
}

void PivCard::add_objects(const CardState& state) {
    const auto certificate = [&](const char* name) { return certificate_der(state.certificates.at(name)); };
    add_certificate(0x5FC105, certificate("auth"), false);
    add_certificate(0x5FC10A, certificate("sign"), false);
    add_certificate(0x5FC10B, certificate("encrypt"), false);
    add_certificate(0x5FC101, certificate("card"), true);
    add_certificate(0x5FC10D, certificate("retired"), false);
    // FASC-N, GUID (of which no two cards have the same), expiration, no issuer's signature.
    Bytes guid = *from_hex("D1617319000000000000000000000000");
    std::copy(serial_number_.begin(), serial_number_.end(), guid.end() - 4);
    objects_[card_holder_unique_identifier] = tlv(
        0x53, {tlv(0x30, *from_hex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")), tlv(0x34, guid),
               tlv(0x35, as_bytes("20301231")), tlv(0x3E, ByteView{}), tlv(0xFE, ByteView{})});
    objects_[card_capability_container] =
        tlv(0x53, {tlv(0xF0, *from_hex("A000000116FF02D1617319000000000000000000000001")),
                   tlv(0xF1, *from_hex("21")), tlv(0xF2, *from_hex("21")), tlv(0xF3, ByteView{}),
                   tlv(0xF4, *from_hex("00")), tlv(0xF5, *from_hex("10")), tlv(0xF6, ByteView{}),
                   tlv(0xF7, ByteView{}), tlv(0xFA, ByteView{}), tlv(0xFB, ByteView{}), tlv(0xFC, ByteView{}),
                   tlv(0xFD, ByteView{}), tlv(0xFE, ByteView{})});
    // The PIN of this application, and no other (part 1 section 3.3.2).
    objects_[discovery] = tlv(discovery, {tlv(0x4F, application_aid()), tlv(0x5F2F, *from_hex("4000"))});
    objects_[key_history] = tlv(0x53, {tlv(0xC1, *from_hex("01")), tlv(0xC2, *from_hex("00")),
                                       tlv(0xF3, ByteView{}), tlv(0xFE, ByteView{})});
}

void PivCard::add_certificate(std::uint32_t tag, const Bytes& der, bool compressed) {
    const Bytes info{static_cast<std::uint8_t>(compressed ? 0x01 : 0x00)};
    objects_[tag] =
        tlv(0x53, {tlv(0x70, compressed ? gzip(der) : der), tlv(0x71, info), tlv(0xFE, ByteView{})});
}

Response PivCard::process(const Command& command) {
    if (!application_selected_)
        return Status::InstructionNotSupported;
    if (command.ins != ins_general_authenticate)
        pin_was_last_ = false;
    switch (command.ins) {
    case ins_verify:
        return verify(command);
    case ins_change_reference_data:
        return change_reference_data(command);
    case ins_reset_retry_counter:
        return reset_retry_counter(command);
    case ins_get_data:
        return get_data(command);
    case ins_general_authenticate:
        return general_authenticate(command);
    case ins_get_version:
        return Response(to_bytes(firmware));
    case ins_get_serial:
        return Response(serial_number_);
    default:
        return Status::InstructionNotSupported;
    }
}

void PivCard::clear_security() {
    application_selected_ = false;
    pin_was_last_ = false;
    security_.forget_all();
}

bool PivCard::accepts_chain(const Command& command) const {
    return command.ins == ins_general_authenticate;
}

void PivCard::on_application_selected(const File&, SelectedBy how) {
    pin_was_last_ = false;
    if (how == SelectedBy::Name)
        application_selected_ = true;
}

/// Application property template, part 2 table 3.
std::optional<Bytes> PivCard::application_answer(const File&) const {
    const Bytes& aid = application_aid();
    const Bytes provider = to_bytes(ByteView(aid).first(5));
    return tlv(0x61, {tlv(0x4F, ByteView(aid).subspan(5)), tlv(0x79, {tlv(0x4F, provider)}),
                      tlv(0x50, as_bytes("PIV TEST"))});
}

Response PivCard::verify(const Command& command) {
    const PinRules& rules = *security_.find(pin);
    if (command.p2 != pin)
        return Status::ReferenceNotFound;
    if (command.p1 == 0xFF && command.data.empty()) {
        security_.forget(rules.role);
        return Status::Ok;
    }
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    if (command.data.empty())
        return security_.status(rules);
    const Response response = security_.verify(rules, command.data);
    pin_was_last_ = response.ok();
    return response;
}

Response PivCard::change_reference_data(const Command& command) {
    const PinRules* const rules = security_.find(command.p2);
    if (rules == nullptr)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.change(*rules, command.data);
}

Response PivCard::reset_retry_counter(const Command& command) {
    if (command.p2 != pin)
        return Status::ReferenceNotFound;
    if (command.p1 != 0x00)
        return Status::WrongP1P2;
    return security_.unblock(*security_.find(pin), *security_.find(puk), command.data);
}

Response PivCard::get_data(const Command& command) const {
    if (command.p1 != 0x3F || command.p2 != 0xFF)
        return Status::WrongP1P2;
    const std::optional<ByteView> list = find_tlv(command.data, 0x5C);
    if (!list || list->empty() || list->size() > 3)
        return Status::WrongData;
    std::uint32_t tag = 0;
    for (const std::uint8_t octet : *list)
        tag = tag << 8 | octet;
    const auto object = objects_.find(tag);
    return object != objects_.end() ? Response(object->second) : Response(Status::FileNotFound);
}

Response PivCard::general_authenticate(const Command& command) {
    const bool pin_was_last = std::exchange(pin_was_last_, false);
    if (command.p2 == management_key)
        return challenge_of_management_key(find_long_tlv(command.data, 0x7C).value_or(ByteView{}));
    const auto found = keys_.find(command.p2);
    if (found == keys_.end())
        return Status::ReferenceNotFound;
    const Key& key = found->second;
    if (command.p1 != key.algorithm)
        return Status::WrongData;
    const bool allowed = key.pin_always ? pin_was_last : !key.needs_pin || security_.verified("pin1");
    if (!allowed)
        return Status::SecurityStatusNotSatisfied;
    const std::optional<ByteView> objects = find_long_tlv(command.data, 0x7C);
    if (!objects || !find_long_tlv(*objects, 0x82))
        return Status::WrongData;
    std::optional<Bytes> result;
    if (const auto point = find_long_tlv(*objects, 0x85)) {
        if (!key.key.is_rsa())
            result = key.key.derive(*point);
    } else if (const auto challenge = find_long_tlv(*objects, 0x81)) {
        if (key.key.is_rsa())
            result = key.key.raw(*challenge);
        else if (!challenge->empty() && challenge->size() <= key.key.size())
            result = key.key.ecdsa_der(*challenge);
    }
    return result ? Response(tlv(0x7C, {tlv(0x82, *result)})) : Response(Status::WrongData);
}

} // namespace digisign::virtual_card
