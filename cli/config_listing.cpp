// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/config_listing.hpp"

#include "cli/console.hpp"
#include "common/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace digisign::cli {

namespace {

using configuration::Configuration;
using configuration::Origin;
using configuration::Value;
using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;

const Configuration::Entry& find_entry(const Configuration& configuration, std::string_view name) {
    const auto found =
        std::ranges::find(configuration.entries(), name,
                          [](const Configuration::Entry& entry) { return full_name(*entry.key); });
    if (found == configuration.entries().end())
        throw Error(ErrorCode::ConfigurationInvalid, fmt::format("there is no setting called \"{}\"", name));
    return *found;
}

std::string origin_text(const Origin& origin) {
    return printable(origin.text()) + (origin.layer == Origin::Layer::Policy ? " (policy)" : "");
}

std::string_view layer_name(Origin::Layer layer) {
    switch (layer) {
    case Origin::Layer::Default:
        return "default";
    case Origin::Layer::Vendor:
        return "vendor";
    case Origin::Layer::Administrator:
        return "administrator";
    case Origin::Layer::User:
        return "user";
    case Origin::Layer::Policy:
        return "policy";
    }
    return "";
}

/// Durations in seconds.
Json value_json(const Value& value) {
    if (const auto* duration = std::get_if<std::chrono::seconds>(&value))
        return duration->count();
    if (const auto* yes = std::get_if<bool>(&value))
        return *yes;
    return value_text(value);
}

Json entry_json(const Configuration& configuration, const Configuration::Entry& entry) {
    const Origin& origin = entry.origin;
    return {{"key", full_name(*entry.key)},
            {"value", value_json(configuration.value(entry))},
            {"default", value_json(entry.key->get(configuration::Settings()))},
            {"meaning", entry.key->meaning},
            {"allowed", allowed_values(*entry.key)},
            {"layer", layer_name(origin.layer)},
            {"file", origin.file.empty() ? Json(nullptr) : Json(origin.file)},
            {"line", origin.line == 0 ? Json(nullptr) : Json(origin.line)}};
}

} // namespace

std::string config_text(const Configuration& configuration, bool with_origin) {
    std::string text;
    for (const Configuration::Entry& entry : configuration.entries())
        text += fmt::format("{} = {}{}\n", full_name(*entry.key), value_text(configuration.value(entry)),
                            with_origin ? "  # " + origin_text(entry.origin) : "");
    return text;
}

std::string config_value_text(const Configuration& configuration, std::string_view name, bool with_origin) {
    const Configuration::Entry& entry = find_entry(configuration, name);
    return value_text(configuration.value(entry)) + (with_origin ? "  # " + origin_text(entry.origin) : "") +
           "\n";
}

std::string config_json(const Configuration& configuration, std::string_view name) {
    Json settings = Json::array();
    if (!name.empty())
        settings.push_back(entry_json(configuration, find_entry(configuration, name)));
    else
        for (const Configuration::Entry& entry : configuration.entries())
            settings.push_back(entry_json(configuration, entry));
    const Json listing{{"schema", schema_version},
                       {"settings", std::move(settings)},
                       {"warnings", configuration.warnings()}};
    constexpr bool ensure_ascii = true;
    return listing.dump(2, ' ', ensure_ascii, Json::error_handler_t::replace) + "\n";
}

} // namespace digisign::cli
