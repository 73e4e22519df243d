// SPDX-License-Identifier: LGPL-2.1-or-later
// The one way into the module: no exception leaves it, and nothing happens before C_Initialize.

#pragma once

#include "pkcs11/fault.hpp"
#include "pkcs11/library.hpp"
#include "pkcs11/module.hpp"

#include <concepts>
#include <utility>

namespace digisign::pkcs11 {

/// The CK_RV of the exception that is being handled.
CK_RV value_of_exception() noexcept;

/// A host that cancels the calling thread (pthread_cancel) must not do it here: the way out would end at
/// noexcept, and with it the process.
class CancellationOff {
public:
    CancellationOff() noexcept;
    ~CancellationOff();
    CancellationOff(const CancellationOff&) = delete;
    CancellationOff& operator=(const CancellationOff&) = delete;

private:
    int former_ = 0;
};

template <std::invocable Body>
CK_RV gate(Body body) noexcept {
    const CancellationOff cancellation_off;
    try {
        body();
        return CKR_OK;
    } catch (...) {
        return value_of_exception();
    }
}

template <std::invocable<Module&> Body>
CK_RV with_module(Body body) noexcept {
    return gate([&] { body(*library::running()); });
}

} // namespace digisign::pkcs11
