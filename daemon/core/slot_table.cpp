// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/slot_table.hpp"

#include <algorithm>
#include <utility>

namespace digisign::core {

namespace {

constexpr std::uint32_t slots_per_reader = 16;

std::vector<const Pin*> holder_pins(const Token& token) {
    std::vector<const Pin*> pins;
    for (const Pin& pin : token.pins())
        if (pin.description.role != card::PinRole::Puk && pins.size() < slots_per_reader)
            pins.push_back(&pin);
    return pins;
}

} // namespace

bool Slot::holds(std::optional<std::uint8_t> pin_reference) const {
    if (token == nullptr)
        return false;
    if (pin_reference && token->find_pin(*pin_reference) != nullptr)
        return pin != nullptr && pin->description.reference == *pin_reference;
    return index == 0;
}

/// By the reader's name (FNV-1a), so that it has the same number tomorrow: NSS stores flags with it.
std::uint32_t SlotTable::new_number(std::string_view name) const {
    constexpr std::uint32_t numbers = 1U << 20U;
    std::uint32_t hash = 2166136261U;
    for (const char character : name)
        hash = (hash ^ static_cast<std::uint8_t>(character)) * 16777619U;
    std::uint32_t number = hash % numbers;
    const auto is_taken = [this](std::uint32_t wanted) {
        return std::ranges::any_of(numbers_, [wanted](const auto& entry) {
            return entry.second.first == wanted * slots_per_reader;
        });
    };
    while (is_taken(number))
        number = (number + 1) % numbers;
    return number;
}

SlotTable::SlotTable(LoopPoster& loop, Registry& registry, std::function<void()> changed)
    : loop_(loop), registry_(registry), changed_(std::move(changed)) {
    registry.add_observer(*this);
}

void SlotTable::touch() {
    ++generation_;
    if (std::exchange(change_posted_, true))
        return;
    loop_.post([this] {
        change_posted_ = false;
        changed_();
    });
}

void SlotTable::on_reader_added(const Reader& reader) {
    if (!numbers_.contains(reader.name))
        numbers_.emplace(reader.name, Numbers{new_number(reader.name.value) * slots_per_reader});
    touch();
}

void SlotTable::on_token_added(const Token& token) {
    Numbers& numbers = numbers_.at(token.reader());
    numbers.count = std::max(numbers.count, holder_pins(token).size());
    touch();
}

std::vector<Slot> SlotTable::slots() const {
    std::vector<Slot> slots;
    for (const auto& [name, reader] : registry_.readers()) {
        const auto numbers = numbers_.find(name);
        if (numbers == numbers_.end())
            continue;
        const Token* token = reader.token.get();
        const auto pins = token != nullptr ? holder_pins(*token) : std::vector<const Pin*>();
        for (std::size_t i = 0; i < numbers->second.count; ++i) {
            const Pin* pin = i < pins.size() ? pins[i] : nullptr;
            const bool has_token = pin != nullptr || (i == 0 && token != nullptr);
            slots.push_back({static_cast<SlotId>(numbers->second.first + i), &reader, i,
                             has_token ? token : nullptr, pin});
        }
    }
    return slots;
}

std::optional<Slot> SlotTable::find(SlotId id) const {
    for (const Slot& slot : slots())
        if (slot.id == id)
            return slot;
    return std::nullopt;
}

std::optional<Slot> SlotTable::find(CardSessionId session, std::uint8_t pin_reference) const {
    for (const Slot& slot : slots())
        if (slot.token != nullptr && slot.token->session() == session && slot.pin != nullptr &&
            slot.pin->description.reference == pin_reference)
            return slot;
    return std::nullopt;
}

} // namespace digisign::core
