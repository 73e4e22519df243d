// SPDX-License-Identifier: LGPL-2.1-or-later
// A D-Bus message that is written and read in C++ types, and the a{sv} dictionaries most of them carry.

#pragma once

#include "common/bytes.hpp"
#include "sdbus/handles.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace digisign::client {

struct ObjectPath {
    std::string text;

    auto operator<=>(const ObjectPath&) const = default;
};

/// What a variant of our interfaces may hold: b i u x t d s o ay as aay.
using Value = std::variant<bool, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, double,
                           std::string, ObjectPath, Bytes, std::vector<std::string>, std::vector<Bytes>>;
using Dictionary = std::map<std::string, Value, std::less<>>;

/// The entry if it is there with that type, else `fallback`: an entry a newer service adds or an older one
/// lacks is no fault.
template <class T>
T value_or(const Dictionary& dictionary, std::string_view key, T fallback) {
    const auto entry = dictionary.find(key);
    if (entry == dictionary.end())
        return fallback;
    const T* value = std::get_if<T>(&entry->second);
    return value != nullptr ? *value : fallback;
}

/// One of the documents of Key.SignBatch.
struct BatchItem {
    std::string document; ///< name, shown to the person
    Bytes data;           ///< as for Key.Sign
};

/// Writing and reading throw Error(Internal) where the message is not what the interface promises.
class Message {
public:
    Message() = default;
    explicit Message(sdbus::MessagePtr message) : message_(std::move(message)) {}
    /// Shares a message that sd-bus lent to a callback.
    static Message shared(sd_bus_message* borrowed);
    /// Another owner of the same message, of which one of them may read the content.
    Message shared() const { return shared(get()); }

    sd_bus_message* get() const { return message_.get(); }
    explicit operator bool() const { return message_ != nullptr; }

    /// Makes sd-bus wipe the message's memory when it is released.
    void mark_sensitive();

    void append(std::string_view text);
    void append(const ObjectPath& path);
    void append(ByteView bytes);
    void append(std::uint64_t number);
    void append(const Dictionary& dictionary);
    void append(const std::vector<BatchItem>& items);
    /// Not append(), which a pointer would find.
    void append_boolean(bool value);
    /// The descriptor is duplicated.
    void append_descriptor(int fd);

    std::string read_string();
    ObjectPath read_path();
    Bytes read_bytes();
    Dictionary read_dictionary();
    std::vector<Dictionary> read_dictionaries();
    /// A value inside a variant of any type of Value; for other types it is skipped and `false` returned.
    bool read_variant(Value& value);

    /// Reads the objects of org.freedesktop.DBus.ObjectManager.GetManagedObjects: path → interface →
    /// properties.
    std::map<std::string, std::map<std::string, Dictionary>> read_managed_objects();

    /// Unique name of the connection that sent it; empty on the private socket.
    std::string sender() const;
    std::string path() const;

private:
    sdbus::MessagePtr message_;
};

} // namespace digisign::client
