// SPDX-License-Identifier: LGPL-2.1-or-later
// PIV cards (NIST SP 800-73-4), and YubiKeys, which are such cards with a few commands of their own. Nothing
// of ISO 7816-15: objects and keys have fixed numbers, and the card computes RSA without padding.

#include "daemon/card/driver.hpp"
#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/drivers/piv_objects.hpp"
#include "daemon/card/find_application.hpp"
#include "daemon/card/iso7816_card.hpp"
#include "daemon/card/parse_certificate.hpp"
#include "daemon/card/plain_text.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/ecdsa_signature.hpp"
#include "daemon/crypto/rsa_padding.hpp"
#include "daemon/iso7816/aid.hpp"
#include "daemon/iso7816/ber_tlv.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace digisign::card {

namespace {

using iso7816::CommandApdu;
using piv::ObjectTag;

// Part 2 section 3.2.1. The global PIN is another application's as well.
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t global_pin_reference = 0x00;
constexpr std::uint8_t puk_reference = 0x81;
constexpr std::size_t pin_stored_length = 8;

/// A key and the object with its certificate, part 1 tables 3 and 4b.
struct Slot {
    std::uint8_t key;
    ObjectTag certificate;
    std::uint8_t id; ///< as OpenSC numbers them
    std::string name;
    bool needs_pin = true;
    bool pin_always = false; ///< part 1 table 4b: "PIN Always"
};

const std::array<Slot, 4>& first_slots() {
    static const std::array<Slot, 4> slots{
        Slot{0x9A, ObjectTag{0x5FC105}, 0x01, "Authentication"},
        Slot{0x9C, ObjectTag{0x5FC10A}, 0x02, "Signature", true, /*pin_always=*/true},
        Slot{0x9D, ObjectTag{0x5FC10B}, 0x03, "Key management"},
        Slot{0x9E, ObjectTag{0x5FC101}, 0x04, "Card authentication", /*needs_pin=*/false},
    };
    return slots;
}

/// Keys 82 to 95 once were 9D.
Slot retired_slot(std::size_t index) {
    const auto number = static_cast<std::uint8_t>(index);
    return {static_cast<std::uint8_t>(0x82 + number), ObjectTag{0x5FC10Du + number},
            static_cast<std::uint8_t>(0x05 + number), "Retired key management " + std::to_string(index + 1)};
}

/// SP 800-78-4 table 6-2; 3072 and 4096 bits are in SP 800-78-5 and on YubiKeys.
std::optional<std::uint8_t> algorithm_identifier(const KeyDescription& key) {
    if (key.algorithm == KeyAlgorithm::Ec)
        return key.curve == "P-256"   ? std::optional<std::uint8_t>(0x11)
               : key.curve == "P-384" ? std::optional<std::uint8_t>(0x14)
                                      : std::nullopt;
    switch (key.bits) {
    case 1024:
        return 0x06;
    case 2048:
        return 0x07;
    case 3072:
        return 0x05;
    case 4096:
        return 0x16;
    default:
        return std::nullopt;
    }
}

// Data objects of the template 7C, part 2 table 7.
constexpr std::uint32_t dynamic_authentication_template = 0x7C;
constexpr std::uint8_t tag_challenge = 0x81;
constexpr std::uint8_t tag_response = 0x82;
constexpr std::uint8_t tag_exponentiation = 0x85;

/// GENERAL AUTHENTICATE with an empty response, which asks for one, and the data.
CommandApdu use_key_command(const KeyDescription& key, std::uint8_t tag, ByteView data) {
    Bytes objects = iso7816::encode_tlv(tag_response, {});
    append(objects, iso7816::encode_tlv(tag, data));
    // Keys without an algorithm are given no mechanisms.
    return iso7816::general_authenticate(/*ins=*/0x87, algorithm_identifier(key).value(),
                                         static_cast<std::uint8_t>(key.reference), objects);
}

/// The response in the answer to that.
ByteView response_in(ByteView answer) {
    if (const auto outer = iso7816::find_tlv(answer, dynamic_authentication_template))
        if (const auto inner = iso7816::find_tlv(outer->value, tag_response))
            return inner->value;
    throw Error(ErrorCode::CardError, "the card's answer holds no result");
}

SecureBuffer secret_in(const SecureBuffer& answer) {
    const ByteView response = response_in(answer.view());
    SecureBuffer secret(response.size());
    secret.append(response);
    return secret;
}

/// Part 1 table 3: objects that can be read without a PIN and hold no certificate, by the names of that
/// table.
struct NamedObject {
    ObjectTag tag;
    std::string name;
    Bytes object_id; ///< DER
};

const std::array<NamedObject, 5>& named_objects() {
    static const std::array<NamedObject, 5> objects{
        NamedObject{ObjectTag::CardCapabilityContainer,
                    "Card Capability Container",
                    {0x06, 0x0B, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x01, 0x81, 0x5B, 0x00}},
        NamedObject{ObjectTag::Chuid,
                    "Card Holder Unique Identifier",
                    {0x06, 0x0A, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x02, 0x30, 0x00}},
        NamedObject{ObjectTag::SecurityObject,
                    "Security Object",
                    {0x06, 0x0B, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x02, 0x81, 0x10, 0x00}},
        NamedObject{ObjectTag::Discovery,
                    "Discovery Object",
                    {0x06, 0x0A, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x02, 0x60, 0x50}},
        NamedObject{ObjectTag::KeyHistory,
                    "Key History Object",
                    {0x06, 0x0A, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x02, 0x60, 0x60}},
    };
    return objects;
}

class PivCard : public Iso7816Card {
public:
    explicit PivCard(CardDescription description) : Iso7816Card(std::move(description)) {}

    void select_application(Transaction& transaction) override {
        expect_success(transaction.transmit(iso7816::select(iso7816::SelectBy::DfName, iso7816::aid_piv,
                                                            iso7816::SelectAnswer::Fci)),
                       "select its application");
    }

    /// SELECT of the application that is selected already keeps the PIN verified (part 2 section 3.1.1);
    /// VERIFY with P1 = FF is what ends it, since SP 800-73-4. Older cards may forget by SELECT all the same.
    bool log_out(Transaction& transaction, const PinSet& keep) override {
        const PinDescription& pin = description().pins.front();
        if (keep.contains(pin.reference))
            return true;
        if (transaction.transmit(iso7816::verify_end(pin.reference)).is_success())
            return true;
        select_application(transaction);
        if (is_verified(transaction, pin))
            throw Error(ErrorCode::CardError, "the card does not end the login");
        return true;
    }

protected:
    bool signs_any_data() const override { return true; }

    Bytes compute_signature(Transaction& transaction, const KeyDescription& key,
                            const SignatureMechanism& mechanism, ByteView data) override {
        const auto response =
            transaction.transmit(use_key_command(key, tag_challenge, signature_input(key, mechanism, data)));
        expect_success(response, "sign");
        const ByteView result = response_in(response.data);
        if (key.algorithm == KeyAlgorithm::Ec)
            if (auto raw = crypto::ecdsa_der_to_raw(result, signature_size(key) / 2))
                return std::move(*raw);
        return to_bytes(result);
    }

    SecureBuffer compute_plain_text(Transaction& transaction, const KeyDescription& key,
                                    const DecipherMechanism& mechanism, ByteView cryptogram) override {
        const SecureBuffer answer = expect_plain_text(
            transaction.transmit_for_secret(use_key_command(key, tag_challenge, cryptogram)));
        return plain_text_of(mechanism, secret_in(answer));
    }

    SecureBuffer compute_shared_secret(Transaction& transaction, const KeyDescription& key,
                                       ByteView peer_point) override {
        const auto response =
            transaction.transmit_for_secret(use_key_command(key, tag_exponentiation, peer_point));
        expect_success(response, "derive a key");
        return secret_in(response.data);
    }

private:
    static Bytes signature_input(const KeyDescription& key, const SignatureMechanism& mechanism,
                                 ByteView data) {
        switch (mechanism.scheme) {
        case SignatureScheme::Ecdsa:
            return fit_to_field(data, signature_size(key) / 2);
        case SignatureScheme::RsaPss:
            return crypto::pad_pss(mechanism.digest, data, key.bits);
        case SignatureScheme::RsaPkcs1:
            break;
        }
        const Bytes digest_info = mechanism.digest == Digest::None
                                      ? to_bytes(data)
                                      : crypto::encode_digest_info(mechanism.digest, data);
        return crypto::pad_pkcs1(digest_info, signature_size(key));
    }
};

PinDescription describe_pin(std::uint8_t reference) {
    PinDescription pin;
    pin.reference = reference;
    pin.label = "PIN";
    pin.min_length = 6;
    pin.max_length = pin.stored_length = pin_stored_length;
    pin.pad_byte = 0xFF;
    // The global PIN is unblocked by means of its own.
    pin.can_unblock = reference == pin_reference;
    if (pin.can_unblock)
        pin.puk_reference = puk_reference;
    return pin;
}

PinDescription describe_puk() {
    PinDescription puk = describe_pin(puk_reference);
    puk.label = "PUK";
    puk.role = PinRole::Puk;
    puk.only_digits = false; // part 2 section 2.4.3: any bytes
    puk.can_unblock = false;
    puk.puk_reference.reset();
    return puk;
}

/// What the certificate says; without keyUsage, what the slot is for.
KeyUsage usage_of(const Slot& slot, const crypto::Certificate& certificate, bool is_rsa) {
    const auto& usage = certificate.key_usage();
    if (usage == crypto::CertificateKeyUsage{}) {
        const bool for_signing = slot.key >= 0x9A && slot.key != 0x9D;
        return {.decrypt = is_rsa && !for_signing,
                .sign = for_signing,
                .unwrap = is_rsa && !for_signing,
                .derive = !is_rsa && !for_signing,
                .non_repudiation = false};
    }
    return {.decrypt = is_rsa && (usage.key_encipherment || usage.data_encipherment),
            .sign = usage.digital_signature,
            .unwrap = is_rsa && usage.key_encipherment,
            .derive = !is_rsa && usage.key_agreement,
            .non_repudiation = usage.non_repudiation};
}

void add_mechanisms(KeyDescription& key) {
    const bool is_rsa = key.algorithm == KeyAlgorithm::Rsa;
    if (key.usage.sign || key.usage.non_repudiation) {
        key.mechanisms = digest_mechanisms(key.algorithm);
        if (is_rsa)
            std::ranges::copy(pss_mechanisms(key.bits), std::back_inserter(key.mechanisms));
    }
    if (key.usage.decrypt)
        key.decipher_mechanisms = decipher_mechanisms(key.bits);
    key.can_derive = key.usage.derive;
}

KeyDescription describe_key(const Slot& slot, const crypto::Certificate& certificate, std::uint8_t pin) {
    const crypto::PublicKey& public_key = certificate.public_key();
    KeyDescription key;
    key.id = {slot.id};
    key.label = slot.name + " key";
    key.reference = slot.key;
    key.algorithm =
        public_key.algorithm() == crypto::PublicKeyAlgorithm::Ec ? KeyAlgorithm::Ec : KeyAlgorithm::Rsa;
    key.bits = public_key.bits();
    key.curve = public_key.curve();
    key.usage = usage_of(slot, certificate, key.algorithm == KeyAlgorithm::Rsa);
    if (slot.needs_pin)
        key.pin_reference = pin;
    key.always_authenticate = slot.pin_always;
    return key;
}

/// Reads everything public. Nothing on such a card tells that a certificate was replaced, so that it is read
/// anew each time.
class PublicDataReader {
public:
    explicit PublicDataReader(Transaction& transaction) : transaction_(transaction) {}

    CardDescription read(ByteView atr) {
        card_.driver = piv_driver.name;
        card_.label = card_.model = "PIV";
        const auto discovery = read_data(ObjectTag::Discovery);
        const bool global = discovery && piv::prefers_global_pin(*discovery);
        card_.pins = {describe_pin(global ? global_pin_reference : pin_reference)};
        if (!global)
            card_.pins.push_back(describe_puk());
        if (const auto chuid = read_data(ObjectTag::Chuid))
            card_.serial_number = to_hex(piv::guid_in(*chuid));
        (void)read_data(ObjectTag::CardCapabilityContainer);
        (void)read_data(ObjectTag::SecurityObject);
        if (matches_historical_bytes(atr, yubikey) || matches_historical_bytes(atr, yubikey_old))
            ask_yubikey();
        for (const Slot& slot : first_slots())
            (void)read_slot(slot);
        read_retired_slots();
        return std::move(card_);
    }

private:
    static constexpr std::string_view yubikey = "59 75 62 69 4B 65 79";     // "YubiKey"
    static constexpr std::string_view yubikey_old = "59 75 62 69 6B 65 79"; // "Yubikey"

    std::optional<Bytes> read_object(ObjectTag tag, const std::string& name) {
        try {
            return piv::read_object(transaction_, tag);
        } catch (const StatusError& error) {
            card_.warnings.push_back(name + ": " + error.what());
            return std::nullopt;
        }
    }

    /// One that is shown to programs as well.
    std::optional<Bytes> read_data(ObjectTag tag) {
        const auto named = std::ranges::find(named_objects(), tag, &NamedObject::tag);
        auto content = read_object(tag, named->name);
        if (content)
            card_.add_data_object(
                {named->name, named->name, named->object_id, piv::wrap_object(tag, *content)});
        return content;
    }

    /// Version and the serial number that is printed on it, by commands of Yubico's own.
    void ask_yubikey() {
        card_.manufacturer = "Yubico";
        card_.model = "YubiKey";
        const auto version =
            transaction_.transmit({.ins = 0xFD, .data = {}, .le = CommandApdu::short_le_max});
        if (version.is_success() && version.data.size() == 3) {
            const auto number = [&](std::size_t index) { return std::to_string(version.data[index]); };
            card_.generation = "YubiKey " + number(0) + "." + number(1) + "." + number(2);
            card_.model = card_.generation;
        }
        const auto serial = transaction_.transmit({.ins = 0xF8, .data = {}, .le = CommandApdu::short_le_max});
        if (!serial.is_success() || serial.data.size() != 4)
            return;
        std::uint32_t number = 0;
        for (const std::uint8_t byte : serial.data)
            number = number << 8 | byte;
        card_.serial_number = std::to_string(number);
    }

    /// False if there is no certificate.
    bool read_slot(const Slot& slot) {
        const std::string name = slot.name + " certificate";
        const auto object = read_object(slot.certificate, name);
        if (!object)
            return false;
        const auto der = piv::certificate_in(*object, name, card_.warnings);
        const auto certificate =
            der ? parse_certificate(*der, name, card_.warnings) : std::optional<crypto::Certificate>();
        if (!certificate)
            return true;
        if (card_.certificates.empty()) {
            card_.label = certificate->subject_common_name();
            card_.issuer = certificate->issuer_common_name();
        }
        card_.certificates.push_back({{slot.id}, name, certificate->der(), /*authority=*/false});
        KeyDescription key = describe_key(slot, *certificate, card_.pins.front().reference);
        if (certificate->public_key().algorithm() == crypto::PublicKeyAlgorithm::Other ||
            !algorithm_identifier(key)) {
            card_.warnings.push_back("the key of \"" + name + "\" cannot be used");
            return true;
        }
        add_mechanisms(key);
        card_.keys.push_back(std::move(key));
        return true;
    }

    /// As many as the Key History object says. Where there is none, as programs for YubiKeys do not write
    /// one: those without a gap before them.
    void read_retired_slots() {
        const auto history = read_data(ObjectTag::KeyHistory);
        const std::size_t known = history ? piv::retired_keys_in(*history) : 0;
        constexpr std::size_t most = 20;
        for (std::size_t i = 0; i < most; ++i) {
            if (history && i >= known)
                return;
            if (!read_slot(retired_slot(i)) && !history)
                return;
        }
    }

    Transaction& transaction_;
    CardDescription card_;
};

std::unique_ptr<Card> open(Transaction& transaction, ByteView atr, PublicDataCache&) {
    constexpr std::uint32_t application_property_template = 0x61; // part 2 table 3
    const auto response = find_application(transaction, iso7816::aid_piv);
    if (!response || !iso7816::find_tlv(response->data, application_property_template))
        return nullptr;
    return std::make_unique<PivCard>(PublicDataReader(transaction).read(atr));
}

} // namespace

// Cards of all makers have the application, so the ATR says nothing.
const Driver piv_driver{.name = "piv", .historical_bytes = {}, .priority = 4, .open = open};

} // namespace digisign::card
