// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/transaction.hpp"

#include "common/log.hpp"
#include "daemon/pcsc/error_map.hpp"

namespace digisign::pcsc {

Transaction::Transaction(Channel& channel) : handle_(channel.handle()) {
    const LONG result = SCardBeginTransaction(handle_);
    if (result != SCARD_S_SUCCESS)
        throw error_from_result(result, "get hold of the card");
}

Transaction::~Transaction() {
    const LONG result = SCardEndTransaction(handle_, disposition_);
    if (result == SCARD_S_SUCCESS)
        return;
    // Where the card or pcscd has gone, so has the transaction.
    if (!is_service_lost(result) && error_code_of(result) != ErrorCode::CardRemoved)
        log::warning(error_from_result(result, "let go of the card").what());
}

} // namespace digisign::pcsc
