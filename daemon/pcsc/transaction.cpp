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
    if (result !=
        SCARD_S_SUCCESS) // the card was removed or reset, or pcscd has gone: the transaction has, too
        log::debug(error_from_result(result, "end the transaction").what());
}

} // namespace digisign::pcsc
