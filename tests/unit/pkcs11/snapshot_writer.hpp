// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes answers of Cryptoki.GetSnapshot, also such as digisignd would not give.

#pragma once

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"
#include "sdbus/handles.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace digisign::test {

/// Appends to one dictionary.
class DictionaryWriter {
public:
    explicit DictionaryWriter(sd_bus_message* message) : message_(message) {}

    const DictionaryWriter& number(const char* key, std::uint32_t value) const {
        return append(key, "u", value);
    }
    const DictionaryWriter& signed_number(const char* key, std::int32_t value) const {
        return append(key, "i", value);
    }
    const DictionaryWriter& boolean(const char* key, bool value) const {
        return append(key, "b", int{value});
    }
    const DictionaryWriter& text(const char* key, const std::string& value) const {
        return append(key, "s", value.c_str());
    }
    const DictionaryWriter& bytes(const char* key, const Bytes& value) const {
        return entry(key, "ay", [&] {
            sdbus::check(sd_bus_message_append_array(message_, 'y', value.data(), value.size()), "append");
        });
    }
    const DictionaryWriter& texts(const char* key, const std::vector<std::string>& values) const {
        return entry(key, "as", [&] {
            sdbus::check(sd_bus_message_open_container(message_, 'a', "s"), "append");
            for (const std::string& value : values)
                sdbus::check(sd_bus_message_append_basic(message_, 's', value.c_str()), "append");
            sdbus::check(sd_bus_message_close_container(message_), "append");
        });
    }

private:
    template <class Value>
    const DictionaryWriter& append(const char* key, const char* type, Value value) const {
        sdbus::check(sd_bus_message_append(message_, "{sv}", key, type, value), "append");
        return *this;
    }
    template <class Append>
    const DictionaryWriter& entry(const char* key, const char* type, const Append& append) const {
        sdbus::check(sd_bus_message_open_container(message_, 'e', "sv"), "append");
        sdbus::check(sd_bus_message_append_basic(message_, 's', key), "append");
        sdbus::check(sd_bus_message_open_container(message_, 'v', type), "append");
        append();
        sdbus::check(sd_bus_message_close_container(message_), "append");
        sdbus::check(sd_bus_message_close_container(message_), "append");
        return *this;
    }

    sd_bus_message* message_;
};

using Dictionary = std::function<void(const DictionaryWriter&)>;

class SnapshotWriter {
public:
    SnapshotWriter() {
        int pair[2] = {-1, -1};
        sdbus::check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
                     "socketpair");
        peer_ = UniqueFd(pair[1]);
        sd_bus* bus = nullptr;
        sdbus::check(sd_bus_new(&bus), "new");
        bus_.reset(bus);
        sdbus::check(sd_bus_set_fd(bus, pair[0], pair[0]), "set fd");
        sdbus::check(sd_bus_start(bus), "start");
    }

    /// A message with any content, ready to be read.
    sdbus::MessagePtr message(const std::function<void(sd_bus_message*)>& fill) const {
        sd_bus_message* raw = nullptr;
        sdbus::check(sd_bus_message_new_method_call(bus_.get(), &raw, nullptr, "/", "a.b", "C"),
                     "new message");
        sdbus::MessagePtr message(raw);
        fill(raw);
        sdbus::check(sd_bus_message_seal(raw, 1, 0), "seal");
        sdbus::check(sd_bus_message_rewind(raw, 1), "rewind");
        return message;
    }

    sdbus::MessagePtr answer(std::uint64_t generation, const std::vector<Dictionary>& slots,
                             const std::vector<Dictionary>& objects) const {
        return message([&](sd_bus_message* raw) {
            sdbus::check(sd_bus_message_append(raw, "t", generation), "append");
            append(raw, slots);
            append(raw, objects);
        });
    }

private:
    static void append(sd_bus_message* message, const std::vector<Dictionary>& dictionaries) {
        sdbus::check(sd_bus_message_open_container(message, 'a', "a{sv}"), "append");
        for (const Dictionary& fill : dictionaries) {
            sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), "append");
            fill(DictionaryWriter(message));
            sdbus::check(sd_bus_message_close_container(message), "append");
        }
        sdbus::check(sd_bus_message_close_container(message), "append");
    }

    UniqueFd peer_; ///< nobody reads it, but without it there is no connection
    sdbus::BusPtr bus_;
};

} // namespace digisign::test
