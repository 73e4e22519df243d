// SPDX-License-Identifier: LGPL-2.1-or-later
// Values in and out of sd-bus messages.

#pragma once

#include "common/bytes.hpp"
#include "sdbus/handles.hpp"

#include <concepts>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::bus {

/// An object path, to tell it from other text.
struct ObjectPath {
    std::string value;
};

void append_value(sd_bus_message* message, const std::string& value);
void append_value(sd_bus_message* message, std::string_view value);
void append_value(sd_bus_message* message, const ObjectPath& value);
void append_value(sd_bus_message* message, ByteView value);
void append_value(sd_bus_message* message, const Bytes& value);
void append_value(sd_bus_message* message, bool value);
void append_value(sd_bus_message* message, std::uint32_t value);
void append_value(sd_bus_message* message, std::int32_t value);
void append_value(sd_bus_message* message, std::int64_t value);
void append_value(sd_bus_message* message, std::uint64_t value);
void append_value(sd_bus_message* message, double value);
void append_value(sd_bus_message* message, const std::vector<std::string>& value);
void append_value(sd_bus_message* message, const std::vector<std::string_view>& value);
void append_value(sd_bus_message* message, const std::vector<Bytes>& value);

/// One entry of an a{sv} whose array is open. `type` is the D-Bus signature of the value.
template <typename Value>
void append_entry(sd_bus_message* message, const char* key, const char* type, const Value& value) {
    sdbus::check(sd_bus_message_open_container(message, 'e', "sv"), "cannot build a message");
    append_value(message, std::string_view(key));
    sdbus::check(sd_bus_message_open_container(message, 'v', type), "cannot build a message");
    append_value(message, value);
    sdbus::check(sd_bus_message_close_container(message), "cannot build a message");
    sdbus::check(sd_bus_message_close_container(message), "cannot build a message");
}

std::string read_string(sd_bus_message* message);
std::string read_object_path(sd_bus_message* message);
Bytes read_bytes(sd_bus_message* message);
bool read_flag(sd_bus_message* message);
std::uint32_t read_uint32(sd_bus_message* message);
std::uint64_t read_uint64(sd_bus_message* message);

/// The `a{sv} options` that end most methods: text and flags by name.
class Options {
public:
    enum class Type { Text, Flag };
    struct Known {
        std::string_view name;
        Type type;
    };

    /// Throws Error(InvalidArgument) for an unknown name, a wrong type, a name given twice or a text that is
    /// longer than limits::shown_text: a misspelt option is never ignored.
    static Options read(sd_bus_message* message, std::span<const Known> known);

    std::string text(std::string_view name) const;
    bool flag(std::string_view name, bool if_missing) const;

private:
    std::map<std::string, std::string, std::less<>> texts_;
    std::map<std::string, bool, std::less<>> flags_;
};

} // namespace digisign::bus
