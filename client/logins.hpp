// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is logged in where: the login calls of org.digisign.DigiSign1.Manager.

#pragma once

#include "client/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::client {

/// A PIN that is verified for one client; empty where not known.
struct Login {
    std::uint64_t id = 0;
    std::string token;      ///< object path
    std::string pin;        ///< object path
    std::int64_t since = 0; ///< seconds since 1970-01-01 UTC
    std::int64_t last_used = 0;
    std::optional<unsigned> pid;
    std::string executable;
    std::string unit;
    std::string sandbox;
    std::string terminal;
};

/// Oldest first.
std::vector<Login> list_logins(Connection& session);

/// Throws Error(InvalidArgument) if there is none with this id.
void end_login(Connection& session, std::uint64_t id);

/// Ends all logins of everybody.
void lock(Connection& session);

} // namespace digisign::client
