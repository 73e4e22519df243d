// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/infos.hpp"

#include "config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace digisign::pkcs11 {

namespace {

/// Of the bytes of a character of UTF-8, any but the first.
bool is_continuation(char byte) {
    return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80;
}

/// The longest beginning of at most `size` bytes that does not end inside a character.
std::string_view first_of(std::string_view text, std::size_t size) {
    if (text.size() <= size)
        return text;
    while (size > 0 && is_continuation(text[size]))
        --size;
    return text.substr(0, size);
}

/// The same from the other end.
std::string_view last_of(std::string_view text, std::size_t size) {
    if (text.size() <= size)
        return text;
    text.remove_prefix(text.size() - size);
    while (!text.empty() && is_continuation(text.front()))
        text.remove_prefix(1);
    return text;
}

/// Section 3.1 and others: "padded with the blank character", and not null-terminated.
template <std::size_t size>
void fill(CK_UTF8CHAR (&field)[size], std::string_view text) {
    const auto end = std::ranges::copy(first_of(text, size), field).out;
    std::ranges::fill(end, std::end(field), CK_UTF8CHAR{' '});
}

/// Major and minor number of this version of DigiSign.
CK_VERSION own_version() {
    constexpr std::string_view text = DIGISIGN_VERSION;
    constexpr std::size_t dot = text.find('.');
    static_assert(dot != std::string_view::npos);
    CK_VERSION version{};
    (void)std::from_chars(text.data(), text.data() + dot, version.major); // meson.build has numbers there
    (void)std::from_chars(text.data() + dot + 1, text.data() + text.size(), version.minor);
    return version;
}

std::string label_of(const Token& token) {
    constexpr std::size_t label_size = sizeof CK_TOKEN_INFO::label;
    const std::string suffix = token.pin ? " (PIN" + std::to_string(token.pin->number) + ")" : "";
    return std::string(first_of(token.label, label_size - suffix.size())) + suffix;
}

/// The standard means by USER_PIN_COUNT_LOW that a PIN was wrong since the last right one. Cards tell how
/// many tries are left, but not how many there are at most; three is what most begin with, so fewer says the
/// same.
constexpr unsigned tries_of_most_cards = 3;

CK_FLAGS pin_flags(const Token& token) {
    const Pin& pin = *token.pin;
    CK_FLAGS flags = CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED;
    if (token.agent || token.pin_pad)
        flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (pin.tries_left && *pin.tries_left < tries_of_most_cards)
        flags |= CKF_USER_PIN_COUNT_LOW;
    if (pin.tries_left == 1U)
        flags |= CKF_USER_PIN_FINAL_TRY;
    if (pin.blocked || pin.tries_left == 0U)
        flags |= CKF_USER_PIN_LOCKED;
    if (pin.factory)
        flags |= CKF_USER_PIN_TO_BE_CHANGED;
    return flags;
}

} // namespace

CK_INFO library_info() {
    CK_INFO info{};
    info.cryptokiVersion = {3, 0};
    fill(info.manufacturerID, "DigiSign");
    fill(info.libraryDescription, "DigiSign PKCS#11 module");
    info.libraryVersion = own_version();
    return info;
}

CK_SLOT_INFO slot_info(const Slot& slot) {
    CK_SLOT_INFO info{};
    fill(info.slotDescription, slot.reader);
    fill(info.manufacturerID, ""); // not known but as a part of the reader's name
    info.flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
    if (slot.token)
        info.flags |= CKF_TOKEN_PRESENT;
    return info;
}

CK_TOKEN_INFO token_info(const Token& token, SessionCounts sessions) {
    CK_TOKEN_INFO info{};
    fill(info.label, label_of(token));
    fill(info.manufacturerID, token.manufacturer);
    fill(info.model, token.model);
    // The beginning of the longer ones is the issuer's; the end differs from card to card.
    fill(info.serialNumber, last_of(token.serial_number, sizeof info.serialNumber));
    // Not CKF_WRITE_PROTECTED: C_SetPIN works in read/write sessions only, which that would forbid.
    info.flags = CKF_RNG | CKF_TOKEN_INITIALIZED;
    if (token.pin) {
        info.flags |= pin_flags(token);
        info.ulMinPinLen = token.pin->min_length;
        info.ulMaxPinLen = token.pin->max_length;
    }
    info.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
    info.ulSessionCount = sessions.all;
    info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
    info.ulRwSessionCount = sessions.read_write;
    info.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    fill(info.utcTime, ""); // no clock
    return info;
}

} // namespace digisign::pkcs11
