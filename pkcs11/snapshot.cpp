// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/snapshot.hpp"

#include "common/error.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

namespace digisign::pkcs11 {

namespace {

// Far beyond any card, and little enough to be kept by any program.
constexpr std::size_t slots_max = 1024;
constexpr std::size_t objects_max = 4096;
constexpr std::size_t entries_max = 64;      ///< of one dictionary
constexpr std::size_t bytes_max = 64 * 1024; ///< of one value
constexpr std::size_t text_max = 4096;
constexpr std::size_t names_max = 64; ///< of one list

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::Internal, "the answer of digisignd is not as its interface says: " + what);
}

int checked(int result) {
    if (result < 0)
        refuse(std::generic_category().message(-result));
    return result;
}

void require_at_most(std::size_t count, std::size_t limit) {
    if (count > limit)
        refuse("it goes beyond all bounds");
}

std::string_view read_text(sd_bus_message* message) {
    const char* text = nullptr;
    if (checked(sd_bus_message_read_basic(message, 's', &text)) == 0)
        refuse("a text is missing");
    const std::string_view view(text);
    require_at_most(view.size(), text_max);
    return view;
}

/// The value of one entry of a dictionary; of the type that the caller asks for, or it is refused.
class Value {
public:
    explicit Value(sd_bus_message* message) : message_(message) {}

    std::uint32_t number() const { return basic<std::uint32_t>("u"); }
    std::int32_t signed_number() const { return basic<std::int32_t>("i"); }
    bool boolean() const { return basic<int>("b") != 0; } // sd-bus reads a boolean into an int

    std::string text() const {
        enter("s");
        const std::string_view value = read_text(message_);
        leave();
        return std::string(value);
    }

    Bytes bytes() const {
        enter("ay");
        const void* data = nullptr;
        std::size_t size = 0;
        checked(sd_bus_message_read_array(message_, 'y', &data, &size));
        require_at_most(size, bytes_max);
        leave();
        const auto* first = static_cast<const std::uint8_t*>(data);
        return {first, first + size};
    }

    std::vector<std::string> texts() const {
        enter("as");
        checked(sd_bus_message_enter_container(message_, 'a', "s"));
        std::vector<std::string> values;
        while (checked(sd_bus_message_at_end(message_, /* complete= */ 0)) == 0) {
            require_at_most(values.size() + 1, names_max);
            values.emplace_back(read_text(message_));
        }
        leave();
        leave();
        return values;
    }

    void skip() const { checked(sd_bus_message_skip(message_, "v")); }

private:
    template <class T>
    T basic(const char* type) const {
        enter(type);
        T value{};
        checked(sd_bus_message_read_basic(message_, *type, &value));
        leave();
        return value;
    }

    void enter(const char* type) const { checked(sd_bus_message_enter_container(message_, 'v', type)); }
    void leave() const { checked(sd_bus_message_exit_container(message_)); }

    sd_bus_message* message_;
};

/// Calls `take(key, value)` for each entry of the next dictionary; it reads the value, or skips it.
template <class Take>
void read_dictionary(sd_bus_message* message, const Take& take) {
    checked(sd_bus_message_enter_container(message, 'a', "{sv}"));
    for (std::size_t count = 1; checked(sd_bus_message_enter_container(message, 'e', "sv")) > 0; ++count) {
        require_at_most(count, entries_max);
        const std::string_view key = read_text(message);
        take(key, Value(message));
        checked(sd_bus_message_exit_container(message));
    }
    checked(sd_bus_message_exit_container(message));
}

/// Calls `read` for each dictionary of the next array.
template <class Read>
void read_dictionaries(sd_bus_message* message, std::size_t limit, const Read& read) {
    checked(sd_bus_message_enter_container(message, 'a', "a{sv}"));
    for (std::size_t count = 1; checked(sd_bus_message_at_end(message, /* complete= */ 0)) == 0; ++count) {
        require_at_most(count, limit);
        read();
    }
    checked(sd_bus_message_exit_container(message));
}

bool take_pin_entry(Pin& pin, std::string_view key, const Value& value) {
    if (key == "pin-number")
        pin.number = value.number();
    else if (key == "min-length")
        pin.min_length = value.number();
    else if (key == "max-length")
        pin.max_length = value.number();
    else if (key == "tries-left") {
        const std::int32_t tries = value.signed_number();
        pin.tries_left = tries < 0 ? std::nullopt : std::optional(static_cast<unsigned>(tries));
    } else if (key == "blocked")
        pin.blocked = value.boolean();
    else if (key == "factory")
        pin.factory = value.boolean();
    else if (key == "can-change")
        pin.can_change = value.boolean();
    else if (key == "can-unblock")
        pin.can_unblock = value.boolean();
    else
        return false;
    return true;
}

bool take_token_entry(Token& token, std::string_view key, const Value& value) {
    if (key == "label")
        token.label = value.text();
    else if (key == "manufacturer")
        token.manufacturer = value.text();
    else if (key == "model")
        token.model = value.text();
    else if (key == "serial-number")
        token.serial_number = value.text();
    else if (key == "agent")
        token.agent = value.boolean();
    else if (key == "pin-pad")
        token.pin_pad = value.boolean();
    else
        return false;
    return true;
}

Slot read_slot(sd_bus_message* message) {
    Slot slot;
    Token token;
    Pin pin;
    bool has_id = false;
    bool has_token = false;
    bool has_pin = false;
    read_dictionary(message, [&](std::string_view key, const Value& value) {
        if (key == "id") {
            slot.id = value.number();
            has_id = true;
        } else if (key == "reader") {
            slot.reader = value.text();
        } else if (key == "token") {
            token.id = value.text();
            has_token = true;
        } else if (key == "pin") {
            pin.label = value.text();
            has_pin = true;
        } else if (!take_token_entry(token, key, value) && !take_pin_entry(pin, key, value)) {
            value.skip();
        }
    });
    if (!has_id)
        refuse("a slot without a number");
    if (has_token) {
        if (has_pin)
            token.pin = std::move(pin);
        slot.token = std::move(token);
    }
    return slot;
}

std::optional<ObjectKind> kind_of(std::string_view name) {
    if (name == "certificate")
        return ObjectKind::Certificate;
    if (name == "public-key")
        return ObjectKind::PublicKey;
    if (name == "private-key")
        return ObjectKind::PrivateKey;
    if (name == "data")
        return ObjectKind::Data;
    return std::nullopt;
}

std::optional<KeyAlgorithm> algorithm_of(std::string_view name) {
    if (name == "RSA")
        return KeyAlgorithm::Rsa;
    if (name == "EC")
        return KeyAlgorithm::Ec;
    return std::nullopt;
}

KeyUsage usage_of(const std::vector<std::string>& names) {
    const auto has = [&names](const char* name) { return std::ranges::find(names, name) != names.end(); };
    return {.decrypt = has("decrypt"),
            .sign = has("sign"),
            .unwrap = has("unwrap"),
            .derive = has("derive"),
            .non_repudiation = has("non-repudiation")};
}

bool take_certificate_entry(Object& object, std::string_view key, const Value& value) {
    if (key == "der")
        object.value = value.bytes();
    else if (key == "subject")
        object.subject = value.bytes();
    else if (key == "spki")
        object.spki = value.bytes();
    else if (key == "issuer")
        object.issuer = value.bytes();
    else if (key == "serial")
        object.serial = value.bytes();
    else if (key == "check-value")
        object.check_value = value.bytes();
    else if (key == "start-date")
        object.start_date = value.text();
    else if (key == "end-date")
        object.end_date = value.text();
    else if (key == "authority")
        object.authority = value.boolean();
    else
        return false;
    return true;
}

bool take_data_entry(Object& object, std::string_view key, const Value& value) {
    if (key == "value")
        object.value = value.bytes();
    else if (key == "application")
        object.application = value.text();
    else if (key == "object-id")
        object.object_id = value.bytes();
    else
        return false;
    return true;
}

bool take_key_entry(Object& object, std::string_view key, const Value& value) {
    if (key == "bits")
        object.bits = value.number();
    else if (key == "usage")
        object.usage = usage_of(value.texts());
    else if (key == "mechanisms")
        object.mechanisms = value.texts();
    else if (key == "decipher-mechanisms")
        object.decipher_mechanisms = value.texts();
    else if (key == "can-derive")
        object.can_derive = value.boolean();
    else if (key == "always-authenticate")
        object.always_authenticate = value.boolean();
    else if (key == "modulus")
        object.modulus = value.bytes();
    else if (key == "public-exponent")
        object.public_exponent = value.bytes();
    else if (key == "ec-params")
        object.ec_params = value.bytes();
    else if (key == "ec-point")
        object.ec_point = value.bytes();
    else
        return false;
    return true;
}

bool is_date(std::string_view text) {
    return text.empty() ||
           (text.size() == 8 && text.find_first_not_of("0123456789") == std::string_view::npos);
}

/// Empty for a class or an algorithm that the module has no name for.
std::optional<Object> read_object(sd_bus_message* message) {
    Object object;
    std::optional<ObjectKind> kind;
    std::optional<KeyAlgorithm> algorithm;
    bool has_slot = false;
    bool has_class = false;
    read_dictionary(message, [&](std::string_view key, const Value& value) {
        if (key == "slot") {
            object.slot = value.number();
            has_slot = true;
        } else if (key == "class") {
            kind = kind_of(value.text());
            has_class = true;
        } else if (key == "algorithm") {
            algorithm = algorithm_of(value.text());
        } else if (key == "id") {
            object.id = value.bytes();
        } else if (key == "label") {
            object.label = value.text();
        } else if (!take_certificate_entry(object, key, value) && !take_key_entry(object, key, value) &&
                   !take_data_entry(object, key, value)) {
            value.skip();
        }
    });
    if (!has_slot || !has_class)
        refuse("an object without a slot or a class");
    if (!is_date(object.start_date) || !is_date(object.end_date))
        refuse("a date that is none");
    if (!kind)
        return std::nullopt;
    object.kind = *kind;
    if (*kind == ObjectKind::PublicKey || *kind == ObjectKind::PrivateKey) {
        if (!algorithm)
            return std::nullopt;
        object.algorithm = *algorithm;
    }
    return object;
}

} // namespace

const Slot* Snapshot::find_slot(CK_SLOT_ID id) const {
    const auto found = std::ranges::find(slots, id, &Slot::id);
    return found != slots.end() ? &*found : nullptr;
}

Snapshot read_snapshot(sd_bus_message* answer) {
    Snapshot snapshot;
    if (checked(sd_bus_message_read_basic(answer, 't', &snapshot.generation)) == 0)
        refuse("it is empty");
    read_dictionaries(answer, slots_max, [&] {
        Slot slot = read_slot(answer);
        if (snapshot.find_slot(slot.id) != nullptr)
            refuse("two slots with one number");
        snapshot.slots.push_back(std::move(slot));
    });
    read_dictionaries(answer, objects_max, [&] {
        auto object = read_object(answer);
        if (!object)
            return;
        const Slot* slot = snapshot.find_slot(object->slot);
        if (slot != nullptr && slot->token)
            snapshot.objects.push_back(std::move(*object));
    });
    return snapshot;
}

} // namespace digisign::pkcs11
