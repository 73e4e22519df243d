// SPDX-License-Identifier: LGPL-2.1-or-later
// Object paths of the public API, dbus-interfaces/README.md: made here, taken apart here, nowhere else.

#pragma once

#include "daemon/core/registry.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::bus::object_path {

std::string root();
std::string readers(); ///< prefix of all readers, without the last slash
std::string tokens();
std::string jobs();

std::string of(const core::Reader& reader);
std::string of(const core::Token& token);
std::string of(const core::Pin& pin);
std::string of(const core::Key& key);
std::string of(const core::Certificate& certificate);
/// The card first, then its PINs, keys and certificates.
std::vector<std::string> of_token_and_contents(const core::Token& token);
std::string of_reader(const core::ReaderName& name);
std::string of_job(std::string_view sender_element, std::string_view handle);

/// The objects named, or nullptr where the path names none or one of another kind.
const core::Reader* find_reader(const core::Registry& registry, std::string_view path);
const core::Token* find_token(const core::Registry& registry, std::string_view path);
const core::Pin* find_pin(const core::Registry& registry, std::string_view path);
const core::Key* find_key(const core::Registry& registry, std::string_view path);
const core::Certificate* find_certificate(const core::Registry& registry, std::string_view path);

struct JobName {
    std::string sender_element;
    std::string handle;
};
std::optional<JobName> parse_job(std::string_view path);

/// ":1.42" → "1_42", as in portals.
std::string sender_element(std::string_view unique_name);

} // namespace digisign::bus::object_path
