// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/endpoint.hpp"

#include "common/names.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"

#include <cstdlib>
#include <cstring>

namespace digisign::bus {

namespace {

/// Finds the object of a path for sd-bus: 1 and the object, or 0 where the path names none of this kind.
template <auto find>
int find_object(sd_bus*, const char* path, const char*, void* userdata, void** found,
                sd_bus_error* error) noexcept {
    try {
        const auto* object = find(static_cast<Endpoint*>(userdata)->core().registry, path);
        *found = const_cast<std::remove_const_t<std::remove_pointer_t<decltype(object)>>*>(object); // C API
        return object != nullptr ? 1 : 0;
    } catch (...) {
        return sdbus::set_error_from_exception(error);
    }
}

int find_job(sd_bus*, const char* path, const char*, void* userdata, void** found,
             sd_bus_error* error) noexcept {
    try {
        const auto& endpoint = *static_cast<const Endpoint*>(userdata);
        const auto name = object_path::parse_job(path);
        if (!name)
            return 0;
        const auto client = endpoint.client_with_element(name->sender_element);
        core::Job* job = client ? endpoint.core().jobs.find(*client, name->handle) : nullptr;
        *found = job;
        return job != nullptr ? 1 : 0;
    } catch (...) {
        return sdbus::set_error_from_exception(error);
    }
}

/// Jobs are not listed: they concern their creator, who knows the path.
std::vector<std::string> object_paths(const core::Registry& registry) {
    std::vector<std::string> paths;
    for (const auto& [name, reader] : registry.readers()) {
        paths.push_back(object_path::of(reader));
        if (!reader.token)
            continue;
        const auto contents = object_path::of_token_and_contents(*reader.token);
        paths.insert(paths.end(), contents.begin(), contents.end());
    }
    return paths;
}

int enumerate(sd_bus*, const char*, void* userdata, char*** nodes, sd_bus_error* error) noexcept {
    try {
        const auto paths = object_paths(static_cast<Endpoint*>(userdata)->core().registry);
        auto** list = static_cast<char**>(std::calloc(paths.size() + 1, sizeof(char*))); // sd-bus frees it
        if (list == nullptr)
            return -ENOMEM;
        for (std::size_t i = 0; i < paths.size(); ++i)
            list[i] = ::strdup(paths[i].c_str());
        *nodes = list;
        return 0;
    } catch (...) {
        return sdbus::set_error_from_exception(error);
    }
}

} // namespace

Endpoint::Endpoint(Core core, sd_bus* bus) : core_(core), bus_(bus) {
    using namespace object_path;
    const auto keep = [this](sd_bus_slot* slot) { slots_.emplace_back(slot); };
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_add_object_manager(bus_, &slot, names::daemon_root),
                 "cannot serve the object manager");
    keep(slot);
    sdbus::check(sd_bus_add_node_enumerator(bus_, &slot, names::daemon_root, enumerate, this),
                 "cannot serve the objects");
    keep(slot);
    add_root_interface(names::manager_interface, manager_vtable);
    add_object_interface(readers(), names::reader_interface, reader_vtable,
                         find_object<object_path::find_reader>);
    add_object_interface(tokens(), names::token_interface, token_vtable,
                         find_object<object_path::find_token>);
    add_object_interface(tokens(), names::pin_interface, pin_vtable, find_object<object_path::find_pin>);
    add_object_interface(tokens(), names::key_interface, key_vtable, find_object<object_path::find_key>);
    add_object_interface(tokens(), names::certificate_interface, certificate_vtable,
                         find_object<object_path::find_certificate>);
    add_object_interface(jobs(), names::job_interface, job_vtable, find_job);
}

void Endpoint::add_root_interface(const char* interface, const sd_bus_vtable* vtable) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_add_object_vtable(bus_, &slot, names::daemon_root, interface, vtable, this),
                 std::string("cannot serve ") + interface);
    slots_.emplace_back(slot);
}

void Endpoint::add_object_interface(const std::string& prefix, const char* interface,
                                    const sd_bus_vtable* vtable, sd_bus_object_find_t find) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_add_fallback_vtable(bus_, &slot, prefix.c_str(), interface, vtable, find, this),
                 std::string("cannot serve ") + interface);
    slots_.emplace_back(slot);
}

void Endpoint::client_gone(core::ClientId client) {
    core_.agents.remove(client);
    core_.jobs.cancel_all_of(client);
    core_.logins.end_all_of(client);
}

core::ClientId Endpoint::new_client_id() {
    static std::uint64_t last = 0; // loop thread only
    return static_cast<core::ClientId>(++last);
}

} // namespace digisign::bus
