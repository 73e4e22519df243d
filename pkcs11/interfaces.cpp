// SPDX-License-Identifier: LGPL-2.1-or-later
// The only functions a host finds by name; they give it all others (PKCS#11 3.0 section 5.4).

#include "pkcs11/copy_out.hpp"
#include "pkcs11/cryptoki.hpp"
#include "pkcs11/gate.hpp"

#include <array>
#include <cstring>

using namespace digisign::pkcs11;

namespace {

CK_FUNCTION_LIST functions_2_40{
    {2, 40},
#define CK_PKCS11_2_0_ONLY 1
#define CK_PKCS11_FUNCTION_INFO(name) name,
#include <pkcs11f.h>
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_2_0_ONLY
};

CK_FUNCTION_LIST_3_0 functions_3_0{
    {3, 0},
#define CK_PKCS11_3_0 1
#define CK_PKCS11_FUNCTION_INFO(name) name,
#include <pkcs11f.h>
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_3_0
};

std::array<CK_UTF8CHAR, 8> interface_name{'P', 'K', 'C', 'S', ' ', '1', '1', '\0'};

/// The first is what a host gets that does not say what it wants.
std::array<CK_INTERFACE, 2> interfaces{{
    {interface_name.data(), &functions_3_0, 0},
    {interface_name.data(), &functions_2_40, 0},
}};

bool is_wanted(const CK_INTERFACE& interface, CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_FLAGS flags) {
    if (name != nullptr && std::strcmp(reinterpret_cast<const char*>(name),
                                       reinterpret_cast<const char*>(interface.pInterfaceName)) != 0)
        return false;
    const auto* has = static_cast<const CK_VERSION*>(interface.pFunctionList); // both lists begin with it
    if (version != nullptr && (version->major != has->major || version->minor != has->minor))
        return false;
    return (interface.flags & flags) == flags;
}

} // namespace

extern "C" {

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    return gate([&] {
        require(list);
        *list = &functions_2_40;
    });
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count) {
    return gate([&] { copy_out(std::span<const CK_INTERFACE>(interfaces), list, count); });
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                     CK_FLAGS flags) {
    return gate([&] {
        require(interface);
        for (CK_INTERFACE& candidate : interfaces)
            if (is_wanted(candidate, name, version, flags)) {
                *interface = &candidate;
                return;
            }
        throw Fault{CKR_ARGUMENTS_BAD};
    });
}

} // extern "C"
