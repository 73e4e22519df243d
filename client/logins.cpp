// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/logins.hpp"

#include "common/names.hpp"

#include <algorithm>
#include <tuple>

namespace digisign::client {

namespace {

Message new_manager_call(Connection& session, const char* method) {
    return session.new_call(names::daemon_bus, names::daemon_root, names::manager_interface, method);
}

Login make_login(const Dictionary& entry) {
    const auto text = [&entry](std::string_view name) { return value_or<std::string>(entry, name, ""); };
    const auto pid = value_or<std::uint32_t>(entry, "pid", 0);
    return {.id = value_or<std::uint64_t>(entry, "id", 0),
            .token = value_or<ObjectPath>(entry, "token", {}).text,
            .pin = value_or<ObjectPath>(entry, "pin", {}).text,
            .since = value_or<std::int64_t>(entry, "since", 0),
            .last_used = value_or<std::int64_t>(entry, "last-used", 0),
            .pid = pid != 0 ? std::optional<unsigned>(pid) : std::nullopt,
            .executable = text("executable"),
            .unit = text("unit"),
            .sandbox = text("sandbox"),
            .terminal = text("terminal")};
}

} // namespace

std::vector<Login> list_logins(Connection& session) {
    Message reply = session.call(new_manager_call(session, "ListLogins"));
    std::vector<Login> logins;
    for (const Dictionary& entry : reply.read_dictionaries())
        logins.push_back(make_login(entry));
    std::ranges::sort(logins, {}, [](const Login& login) { return std::tie(login.since, login.id); });
    return logins;
}

void end_login(Connection& session, std::uint64_t id) {
    Message request = new_manager_call(session, "EndLogin");
    request.append(id);
    (void)session.call(request);
}

void lock(Connection& session) {
    (void)session.call(new_manager_call(session, "Lock"));
}

} // namespace digisign::client
