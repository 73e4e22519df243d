// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/message.hpp"

#include "common/utf8.hpp"
#include "daemon/core/limits.hpp"

#include <algorithm>

namespace digisign::bus {

namespace {

constexpr std::string_view building = "cannot build a message";
constexpr std::string_view reading = "cannot read the message";

template <typename Text>
void append_strings(sd_bus_message* message, const std::vector<Text>& values) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "s"), building);
    for (const Text& value : values)
        append_value(message, value);
    sdbus::check(sd_bus_message_close_container(message), building);
}

} // namespace

void append_value(sd_bus_message* message, const std::string& value) {
    // Text from a card or a reader need not be UTF-8, and sd-bus does not send what is not.
    sdbus::check(sd_bus_message_append_basic(message, 's', printable_utf8(as_bytes(value)).c_str()),
                 building);
}

void append_value(sd_bus_message* message, std::string_view value) {
    append_value(message, std::string(value));
}

void append_value(sd_bus_message* message, const ObjectPath& value) {
    sdbus::check(sd_bus_message_append_basic(message, 'o', value.value.c_str()), building);
}

void append_value(sd_bus_message* message, ByteView value) {
    sdbus::check(sd_bus_message_append_array(message, 'y', value.data(), value.size()), building);
}

void append_value(sd_bus_message* message, const Bytes& value) {
    append_value(message, ByteView(value));
}

void append_value(sd_bus_message* message, bool value) {
    const int number = value ? 1 : 0;
    sdbus::check(sd_bus_message_append_basic(message, 'b', &number), building);
}

void append_value(sd_bus_message* message, std::uint32_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 'u', &value), building);
}

void append_value(sd_bus_message* message, std::int32_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 'i', &value), building);
}

void append_value(sd_bus_message* message, std::int64_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 'x', &value), building);
}

void append_value(sd_bus_message* message, std::uint64_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 't', &value), building);
}

void append_value(sd_bus_message* message, double value) {
    sdbus::check(sd_bus_message_append_basic(message, 'd', &value), building);
}

void append_value(sd_bus_message* message, const std::vector<std::string>& value) {
    append_strings(message, value);
}

void append_value(sd_bus_message* message, const std::vector<std::string_view>& value) {
    append_strings(message, value);
}

void append_value(sd_bus_message* message, const std::vector<Bytes>& value) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "ay"), building);
    for (const Bytes& bytes : value)
        append_value(message, bytes);
    sdbus::check(sd_bus_message_close_container(message), building);
}

std::string read_string(sd_bus_message* message) {
    const char* text = nullptr;
    sdbus::check(sd_bus_message_read_basic(message, 's', &text), reading);
    return text;
}

std::string read_object_path(sd_bus_message* message) {
    const char* path = nullptr;
    sdbus::check(sd_bus_message_read_basic(message, 'o', &path), reading);
    return path;
}

Bytes read_bytes(sd_bus_message* message) {
    const void* data = nullptr;
    std::size_t size = 0;
    sdbus::check(sd_bus_message_read_array(message, 'y', &data, &size), reading);
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    return {bytes, bytes + size};
}

bool read_flag(sd_bus_message* message) {
    int value = 0;
    sdbus::check(sd_bus_message_read_basic(message, 'b', &value), reading);
    return value != 0;
}

std::uint32_t read_uint32(sd_bus_message* message) {
    std::uint32_t value = 0;
    sdbus::check(sd_bus_message_read_basic(message, 'u', &value), reading);
    return value;
}

std::uint64_t read_uint64(sd_bus_message* message) {
    std::uint64_t value = 0;
    sdbus::check(sd_bus_message_read_basic(message, 't', &value), reading);
    return value;
}

Options Options::read(sd_bus_message* message, std::span<const Known> known) {
    Options options;
    sdbus::check(sd_bus_message_enter_container(message, 'a', "{sv}"), reading);
    while (sdbus::check(sd_bus_message_enter_container(message, 'e', "sv"), reading) > 0) {
        const std::string name = read_string(message);
        const auto spec = std::ranges::find(known, std::string_view(name), &Known::name);
        if (spec == known.end())
            throw Error(ErrorCode::InvalidArgument, "there is no option \"" + name + "\"");
        if (options.texts_.contains(name) || options.flags_.contains(name))
            throw Error(ErrorCode::InvalidArgument, "the option \"" + name + "\" was given twice");
        const char* type = spec->type == Type::Text ? "s" : "b";
        const int entered = sd_bus_message_enter_container(message, 'v', type);
        if (entered <= 0)
            throw Error(ErrorCode::InvalidArgument,
                        "the option \"" + name + "\" has to be of the D-Bus type '" + type + "'");
        if (spec->type == Type::Text) {
            std::string text = read_string(message);
            if (text.size() > core::limits::shown_text)
                throw Error(ErrorCode::InvalidArgument, "the option \"" + name + "\" is too long");
            options.texts_.emplace(name, std::move(text));
        } else {
            options.flags_.emplace(name, read_flag(message));
        }
        sdbus::check(sd_bus_message_exit_container(message), reading);
        sdbus::check(sd_bus_message_exit_container(message), reading);
    }
    sdbus::check(sd_bus_message_exit_container(message), reading);
    return options;
}

std::string Options::text(std::string_view name) const {
    const auto found = texts_.find(name);
    return found == texts_.end() ? std::string() : found->second;
}

bool Options::flag(std::string_view name, bool if_missing) const {
    const auto found = flags_.find(name);
    return found == flags_.end() ? if_missing : found->second;
}

} // namespace digisign::bus
