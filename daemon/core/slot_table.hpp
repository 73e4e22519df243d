// SPDX-License-Identifier: LGPL-2.1-or-later
// Slots as PKCS#11 sees them: one per PIN of the card in a reader, with numbers that stay.

#pragma once

#include "daemon/core/registry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace digisign::core {

enum class SlotId : std::uint32_t {};

struct Slot {
    SlotId id{};
    const Reader* reader = nullptr;
    std::size_t index = 0;        ///< 0 for the card's first PIN
    const Token* token = nullptr; ///< null without a card that has this PIN
    const Pin* pin = nullptr;     ///< null also for a card without PINs, whose objects are in its first slot

    /// Whether an object that this PIN guards (or none, for what needs no PIN) is in this slot.
    bool holds(std::optional<std::uint8_t> pin_reference) const;
};

class SlotTable final : public RegistryObserver {
public:
    /// `changed` is called from the loop after generation() has become another, once for changes that come
    /// together. Both references outlive the table.
    SlotTable(LoopPoster& loop, Registry& registry, std::function<void()> changed);

    /// Rises with every change of what slots() or the objects in them show.
    std::uint64_t generation() const { return generation_; }

    std::vector<Slot> slots() const;
    std::optional<Slot> find(SlotId id) const;
    /// The one of a card's PIN.
    std::optional<Slot> find(CardSessionId session, std::uint8_t pin_reference) const;

    /// Something that the snapshot of a module shows has changed outside of the registry.
    void touch();

    void on_pcsc_state_changed() override { touch(); }
    void on_reader_added(const Reader& reader) override;
    void on_reader_changed(const Reader&) override { touch(); }
    void on_reader_removing(const Reader&) override { touch(); }
    void on_token_added(const Token& token) override;
    void on_token_changed(const Token&) override { touch(); }
    void on_pin_changed(const Pin&) override { touch(); }
    void on_token_removing(const Token&) override { touch(); }

private:
    struct Numbers {
        std::uint32_t first = 0; ///< SlotId of the reader's first slot
        std::size_t count = 2;   ///< programs look for slots when they start, with or without a card
    };

    std::uint32_t new_number(std::string_view name) const;

    LoopPoster& loop_;
    const Registry& registry_;
    std::function<void()> changed_;
    bool change_posted_ = false;
    std::map<ReaderName, Numbers> numbers_; ///< of every reader that was ever there
    std::uint64_t generation_ = 1;
};

} // namespace digisign::core
