// SPDX-License-Identifier: LGPL-2.1-or-later
// Who asked the service, for the person who is asked for a PIN.

#pragma once

#include "client/connection.hpp"

#include <string>

namespace digisign::documents {

/// "/usr/bin/evince (process 4711)", with the short name of a process that hides its path; empty if nothing
/// is known. digisignd shows it as this service's claim, which is all it is by then: the process may have
/// been replaced by another program meanwhile.
std::string describe_caller(client::Connection& session, const std::string& unique_name);

} // namespace digisign::documents
