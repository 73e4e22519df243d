// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/message.hpp"

#include "common/error.hpp"

#include <system_error>

namespace digisign::client {

namespace {

/// What sd-bus answers, where a negative number can only mean that the message breaks its interface.
int checked(int result) {
    if (result < 0)
        throw Error(ErrorCode::Internal, "a D-Bus message is not as its interface says: " +
                                             std::generic_category().message(-result));
    return result;
}

template <class T>
T read_basic(sd_bus_message* message, char type) {
    T value{};
    checked(::sd_bus_message_read_basic(message, type, &value));
    return value;
}

Bytes read_byte_array(sd_bus_message* message) {
    const void* data = nullptr;
    std::size_t size = 0;
    checked(::sd_bus_message_read_array(message, 'y', &data, &size));
    const auto* first = static_cast<const std::uint8_t*>(data);
    return {first, first + size};
}

std::vector<std::string> read_string_array(sd_bus_message* message) {
    std::vector<std::string> strings;
    checked(::sd_bus_message_enter_container(message, 'a', "s"));
    const char* text = nullptr;
    while (checked(::sd_bus_message_read_basic(message, 's', &text)) > 0)
        strings.emplace_back(text);
    checked(::sd_bus_message_exit_container(message));
    return strings;
}

std::vector<Bytes> read_byte_arrays(sd_bus_message* message) {
    std::vector<Bytes> arrays;
    checked(::sd_bus_message_enter_container(message, 'a', "ay"));
    while (checked(::sd_bus_message_at_end(message, /* complete= */ 0)) == 0)
        arrays.push_back(read_byte_array(message));
    checked(::sd_bus_message_exit_container(message));
    return arrays;
}

/// False where the type is none of Value's; nothing has been read then.
bool read_value(sd_bus_message* message, std::string_view type, Value& value) {
    if (type == "b")
        value = read_basic<int>(message, 'b') != 0; // sd-bus reads a boolean into an int
    else if (type == "i")
        value = read_basic<std::int32_t>(message, 'i');
    else if (type == "u")
        value = read_basic<std::uint32_t>(message, 'u');
    else if (type == "x")
        value = read_basic<std::int64_t>(message, 'x');
    else if (type == "t")
        value = read_basic<std::uint64_t>(message, 't');
    else if (type == "d")
        value = read_basic<double>(message, 'd');
    else if (type == "s")
        value = std::string(read_basic<const char*>(message, 's'));
    else if (type == "o")
        value = ObjectPath{read_basic<const char*>(message, 'o')};
    else if (type == "ay")
        value = read_byte_array(message);
    else if (type == "as")
        value = read_string_array(message);
    else if (type == "aay")
        value = read_byte_arrays(message);
    else
        return false;
    return true;
}

class VariantWriter {
public:
    explicit VariantWriter(sd_bus_message* message) : message_(message) {}

    void operator()(bool value) const { write("b", int{value}); }
    void operator()(std::int32_t value) const { write("i", value); }
    void operator()(std::uint32_t value) const { write("u", value); }
    void operator()(std::int64_t value) const { write("x", value); }
    void operator()(std::uint64_t value) const { write("t", value); }
    void operator()(double value) const { write("d", value); }
    void operator()(const std::string& value) const { write("s", value.c_str()); }
    void operator()(const ObjectPath& value) const { write("o", value.text.c_str()); }
    void operator()(const Bytes& value) const {
        checked(::sd_bus_message_open_container(message_, 'v', "ay"));
        checked(::sd_bus_message_append_array(message_, 'y', value.data(), value.size()));
        checked(::sd_bus_message_close_container(message_));
    }
    void operator()(const std::vector<std::string>& value) const {
        checked(::sd_bus_message_open_container(message_, 'v', "as"));
        checked(::sd_bus_message_open_container(message_, 'a', "s"));
        for (const std::string& text : value)
            checked(::sd_bus_message_append_basic(message_, 's', text.c_str()));
        checked(::sd_bus_message_close_container(message_));
        checked(::sd_bus_message_close_container(message_));
    }
    void operator()(const std::vector<Bytes>& value) const {
        checked(::sd_bus_message_open_container(message_, 'v', "aay"));
        checked(::sd_bus_message_open_container(message_, 'a', "ay"));
        for (const Bytes& bytes : value)
            checked(::sd_bus_message_append_array(message_, 'y', bytes.data(), bytes.size()));
        checked(::sd_bus_message_close_container(message_));
        checked(::sd_bus_message_close_container(message_));
    }

private:
    template <class T>
    void write(const char* type, T value) const {
        checked(::sd_bus_message_append(message_, "v", type, value));
    }

    sd_bus_message* message_;
};

} // namespace

Message Message::shared(sd_bus_message* borrowed) {
    return Message(sdbus::MessagePtr(::sd_bus_message_ref(borrowed)));
}

void Message::mark_sensitive() {
    checked(::sd_bus_message_sensitive(get()));
}

void Message::append(std::string_view text) {
    checked(::sd_bus_message_append_basic(get(), 's', std::string(text).c_str()));
}

void Message::append(const ObjectPath& path) {
    checked(::sd_bus_message_append_basic(get(), 'o', path.text.c_str()));
}

void Message::append(ByteView bytes) {
    checked(::sd_bus_message_append_array(get(), 'y', bytes.data(), bytes.size()));
}

void Message::append(std::uint64_t number) {
    checked(::sd_bus_message_append_basic(get(), 't', &number));
}

void Message::append(const std::vector<BatchItem>& items) {
    checked(::sd_bus_message_open_container(get(), 'a', "(say)"));
    for (const BatchItem& item : items) {
        checked(::sd_bus_message_open_container(get(), 'r', "say"));
        append(item.document);
        append(ByteView(item.data));
        checked(::sd_bus_message_close_container(get()));
    }
    checked(::sd_bus_message_close_container(get()));
}

void Message::append_boolean(bool value) {
    const int number = value ? 1 : 0; // sd-bus takes a boolean as an int
    checked(::sd_bus_message_append_basic(get(), 'b', &number));
}

void Message::append(const Dictionary& dictionary) {
    checked(::sd_bus_message_open_container(get(), 'a', "{sv}"));
    for (const auto& [key, value] : dictionary) {
        checked(::sd_bus_message_open_container(get(), 'e', "sv"));
        append(key);
        std::visit(VariantWriter(get()), value);
        checked(::sd_bus_message_close_container(get()));
    }
    checked(::sd_bus_message_close_container(get()));
}

void Message::append_descriptor(int fd) {
    checked(::sd_bus_message_append_basic(get(), 'h', &fd));
}

std::string Message::read_string() {
    return read_basic<const char*>(get(), 's');
}

ObjectPath Message::read_path() {
    return {read_basic<const char*>(get(), 'o')};
}

Bytes Message::read_bytes() {
    return read_byte_array(get());
}

bool Message::read_variant(Value& value) {
    const char* type = nullptr;
    checked(::sd_bus_message_peek_type(get(), nullptr, &type));
    const std::string wanted = type != nullptr ? type : ""; // entering the container invalidates it
    checked(::sd_bus_message_enter_container(get(), 'v', wanted.c_str()));
    const bool known = read_value(get(), wanted, value);
    if (!known)
        checked(::sd_bus_message_skip(get(), wanted.c_str()));
    checked(::sd_bus_message_exit_container(get()));
    return known;
}

Dictionary Message::read_dictionary() {
    Dictionary dictionary;
    checked(::sd_bus_message_enter_container(get(), 'a', "{sv}"));
    while (checked(::sd_bus_message_enter_container(get(), 'e', "sv")) > 0) {
        std::string key = read_string();
        if (Value value; read_variant(value))
            dictionary.insert_or_assign(std::move(key), std::move(value));
        checked(::sd_bus_message_exit_container(get()));
    }
    checked(::sd_bus_message_exit_container(get()));
    return dictionary;
}

std::vector<Dictionary> Message::read_dictionaries() {
    std::vector<Dictionary> dictionaries;
    checked(::sd_bus_message_enter_container(get(), 'a', "a{sv}"));
    while (checked(::sd_bus_message_at_end(get(), /* complete= */ 0)) == 0)
        dictionaries.push_back(read_dictionary());
    checked(::sd_bus_message_exit_container(get()));
    return dictionaries;
}

std::map<std::string, std::map<std::string, Dictionary>> Message::read_managed_objects() {
    std::map<std::string, std::map<std::string, Dictionary>> objects;
    checked(::sd_bus_message_enter_container(get(), 'a', "{oa{sa{sv}}}"));
    while (checked(::sd_bus_message_enter_container(get(), 'e', "oa{sa{sv}}")) > 0) {
        auto& interfaces = objects[read_path().text];
        checked(::sd_bus_message_enter_container(get(), 'a', "{sa{sv}}"));
        while (checked(::sd_bus_message_enter_container(get(), 'e', "sa{sv}")) > 0) {
            std::string interface = read_string();
            interfaces.insert_or_assign(std::move(interface), read_dictionary());
            checked(::sd_bus_message_exit_container(get()));
        }
        checked(::sd_bus_message_exit_container(get()));
        checked(::sd_bus_message_exit_container(get()));
    }
    checked(::sd_bus_message_exit_container(get()));
    return objects;
}

std::string Message::sender() const {
    const char* name = ::sd_bus_message_get_sender(get());
    return name != nullptr ? name : "";
}

std::string Message::path() const {
    const char* path = ::sd_bus_message_get_path(get());
    return path != nullptr ? path : "";
}

} // namespace digisign::client
