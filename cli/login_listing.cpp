// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/console.hpp"
#include "cli/listing.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace digisign::cli {

namespace {

using client::DaemonState;
using client::Login;

/// The time of the person's own clock.
std::string local_time(std::int64_t seconds_since_1970) {
    const auto time = static_cast<std::time_t>(seconds_since_1970);
    std::tm broken_down{};
    if (::localtime_r(&time, &broken_down) == nullptr)
        return "?";
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", broken_down);
}

std::string what(const DaemonState& state, const Login& login) {
    const client::Pin* pin = state.find_pin(login.pin);
    const client::Token* token = state.find_token(login.token);
    return fmt::format("{} of {}", pin != nullptr ? printable(pin->label) : "a PIN",
                       token != nullptr ? printable(token->label) : "a card");
}

std::string who(const Login& login) {
    std::string text = login.executable.empty() ? "an unknown program" : printable(login.executable);
    if (login.pid)
        text += fmt::format(", process {}", *login.pid);
    for (const std::string& detail : {login.sandbox, login.unit, login.terminal})
        if (!detail.empty())
            text += ", " + printable(detail);
    return text;
}

} // namespace

std::string login_listing_text(const DaemonState& state, const std::vector<Login>& logins) {
    if (logins.empty())
        return "No program is logged in.\n";
    std::string text;
    for (const Login& login : logins)
        text += fmt::format("{}  {}\n   by {}\n   since {}, last used {}\n", login.id,
                            colored(Color::Bold, what(state, login)), who(login), local_time(login.since),
                            local_time(login.last_used));
    return text;
}

} // namespace digisign::cli
