// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/snapshot.hpp"

#include "daemon/core/names.hpp"

#include <fmt/format.h>

#include <chrono>

namespace digisign::bus {

namespace {

constexpr const char* building = "cannot build a snapshot";

void append_pin(sd_bus_message* message, const core::Slot& slot) {
    const core::Pin& pin = *slot.pin;
    const card::PinStatus status = pin.status.value_or(card::PinStatus{});
    const auto number = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
    append_entry(message, "pin", "s", pin.description.label);
    append_entry(message, "pin-number", "u", number(slot.index + 1));
    append_entry(message, "min-length", "u", number(pin.description.min_length));
    append_entry(message, "max-length", "u", number(pin.description.max_length));
    append_entry(message, "tries-left", "i",
                 status.tries_left ? static_cast<std::int32_t>(*status.tries_left) : -1);
    append_entry(message, "blocked", "b", status.blocked);
    append_entry(message, "factory", "b", status.factory_value.value_or(false));
    append_entry(message, "can-change", "b", pin.description.can_change);
    append_entry(message, "can-unblock", "b", pin.description.can_unblock);
}

void append_slot(sd_bus_message* message, const core::Slot& slot, bool default_agent, bool pin_pads) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), building);
    append_entry(message, "id", "u", static_cast<std::uint32_t>(slot.id));
    append_entry(message, "reader", "s", slot.reader->name.value);
    if (slot.token != nullptr) {
        const card::CardDescription& card = slot.token->description();
        append_entry(message, "token", "s",
                     std::to_string(static_cast<std::uint64_t>(slot.token->session())));
        append_entry(message, "label", "s", card.label);
        append_entry(message, "manufacturer", "s", card.manufacturer);
        append_entry(message, "model", "s", card.model);
        append_entry(message, "serial-number", "s", card.serial_number);
        // The keys of a reader are of use only where an agent tells the person to type there.
        append_entry(message, "agent", "b", default_agent);
        append_entry(message, "pin-pad", "b", pin_pads && slot.reader->pin_pad.verify);
        if (slot.pin != nullptr)
            append_pin(message, slot);
    }
    sdbus::check(sd_bus_message_close_container(message), building);
}

void open_object(sd_bus_message* message, const core::Slot& slot, std::string_view kind, const Bytes& id,
                 const std::string& label) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), building);
    append_entry(message, "slot", "u", static_cast<std::uint32_t>(slot.id));
    append_entry(message, "class", "s", kind);
    append_entry(message, "id", "ay", id);
    append_entry(message, "label", "s", label);
}

/// YYYYMMDD, of the day in UTC.
std::string date_text(std::chrono::sys_seconds time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}{:02}{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

void append_certificate(sd_bus_message* message, const core::Slot& slot,
                        const core::Certificate& certificate) {
    open_object(message, slot, "certificate", certificate.description.id, certificate.description.label);
    constexpr std::size_t check_value_size = 3;
    const crypto::Certificate& content = certificate.content;
    append_entry(message, "der", "ay", content.der());
    append_entry(message, "authority", "b", certificate.description.authority);
    append_entry(message, "subject", "ay", content.subject_der());
    append_entry(message, "issuer", "ay", content.issuer_der());
    append_entry(message, "serial", "ay", content.serial_number_der());
    append_entry(message, "spki", "ay", content.public_key().spki());
    append_entry(message, "check-value", "ay", ByteView(certificate.sha1).first(check_value_size));
    append_entry(message, "start-date", "s", date_text(content.not_before()));
    append_entry(message, "end-date", "s", date_text(content.not_after()));
    sdbus::check(sd_bus_message_close_container(message), building);
}

template <typename Mechanism>
std::vector<std::string> mechanism_names(const std::vector<Mechanism>& mechanisms) {
    std::vector<std::string> names;
    for (const Mechanism& mechanism : mechanisms)
        names.push_back(mechanism_name(mechanism));
    return names;
}

void append_if_known(sd_bus_message* message, const char* key, const Bytes& value) {
    if (!value.empty())
        append_entry(message, key, "ay", value);
}

void append_key(sd_bus_message* message, const core::Slot& slot, const core::Key& key,
                std::string_view kind) {
    open_object(message, slot, kind, key.description.id, key.description.label);
    append_entry(message, "algorithm", "s", core::name_of(key.description.algorithm));
    append_entry(message, "bits", "u", key.description.bits);
    append_entry(message, "usage", "as", core::usage_names(key.description.usage));
    append_entry(message, "mechanisms", "as", mechanism_names(key.description.mechanisms));
    append_entry(message, "decipher-mechanisms", "as", mechanism_names(key.description.decipher_mechanisms));
    append_entry(message, "can-derive", "b", key.description.can_derive);
    append_entry(message, "always-authenticate", "b", key.description.always_authenticate);
    append_if_known(message, "subject", key.subject);
    append_if_known(message, "spki", key.public_key.spki());
    append_if_known(message, "modulus", key.public_key.modulus());
    append_if_known(message, "public-exponent", key.public_key.public_exponent());
    append_if_known(message, "ec-params", key.curve);
    append_if_known(message, "ec-point", key.point);
    sdbus::check(sd_bus_message_close_container(message), building);
}

void append_data_object(sd_bus_message* message, const core::Slot& slot,
                        const card::DataObjectDescription& object) {
    open_object(message, slot, "data", {}, object.label);
    append_entry(message, "application", "s", object.application);
    append_entry(message, "object-id", "ay", object.object_id);
    append_entry(message, "value", "ay", object.value);
    sdbus::check(sd_bus_message_close_container(message), building);
}

/// A certificate is where its key is; those of authorities are with the card's first PIN.
bool is_in(const core::Slot& slot, const core::Certificate& certificate) {
    const core::Key* key =
        certificate.description.authority ? nullptr : slot.token->find_key(certificate.description.id);
    return slot.holds(key != nullptr ? key->description.pin_reference : std::nullopt);
}

} // namespace

void append_snapshot(sd_bus_message* message, const core::SlotTable& slots, bool default_agent,
                     bool pin_pads) {
    append_value(message, slots.generation());
    const std::vector<core::Slot> all = slots.slots();
    sdbus::check(sd_bus_message_open_container(message, 'a', "a{sv}"), building);
    for (const core::Slot& slot : all)
        append_slot(message, slot, default_agent, pin_pads);
    sdbus::check(sd_bus_message_close_container(message), building);
    sdbus::check(sd_bus_message_open_container(message, 'a', "a{sv}"), building);
    for (const core::Slot& slot : all) {
        if (slot.token == nullptr)
            continue;
        for (const core::Certificate& certificate : slot.token->certificates())
            if (is_in(slot, certificate))
                append_certificate(message, slot, certificate);
        for (const core::Key& key : slot.token->keys())
            if (slot.holds(key.description.pin_reference)) {
                append_key(message, slot, key, "public-key");
                append_key(message, slot, key, "private-key");
            }
        if (slot.holds(std::nullopt)) // no PIN guards them
            for (const card::DataObjectDescription& object : slot.token->description().data_objects)
                append_data_object(message, slot, object);
    }
    sdbus::check(sd_bus_message_close_container(message), building);
}

} // namespace digisign::bus
