// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/cancel_token.hpp"

#include "common/error.hpp"

#include <sys/eventfd.h>

#include <cerrno>

namespace digisign::client {

CancelToken::CancelToken() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_)
        throw error_from_errno(errno, "cannot make an event descriptor");
}

void CancelToken::cancel() noexcept {
    cancelled_ = true;
    (void)::eventfd_write(event_.get(), 1); // fails only on overflow, when it is readable anyway
}

} // namespace digisign::client
