// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Reader

#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

namespace digisign::bus {

namespace {

using core::Reader;

std::string name(const Reader& reader) {
    return reader.name.value;
}
std::string_view state(const Reader& reader) {
    return core::name_of(reader.state);
}
std::string problem(const Reader& reader) {
    return reader.problem;
}
bool has_pin_pad(const Reader& reader) {
    return reader.pin_pad.verify;
}
ObjectPath token(const Reader& reader) {
    return {reader.token ? object_path::of(*reader.token) : "/"};
}

} // namespace

const sd_bus_vtable reader_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Name", "s", (property_getter<Reader, name>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", (property_getter<Reader, state>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Problem", "s", (property_getter<Reader, problem>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("HasPinPad", "b", (property_getter<Reader, has_pin_pad>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Token", "o", (property_getter<Reader, token>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
