// SPDX-License-Identifier: LGPL-2.1-or-later
// General-purpose functions, PKCS#11 3.0 section 5.4. C_GetFunctionList and its kind are in interfaces.cpp.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/infos.hpp"

using namespace digisign::pkcs11;

extern "C" {

CK_RV C_Initialize(CK_VOID_PTR arguments) {
    return gate([&] { library::initialize(static_cast<const CK_C_INITIALIZE_ARGS*>(arguments)); });
}

CK_RV C_Finalize(CK_VOID_PTR reserved) {
    return gate([&] {
        if (reserved != nullptr)
            throw Fault{CKR_ARGUMENTS_BAD};
        library::finalize();
    });
}

CK_RV C_GetInfo(CK_INFO_PTR info) {
    return with_module([&](Module&) {
        require(info);
        *info = library_info();
    });
}

} // extern "C"
