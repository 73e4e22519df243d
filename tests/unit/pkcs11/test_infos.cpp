// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/infos.hpp"

#include "config.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

/// The whole field, with its blanks.
template <std::size_t size>
std::string field(const CK_UTF8CHAR (&text)[size]) {
    return {reinterpret_cast<const char*>(text), size};
}

/// The text in it.
template <std::size_t size>
std::string trimmed(const CK_UTF8CHAR (&text)[size]) {
    const std::string whole = field(text);
    return whole.substr(0, whole.find_last_not_of(' ') + 1);
}

Token token_with_pin() {
    Token token;
    token.label = "HENKILOKORTTI";
    token.manufacturer = "VRK-FINEID (Gemalto)";
    token.model = "MultiApp v3.0";
    token.serial_number = "123456789";
    token.pin = Pin{};
    token.pin->number = 1;
    token.pin->min_length = 4;
    token.pin->max_length = 12;
    token.pin->tries_left = 5;
    return token;
}

constexpr CK_FLAGS always = CKF_RNG | CKF_TOKEN_INITIALIZED;
constexpr CK_FLAGS with_pin = always | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED;

CK_FLAGS flags_with(unsigned tries_left) {
    Token token = token_with_pin();
    token.pin->tries_left = tries_left;
    return token_info(token, {}).flags;
}

} // namespace

TEST_CASE("library_info__tells_the_versions") {
    const CK_INFO info = library_info();
    CHECK(info.cryptokiVersion.major == 3);
    CHECK(info.cryptokiVersion.minor == 0);
    CHECK(field(info.manufacturerID) == "DigiSign                        ");
    CHECK(trimmed(info.libraryDescription) == "DigiSign PKCS#11 module");
    CHECK(std::string(DIGISIGN_VERSION)
              .starts_with(std::to_string(info.libraryVersion.major) + "." +
                           std::to_string(info.libraryVersion.minor) + "."));
    CHECK(info.flags == 0);
}

TEST_CASE("slot_info__tells_the_reader_and_whether_there_is_a_card") {
    Slot slot;
    slot.reader = "Reader 00 00";
    CHECK(trimmed(slot_info(slot).slotDescription) == "Reader 00 00");
    CHECK(slot_info(slot).flags == (CKF_HW_SLOT | CKF_REMOVABLE_DEVICE));
    slot.token = token_with_pin();
    CHECK(slot_info(slot).flags == (CKF_HW_SLOT | CKF_REMOVABLE_DEVICE | CKF_TOKEN_PRESENT));
    slot.reader = std::string(100, 'x');
    CHECK(field(slot_info(slot).slotDescription) == std::string(64, 'x'));
}

TEST_CASE("token_info__card_with_a_pin__tells_all_of_it") {
    const CK_TOKEN_INFO info = token_info(token_with_pin(), {.all = 3, .read_write = 2});
    CHECK(field(info.label) == "HENKILOKORTTI (PIN1)            ");
    CHECK(trimmed(info.manufacturerID) == "VRK-FINEID (Gemalto)");
    CHECK(trimmed(info.model) == "MultiApp v3.0");
    CHECK(std::string(reinterpret_cast<const char*>(info.serialNumber), 16) == "123456789       ");
    CHECK(info.flags == with_pin);
    CHECK(info.ulMinPinLen == 4);
    CHECK(info.ulMaxPinLen == 12);
    CHECK(info.ulSessionCount == 3);
    CHECK(info.ulRwSessionCount == 2);
    CHECK(info.ulMaxSessionCount == CK_EFFECTIVELY_INFINITE);
    CHECK(info.ulMaxRwSessionCount == CK_EFFECTIVELY_INFINITE);
    CHECK(info.ulFreePrivateMemory == CK_UNAVAILABLE_INFORMATION);
    CHECK(std::string(reinterpret_cast<const char*>(info.utcTime), 16) == std::string(16, ' '));
}

TEST_CASE("token_info__card_without_a_pin__needs_no_login") {
    Token token = token_with_pin();
    token.pin.reset();
    token.agent = true;
    const CK_TOKEN_INFO info = token_info(token, {});
    CHECK(trimmed(info.label) == "HENKILOKORTTI");
    CHECK(info.flags == always);
    CHECK(info.ulMaxPinLen == 0);
}

TEST_CASE("token_info__somebody_else_asks_for_the_pin__is_a_protected_path") {
    Token token = token_with_pin();
    token.agent = true;
    CHECK(token_info(token, {}).flags == (with_pin | CKF_PROTECTED_AUTHENTICATION_PATH));
    token.agent = false;
    token.pin_pad = true;
    CHECK(token_info(token, {}).flags == (with_pin | CKF_PROTECTED_AUTHENTICATION_PATH));
}

TEST_CASE("token_info__tries_left__are_told_by_flags") {
    CHECK(flags_with(3) == with_pin);
    CHECK(flags_with(2) == (with_pin | CKF_USER_PIN_COUNT_LOW));
    CHECK(flags_with(1) == (with_pin | CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY));
    CHECK(flags_with(0) == (with_pin | CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED));
    Token token = token_with_pin();
    token.pin->tries_left.reset();
    CHECK(token_info(token, {}).flags == with_pin);
    token.pin->blocked = true;
    CHECK(token_info(token, {}).flags == (with_pin | CKF_USER_PIN_LOCKED));
}

TEST_CASE("token_info__pin_of_the_issuer__is_to_be_changed") {
    Token token = token_with_pin();
    token.pin->factory = true;
    CHECK(token_info(token, {}).flags == (with_pin | CKF_USER_PIN_TO_BE_CHANGED));
}

TEST_CASE("token_info__long_label__is_cut_before_the_pin") {
    Token token = token_with_pin();
    token.label = std::string(40, 'x');
    CHECK(field(token_info(token, {}).label) == std::string(25, 'x') + " (PIN1)");
}

TEST_CASE("token_info__long_label__is_not_cut_inside_a_character") {
    Token token = token_with_pin();
    token.label = std::string(24, 'x') + "ä and more";
    CHECK(field(token_info(token, {}).label) == std::string(24, 'x') + " (PIN1) ");
    token.label = std::string(23, 'x') + "ä and more";
    CHECK(field(token_info(token, {}).label) == std::string(23, 'x') + "ä (PIN1)");
}

TEST_CASE("token_info__long_serial_number__keeps_its_end") {
    Token token = token_with_pin();
    token.serial_number = "92460110123456789012";
    const auto serial = [&token] {
        const CK_TOKEN_INFO info = token_info(token, {});
        return std::string(reinterpret_cast<const char*>(info.serialNumber), sizeof info.serialNumber);
    };
    CHECK(serial() == "0110123456789012");
    token.serial_number = "xä" + std::string(15, '1');
    CHECK(serial() == std::string(15, '1') + " ");
}
