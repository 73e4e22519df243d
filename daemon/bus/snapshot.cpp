// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/snapshot.hpp"

#include "daemon/core/names.hpp"

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
    append_entry(message, "can-unblock", "b", pin.description.can_unblock);
}

void append_slot(sd_bus_message* message, const core::Slot& slot, bool default_agent, bool pin_pads) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), building);
    append_entry(message, "id", "u", static_cast<std::uint32_t>(slot.id));
    append_entry(message, "reader", "s", slot.reader->name.value);
    if (slot.token != nullptr) {
        const card::CardDescription& card = slot.token->description();
        append_entry(message, "token", "s", slot.token->id());
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

void append_certificate(sd_bus_message* message, const core::Slot& slot,
                        const core::Certificate& certificate) {
    open_object(message, slot, "certificate", certificate.description.id, certificate.description.label);
    append_entry(message, "der", "ay", certificate.content.der());
    append_entry(message, "authority", "b", certificate.description.authority);
    sdbus::check(sd_bus_message_close_container(message), building);
}

void append_key(sd_bus_message* message, const core::Slot& slot, const core::Key& key,
                std::string_view kind) {
    const core::Certificate* certificate = slot.token->find_certificate(key.description.id);
    open_object(message, slot, kind, key.description.id, key.description.label);
    append_entry(message, "algorithm", "s", core::name_of(key.description.algorithm));
    append_entry(message, "bits", "u", key.description.bits);
    append_entry(message, "usage", "as", core::usage_names(key.description.usage));
    std::vector<std::string> mechanisms;
    for (const SignatureMechanism& mechanism : key.description.mechanisms)
        mechanisms.push_back(mechanism_name(mechanism));
    append_entry(message, "mechanisms", "as", mechanisms);
    append_entry(message, "always-authenticate", "b", key.description.always_authenticate);
    if (certificate != nullptr)
        append_entry(message, "spki", "ay", certificate->content.public_key().spki());
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
    }
    sdbus::check(sd_bus_message_close_container(message), building);
}

} // namespace digisign::bus
