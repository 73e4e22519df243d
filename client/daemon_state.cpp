// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/daemon_state.hpp"

#include "common/names.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

namespace digisign::client {

namespace {

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 4> pcsc_names{"starting", "available", "unavailable", "access-denied"};
constexpr std::array<std::string_view, 7> reader_names{"empty", "reading",      "present", "busy",
                                                       "mute",  "unrecognized", "error"};
constexpr std::array<std::string_view, 2> token_names{"ready", "needs-activation"};
constexpr std::array<std::string_view, 4> role_names{"authentication", "signature", "organisation", "puk"};
constexpr std::array<std::string_view, 4> pin_names{"usable", "blocked", "factory", "unknown"};

/// `unknown` stands for a word that a newer service may have.
template <class Enum, std::size_t size>
Enum from_name(const std::array<std::string_view, size>& names, std::string_view name, Enum unknown) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? unknown : static_cast<Enum>(found - names.begin());
}

template <class Enum, std::size_t size>
std::string_view name_at(const std::array<std::string_view, size>& names, Enum value) {
    return names[static_cast<std::size_t>(value)];
}

std::string text(const Dictionary& properties, std::string_view name) {
    return value_or<std::string>(properties, name, "");
}

std::vector<std::string> texts(const Dictionary& properties, std::string_view name) {
    return value_or<std::vector<std::string>>(properties, name, {});
}

/// Object path; empty for "/", which stands for none.
std::string other_object(const Dictionary& properties, std::string_view name) {
    const ObjectPath none{"/"};
    const ObjectPath path = value_or(properties, name, none);
    return path == none ? std::string() : path.text;
}

std::string last_element(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// TOKEN of TOKEN/kind/id.
std::string token_above(const std::string& path) {
    const std::size_t kind_end = path.rfind('/');
    return path.substr(0, path.rfind('/', kind_end == 0 ? 0 : kind_end - 1));
}

Reader make_reader(const std::string& path, const Dictionary& properties) {
    return {.path = path,
            .name = text(properties, "Name"),
            .state = from_name(reader_names, text(properties, "State"), ReaderState::Error),
            .problem = text(properties, "Problem"),
            .has_pin_pad = value_or(properties, "HasPinPad", false),
            .token = other_object(properties, "Token")};
}

Token make_token(const std::string& path, const Dictionary& properties) {
    return {.path = path,
            .label = text(properties, "Label"),
            .issuer = text(properties, "Issuer"),
            .manufacturer = text(properties, "Manufacturer"),
            .model = text(properties, "Model"),
            .serial_number = text(properties, "SerialNumber"),
            .driver = text(properties, "Driver"),
            .generation = text(properties, "Generation"),
            .state = from_name(token_names, text(properties, "State"), TokenState::Ready),
            .warnings = texts(properties, "Warnings"),
            .reader = other_object(properties, "Reader")};
}

Pin make_pin(const std::string& path, const Dictionary& properties) {
    const auto tries_left = value_or<std::int32_t>(properties, "TriesLeft", -1);
    return {.path = path,
            .token = token_above(path),
            .reference = last_element(path),
            .label = text(properties, "Label"),
            .role = from_name(role_names, text(properties, "Role"), PinRole::Organisation),
            .state = from_name(pin_names, text(properties, "State"), PinState::Unknown),
            .tries_left = tries_left < 0 ? std::nullopt : std::optional(static_cast<unsigned>(tries_left)),
            .min_length = value_or<std::uint32_t>(properties, "MinLength", 0),
            .max_length = value_or<std::uint32_t>(properties, "MaxLength", 0),
            .can_change = value_or(properties, "CanChange", false),
            .can_unblock = value_or(properties, "CanUnblock", false),
            .puk = other_object(properties, "Puk")};
}

Key make_key(const std::string& path, const Dictionary& properties) {
    return {.path = path,
            .token = token_above(path),
            .label = text(properties, "Label"),
            .id = value_or<Bytes>(properties, "Id", {}),
            .algorithm = text(properties, "Algorithm"),
            .bits = value_or<std::uint32_t>(properties, "Bits", 0),
            .usage = texts(properties, "Usage"),
            .mechanisms = texts(properties, "Mechanisms"),
            .pin = other_object(properties, "Pin"),
            .always_authenticate = value_or(properties, "AlwaysAuthenticate", false)};
}

Certificate make_certificate(const std::string& path, const Dictionary& properties) {
    return {.path = path,
            .token = token_above(path),
            .fingerprint = text(properties, "Fingerprint"),
            .label = text(properties, "Label"),
            .id = value_or<Bytes>(properties, "Id", {}),
            .der = value_or<Bytes>(properties, "Der", {}),
            .subject = text(properties, "Subject"),
            .issuer = text(properties, "Issuer"),
            .serial_number = text(properties, "SerialNumber"),
            .not_before = value_or<std::int64_t>(properties, "NotBefore", 0),
            .not_after = value_or<std::int64_t>(properties, "NotAfter", 0),
            .usage = texts(properties, "Usage"),
            .email = text(properties, "Email"),
            .authority = value_or(properties, "Authority", false),
            .key = other_object(properties, "Key")};
}

void add_manager(DaemonState& state, const Dictionary& properties) {
    state.version = text(properties, "Version");
    state.pcsc = from_name(pcsc_names, text(properties, "PcscState"), PcscState::Unavailable);
    state.agent_available = value_or(properties, "AgentAvailable", false);
}

void add_object(DaemonState& state, const std::string& path, const std::string& interface,
                const Dictionary& properties) {
    if (interface == names::reader_interface) {
        state.readers.push_back(make_reader(path, properties));
    } else if (interface == names::token_interface) {
        state.tokens.push_back(make_token(path, properties));
    } else if (interface == names::pin_interface) {
        state.pins.push_back(make_pin(path, properties));
    } else if (interface == names::key_interface) {
        state.keys.push_back(make_key(path, properties));
    } else if (interface == names::certificate_interface) {
        state.certificates.push_back(make_certificate(path, properties));
    }
}

template <class Object>
const Object* find_by_path(const std::vector<Object>& objects, std::string_view path) {
    const auto found =
        std::ranges::find_if(objects, [path](const Object& object) { return object.path == path; });
    return found == objects.end() ? nullptr : &*found;
}

} // namespace

std::string_view to_name(PcscState state) {
    return name_at(pcsc_names, state);
}
std::string_view to_name(ReaderState state) {
    return name_at(reader_names, state);
}
std::string_view to_name(TokenState state) {
    return name_at(token_names, state);
}
std::string_view to_name(PinRole role) {
    return name_at(role_names, role);
}
std::string_view to_name(PinState state) {
    return name_at(pin_names, state);
}

const Reader* DaemonState::find_reader(std::string_view path) const {
    return find_by_path(readers, path);
}
const Token* DaemonState::find_token(std::string_view path) const {
    return find_by_path(tokens, path);
}
const Pin* DaemonState::find_pin(std::string_view path) const {
    return find_by_path(pins, path);
}
const Key* DaemonState::find_key(std::string_view path) const {
    return find_by_path(keys, path);
}

bool DaemonState::settled() const {
    return pcsc != PcscState::Starting && std::ranges::none_of(readers, [](const Reader& reader) {
               return reader.state == ReaderState::Reading;
           });
}

DaemonState load_state(Connection& session) {
    DaemonState state;
    // An object manager lists what is below it, not itself.
    Message manager =
        session.new_call(names::daemon_bus, names::daemon_root, "org.freedesktop.DBus.Properties", "GetAll");
    manager.append(names::manager_interface);
    add_manager(state, session.call(manager).read_dictionary());

    Message objects = session.new_call(names::daemon_bus, names::daemon_root,
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
    for (const auto& [path, interfaces] : session.call(objects).read_managed_objects())
        for (const auto& [interface, properties] : interfaces)
            add_object(state, path, interface, properties);
    std::ranges::sort(state.readers, {}, &Reader::name);
    std::ranges::sort(state.certificates, {}, [](const Certificate& certificate) {
        return std::tie(certificate.token, certificate.authority, certificate.id, certificate.path);
    });
    return state;
}

DaemonState load_settled_state(Connection& session, Deadline deadline) {
    bool changed = false;
    // Everything the daemon signals: objects that come and go, and properties of those that stay.
    const auto subscription = session.subscribe(std::string("type='signal',sender='") + names::daemon_bus +
                                                    "',path_namespace='" + names::daemon_root + "'",
                                                [&changed](Message&) { changed = true; });
    for (;;) {
        changed = false;
        DaemonState state = load_state(session);
        const auto worth_a_look = [&] { return changed || session.closed(); };
        if (state.settled() || !session.loop().run_until(worth_a_look, deadline) || session.closed())
            return state;
    }
}

} // namespace digisign::client
