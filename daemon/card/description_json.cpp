// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/description_json.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <stdexcept>

namespace digisign::card {

namespace {

using Json = nlohmann::json;

/// Thrown within this file for a value out of its range; what nlohmann-json throws is a std::exception as
/// well.
class BadValue : public std::runtime_error {
public:
    BadValue() : std::runtime_error("value out of range") {}
};

std::string write_bytes(ByteView bytes) {
    return to_hex(bytes);
}

Bytes read_bytes(const Json& value) {
    auto bytes = from_hex(value.get<std::string>());
    if (!bytes)
        throw BadValue();
    return std::move(*bytes);
}

template <typename Integer>
Integer read_integer(const Json& value) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<Integer>::max())
        throw BadValue();
    return value.get<Integer>();
}

template <typename Integer>
std::optional<Integer> read_optional(const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(read_integer<Integer>(value));
}

template <typename Integer>
Json write_optional(const std::optional<Integer>& value) {
    return value ? Json(*value) : Json(nullptr);
}

template <typename Enum>
Enum read_enum(const Json& value, Enum last) {
    const auto number = read_integer<unsigned>(value);
    if (number > static_cast<unsigned>(last))
        throw BadValue();
    return static_cast<Enum>(number);
}

Json write_pin(const PinDescription& pin) {
    return {{"reference", pin.reference},
            {"label", pin.label},
            {"role", static_cast<unsigned>(pin.role)},
            {"min_length", pin.min_length},
            {"max_length", pin.max_length},
            {"stored_length", pin.stored_length},
            {"pad_byte", write_optional(pin.pad_byte)},
            {"only_digits", pin.only_digits},
            {"puk_reference", write_optional(pin.puk_reference)},
            {"can_change", pin.can_change},
            {"can_unblock", pin.can_unblock}};
}

PinDescription read_pin(const Json& json) {
    PinDescription pin;
    pin.reference = read_integer<std::uint8_t>(json.at("reference"));
    pin.label = json.at("label").get<std::string>();
    pin.role = read_enum(json.at("role"), PinRole::Puk);
    pin.min_length = read_integer<std::size_t>(json.at("min_length"));
    pin.max_length = read_integer<std::size_t>(json.at("max_length"));
    pin.stored_length = read_integer<std::size_t>(json.at("stored_length"));
    pin.pad_byte = read_optional<std::uint8_t>(json.at("pad_byte"));
    pin.only_digits = json.at("only_digits").get<bool>();
    pin.puk_reference = read_optional<std::uint8_t>(json.at("puk_reference"));
    pin.can_change = json.at("can_change").get<bool>();
    pin.can_unblock = json.at("can_unblock").get<bool>();
    return pin;
}

Json write_usage(const KeyUsage& usage) {
    return {{"decrypt", usage.decrypt},
            {"sign", usage.sign},
            {"unwrap", usage.unwrap},
            {"derive", usage.derive},
            {"non_repudiation", usage.non_repudiation}};
}

KeyUsage read_usage(const Json& json) {
    return {.decrypt = json.at("decrypt").get<bool>(),
            .sign = json.at("sign").get<bool>(),
            .unwrap = json.at("unwrap").get<bool>(),
            .derive = json.at("derive").get<bool>(),
            .non_repudiation = json.at("non_repudiation").get<bool>()};
}

Json write_key(const KeyDescription& key) {
    Json mechanisms = Json::array();
    for (const SignatureMechanism& mechanism : key.mechanisms)
        mechanisms.push_back(mechanism_name(mechanism));
    Json decipher_mechanisms = Json::array();
    for (const DecipherMechanism& mechanism : key.decipher_mechanisms)
        decipher_mechanisms.push_back(mechanism_name(mechanism));
    return {{"id", write_bytes(key.id)},
            {"label", key.label},
            {"reference", key.reference},
            {"path", write_bytes(key.path)},
            {"algorithm", static_cast<unsigned>(key.algorithm)},
            {"bits", key.bits},
            {"curve", key.curve},
            {"spki", write_bytes(key.spki)},
            {"usage", write_usage(key.usage)},
            {"pin_reference", write_optional(key.pin_reference)},
            {"always_authenticate", key.always_authenticate},
            {"mechanisms", std::move(mechanisms)},
            {"decipher_mechanisms", std::move(decipher_mechanisms)},
            {"can_derive", key.can_derive}};
}

KeyDescription read_key(const Json& json) {
    KeyDescription key;
    key.id = read_bytes(json.at("id"));
    key.label = json.at("label").get<std::string>();
    key.reference = read_integer<std::uint16_t>(json.at("reference"));
    key.path = read_bytes(json.at("path"));
    key.algorithm = read_enum(json.at("algorithm"), KeyAlgorithm::Ec);
    key.bits = read_integer<unsigned>(json.at("bits"));
    key.curve = json.at("curve").get<std::string>();
    key.spki = read_bytes(json.at("spki"));
    key.usage = read_usage(json.at("usage"));
    key.pin_reference = read_optional<std::uint8_t>(json.at("pin_reference"));
    key.always_authenticate = json.at("always_authenticate").get<bool>();
    for (const Json& name : json.at("mechanisms")) {
        const auto mechanism = mechanism_from_name(name.get<std::string>());
        if (!mechanism)
            throw BadValue();
        key.mechanisms.push_back(*mechanism);
    }
    for (const Json& name : json.at("decipher_mechanisms")) {
        const auto mechanism = decipher_mechanism_from_name(name.get<std::string>());
        if (!mechanism)
            throw BadValue();
        key.decipher_mechanisms.push_back(*mechanism);
    }
    key.can_derive = json.at("can_derive").get<bool>();
    return key;
}

Json write_certificate(const CertificateDescription& certificate) {
    return {{"id", write_bytes(certificate.id)},
            {"label", certificate.label},
            {"der", write_bytes(certificate.der)},
            {"authority", certificate.authority}};
}

CertificateDescription read_certificate(const Json& json) {
    return {read_bytes(json.at("id")), json.at("label").get<std::string>(), read_bytes(json.at("der")),
            json.at("authority").get<bool>()};
}

Json write_data_object(const DataObjectDescription& object) {
    return {{"label", object.label},
            {"application", object.application},
            {"object_id", write_bytes(object.object_id)},
            {"value", write_bytes(object.value)}};
}

DataObjectDescription read_data_object(const Json& json) {
    return {json.at("label").get<std::string>(), json.at("application").get<std::string>(),
            read_bytes(json.at("object_id")), read_bytes(json.at("value"))};
}

template <typename Item, typename Write>
Json write_list(const std::vector<Item>& items, Write write) {
    Json list = Json::array();
    for (const Item& item : items)
        list.push_back(write(item));
    return list;
}

template <typename Read>
auto read_list(const Json& json, Read read) {
    std::vector<decltype(read(json))> items;
    if (!json.is_array())
        throw BadValue();
    for (const Json& item : json)
        items.push_back(read(item));
    return items;
}

} // namespace

std::string to_json(const CardDescription& description) {
    const Json json{{"driver", description.driver},
                    {"generation", description.generation},
                    {"label", description.label},
                    {"issuer", description.issuer},
                    {"manufacturer", description.manufacturer},
                    {"model", description.model},
                    {"serial_number", description.serial_number},
                    {"pins", write_list(description.pins, write_pin)},
                    {"keys", write_list(description.keys, write_key)},
                    {"certificates", write_list(description.certificates, write_certificate)},
                    {"data_objects", write_list(description.data_objects, write_data_object)},
                    {"warnings", description.warnings}};
    // The texts were made printable UTF-8 when they were read from the card.
    return json.dump();
}

std::optional<CardDescription> description_from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        CardDescription description;
        description.driver = json.at("driver").get<std::string>();
        description.generation = json.at("generation").get<std::string>();
        description.label = json.at("label").get<std::string>();
        description.issuer = json.at("issuer").get<std::string>();
        description.manufacturer = json.at("manufacturer").get<std::string>();
        description.model = json.at("model").get<std::string>();
        description.serial_number = json.at("serial_number").get<std::string>();
        description.pins = read_list(json.at("pins"), read_pin);
        description.keys = read_list(json.at("keys"), read_key);
        description.certificates = read_list(json.at("certificates"), read_certificate);
        description.data_objects = read_list(json.at("data_objects"), read_data_object);
        description.warnings = json.at("warnings").get<std::vector<std::string>>();
        return description;
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const BadValue&) {
        return std::nullopt;
    }
}

} // namespace digisign::card
