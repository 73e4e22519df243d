// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/gate.hpp"

#include "common/error.hpp"

#include <pthread.h>

#include <new>

namespace digisign::pkcs11 {

CK_RV value_of_exception() noexcept {
    try {
        throw;
    } catch (const Fault& fault) {
        return fault.value;
    } catch (const Error& error) {
        return error_info(error.code()).ck_rv;
    } catch (const std::bad_alloc&) {
        return CKR_HOST_MEMORY;
    } catch (...) {
        return CKR_GENERAL_ERROR;
    }
}

CancellationOff::CancellationOff() noexcept {
    (void)::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former_); // fails only for a state there is not
}

CancellationOff::~CancellationOff() {
    (void)::pthread_setcancelstate(former_, nullptr); // as above
}

} // namespace digisign::pkcs11
