// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/find_application.hpp"

#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/commands.hpp"

namespace digisign::card {

std::optional<iso7816::ResponseApdu> find_application(Transaction& transaction, ByteView aid) {
    auto response =
        transaction.transmit(iso7816::select(iso7816::SelectBy::DfName, aid, iso7816::SelectAnswer::Fci));
    if (response.status == iso7816::sw::no_precise_diagnosis)
        throw StatusError(response.status, "select an application");
    return response.is_success() ? std::optional(std::move(response)) : std::nullopt;
}

} // namespace digisign::card
