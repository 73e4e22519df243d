// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Token

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

} // namespace

const sd_bus_vtable token_vtable[] = {
    SD_BUS_VTABLE_START(0),
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
