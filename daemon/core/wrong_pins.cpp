// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/wrong_pins.hpp"

#include "common/error.hpp"
#include "daemon/crypto/digest.hpp"

#include <sys/random.h>

#include <algorithm>

namespace digisign::core {

namespace {

constexpr std::size_t salt_size = 32;
constexpr std::size_t names_size = 512; // more than a token's id can have

} // namespace

WrongPins::WrongPins() : salt_(salt_size) {
    if (::getrandom(salt_.data(), salt_size, 0) != static_cast<ssize_t>(salt_size))
        throw Error(ErrorCode::Internal, "the kernel gave no random bytes");
    salt_.set_size(salt_size);
}

Bytes WrongPins::digest_of(const Slot& slot, const PinValue& pin) const {
    SecureBuffer input(salt_size + names_size + 2 + PinValue::max_length);
    input.append(salt_.view());
    input.append(as_bytes(slot.card).first(std::min(slot.card.size(), names_size)));
    input.push_back(slot.reference);
    input.push_back(slot.unlisted_puk ? 1 : 0);
    input.append(pin.secret());
    return crypto::digest_of(Digest::Sha256, input.view());
}

bool WrongPins::contains(const Slot& slot, const Bytes& digest) const {
    const auto found = entries_.find(slot);
    return found != entries_.end() && found->second.digests.contains(digest);
}

void WrongPins::add(const Slot& slot, Bytes digest, std::optional<unsigned> tries_left) {
    Entry& entry = entries_[slot];
    entry.digests.insert(std::move(digest));
    entry.tries_left = tries_left;
    entry.refused_last = true;
}

void WrongPins::on_tries_read(const Slot& slot, std::optional<unsigned> tries_left) {
    const auto found = entries_.find(slot);
    if (found == entries_.end() || !tries_left)
        return;
    Entry& entry = found->second;
    if (entry.tries_left && *tries_left > *entry.tries_left)
        entries_.erase(found); // somebody else gave the right PIN, or set a new one
    else
        entry.tries_left = tries_left;
}

void WrongPins::on_accepted(const Slot& slot) {
    const auto found = entries_.find(slot);
    if (found == entries_.end())
        return;
    found->second.tries_left.reset();
    found->second.refused_last = false;
}

void WrongPins::on_card_removed(const std::string& card) {
    std::erase_if(entries_, [&card](const auto& entry) {
        return entry.first.card == card && (!entry.second.refused_last || !entry.second.tries_left);
    });
}

} // namespace digisign::core
