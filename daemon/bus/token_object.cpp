// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Token

#include "daemon/bus/job_starter.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

namespace digisign::bus {

namespace {

using core::Token;

std::string label(const Token& token) {
    return token.description().label;
}
std::string issuer(const Token& token) {
    return token.issuer();
}
std::string manufacturer(const Token& token) {
    return token.description().manufacturer;
}
std::string model(const Token& token) {
    return token.description().model;
}
std::string serial_number(const Token& token) {
    return token.description().serial_number;
}
std::string driver(const Token& token) {
    return token.description().driver;
}
std::string generation(const Token& token) {
    return token.description().generation;
}
std::string_view state(const Token& token) {
    return core::state_name(token);
}
std::vector<std::string> warnings(const Token& token) {
    return token.description().warnings;
}
ObjectPath reader(const Token& token) {
    return {object_path::of_reader(token.reader())};
}

void method_activate(Endpoint& endpoint, const Token& token, sd_bus_message* message) {
    const Options options = read_job_options(message);
    if (!token.needs_activation())
        throw Error(ErrorCode::NotSupported, "the card has been activated already");
    core::JobRequest request;
    request.session = token.session();
    request.work = core::ActivateWork{};
    start_job(endpoint, message, options, std::move(request), /*may_ask=*/true);
}

void method_refresh(Endpoint& endpoint, const Token& token, sd_bus_message* message) {
    endpoint.core().readers.refresh_pin_statuses(token.session());
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

void method_logout(Endpoint& endpoint, const Token& token, sd_bus_message* message) {
    endpoint.core().logins.end_all_of(endpoint.client_of(message), token.session());
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

} // namespace

const sd_bus_vtable token_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Activate", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Token, method_activate>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Refresh", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, const Token, method_refresh>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Logout", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, const Token, method_logout>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Label", "s", (property_getter<Token, label>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Issuer", "s", (property_getter<Token, issuer>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Manufacturer", "s", (property_getter<Token, manufacturer>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Model", "s", (property_getter<Token, model>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("SerialNumber", "s", (property_getter<Token, serial_number>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Driver", "s", (property_getter<Token, driver>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Generation", "s", (property_getter<Token, generation>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", (property_getter<Token, state>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Warnings", "as", (property_getter<Token, warnings>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Reader", "o", (property_getter<Token, reader>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
