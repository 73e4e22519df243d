// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that loads the module, as tests drive it.

#pragma once

#include "common/bytes.hpp"
#include "pkcs11/cryptoki.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::test {

constexpr std::string_view pin1 = "1234";
constexpr std::string_view puk1 = "12345678";

/// As the header of the standard writes it: "0x000000A4".
std::string text_of(CK_RV value);

/// Throws std::runtime_error for anything but CKR_OK: for what a test needs, but is not about.
void must(CK_RV value, const char* what);

/// The loaded module. With its last owner it is unloaded.
class Library {
public:
    Library();
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    /// Whether it is loaded by anybody.
    static bool is_loaded();

    const CK_FUNCTION_LIST_3_0* operator->() const { return functions_; }
    const CK_FUNCTION_LIST_3_0& functions() const { return *functions_; }

private:
    void* handle_ = nullptr;
    const CK_FUNCTION_LIST_3_0* functions_ = nullptr;
};

/// A library that is initialized, and finalized at the end whatever happens.
class Host {
public:
    Host();
    ~Host();

    const CK_FUNCTION_LIST_3_0* operator->() const { return &library_.functions(); }
    const CK_FUNCTION_LIST_3_0& functions() const { return library_.functions(); }

    std::vector<CK_SLOT_ID> slots(bool with_token) const;

    /// The one with PIN 1 of the card.
    CK_SLOT_ID slot() const;

    CK_SESSION_HANDLE open_session(CK_SLOT_ID slot) const; ///< read/write
    CK_RV log_in(CK_SESSION_HANDLE session, std::string_view pin = pin1, CK_USER_TYPE user = CKU_USER) const;

    /// The first of its kind; 0 if there is none.
    CK_OBJECT_HANDLE find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind) const;
    CK_OBJECT_HANDLE find_key(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind, CK_KEY_TYPE type) const;

    Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

    /// With CKM_ECDSA. `signature` is 64 bytes on a P-256 key.
    CK_RV sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, Bytes digest, Bytes& signature) const;

private:
    CK_OBJECT_HANDLE find(CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted) const;

    Library library_;
};

/// How long a call takes.
template <class Call>
std::chrono::milliseconds time_of(const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

} // namespace digisign::test
