// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/object_path.hpp"

#include "common/names.hpp"

#include <fmt/format.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>

namespace digisign::bus::object_path {

namespace {

std::string encode(const std::string& prefix, const std::string& element) {
    char* path = nullptr;
    if (sd_bus_path_encode(prefix.c_str(), element.c_str(), &path) < 0)
        throw Error(ErrorCode::Internal, "cannot make an object path of " + element);
    std::string result(path);
    std::free(path);
    return result;
}

/// The elements after `prefix`; empty if the path is elsewhere.
std::vector<std::string_view> elements_below(std::string_view path, const std::string& prefix) {
    std::vector<std::string_view> elements;
    if (!path.starts_with(prefix) || path.size() <= prefix.size() || path[prefix.size()] != '/')
        return elements;
    path.remove_prefix(prefix.size() + 1);
    while (true) {
        const std::size_t slash = path.find('/');
        elements.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos)
            return elements;
        path.remove_prefix(slash + 1);
    }
}

/// The object of the list whose path is the given one. The lists have a handful of entries.
template <typename Object>
const Object* find_by_path(const std::vector<Object>& objects, std::string_view path) {
    const auto found =
        std::ranges::find_if(objects, [path](const Object& object) { return of(object) == path; });
    return found == objects.end() ? nullptr : &*found;
}

const core::Token* token_above(const core::Registry& registry, std::string_view path, std::string_view kind) {
    const auto elements = elements_below(path, tokens());
    if (elements.size() != 3 || elements[1] != kind)
        return nullptr;
    return find_token(registry, path.substr(0, tokens().size() + 1 + elements[0].size()));
}

} // namespace

std::string root() {
    return names::daemon_root;
}
std::string readers() {
    return root() + "/reader";
}
std::string tokens() {
    return root() + "/token";
}
std::string jobs() {
    return root() + "/job";
}

std::string of_reader(const core::ReaderName& name) {
    return encode(readers(), name.value);
}
std::string of(const core::Reader& reader) {
    return of_reader(reader.name);
}
std::string of(const core::Token& token) {
    return encode(tokens(), token.id());
}

std::string of(const core::Pin& pin) {
    return fmt::format("{}/pin/{:02X}", of(pin.token), pin.description.reference);
}

std::string of(const core::Key& key) {
    const card::KeyDescription& description = key.description;
    if (description.id.empty())
        return fmt::format("{}/key/ref{:02X}", of(key.token), description.reference);
    return fmt::format("{}/key/{}", of(key.token), to_hex(description.id));
}

std::string of(const core::Certificate& certificate) {
    return fmt::format("{}/certificate/{}", of(certificate.token), certificate.fingerprint.substr(0, 16));
}

std::vector<std::string> of_token_and_contents(const core::Token& token) {
    std::vector<std::string> paths = {of(token)};
    for (const core::Pin& pin : token.pins())
        paths.push_back(of(pin));
    for (const core::Key& key : token.keys())
        paths.push_back(of(key));
    for (const core::Certificate& certificate : token.certificates())
        paths.push_back(of(certificate));
    return paths;
}

std::string of_job(std::string_view sender, std::string_view handle) {
    return fmt::format("{}/{}/{}", jobs(), sender, handle);
}

const core::Reader* find_reader(const core::Registry& registry, std::string_view path) {
    for (const auto& [name, reader] : registry.readers())
        if (of(reader) == path)
            return &reader;
    return nullptr;
}

const core::Token* find_token(const core::Registry& registry, std::string_view path) {
    for (const auto& [name, reader] : registry.readers())
        if (reader.token && of(*reader.token) == path)
            return reader.token.get();
    return nullptr;
}

const core::Pin* find_pin(const core::Registry& registry, std::string_view path) {
    const core::Token* token = token_above(registry, path, "pin");
    return token == nullptr ? nullptr : find_by_path(token->pins(), path);
}

const core::Key* find_key(const core::Registry& registry, std::string_view path) {
    const core::Token* token = token_above(registry, path, "key");
    return token == nullptr ? nullptr : find_by_path(token->keys(), path);
}

const core::Certificate* find_certificate(const core::Registry& registry, std::string_view path) {
    const core::Token* token = token_above(registry, path, "certificate");
    return token == nullptr ? nullptr : find_by_path(token->certificates(), path);
}

std::optional<JobName> parse_job(std::string_view path) {
    const auto elements = elements_below(path, jobs());
    if (elements.size() != 2)
        return std::nullopt;
    return JobName{std::string(elements[0]), std::string(elements[1])};
}

std::string sender_element(std::string_view unique_name) {
    std::string element(unique_name);
    if (!element.empty() && element.front() == ':')
        element.erase(0, 1);
    std::ranges::replace(element, '.', '_');
    return element;
}

} // namespace digisign::bus::object_path
