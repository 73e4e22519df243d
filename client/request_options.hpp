// SPDX-License-Identifier: LGPL-2.1-or-later
// What accompanies a call that has an agent asked for a PIN.

#pragma once

#include "client/message.hpp"

#include <string>

namespace digisign::client {

/// Empty means not given. See the XML of Pin.Verify and Key.Sign.
struct RequestOptions {
    std::string agent{};     ///< id from AgentServer, or the id that a service's caller handed over
    std::string document{};  ///< name of the document, shown to the person; of Key.Sign only
    std::string requester{}; ///< for whom a service asks, shown to the person
};

Dictionary to_dictionary(const RequestOptions& options);

} // namespace digisign::client
