// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/state.hpp"

#include "common/error.hpp"
#include "common/file.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace digisign::virtual_card {

namespace {

using Json = nlohmann::json;

constexpr int format_version = 1;
constexpr std::size_t size_limit = std::size_t{1} << 20;

Json to_json(const CardState& state) {
    Json pins = Json::object();
    for (const auto& [role, pin] : state.pins)
        pins[role] = {
            {"value", pin.value}, {"tries-left", pin.tries_left}, {"holder-value", pin.holder_value}};
    return {{"format", format_version},
            {"profile", state.profile},
            {"serial-number", state.serial_number},
            {"validity", state.validity},
            {"pins", pins},
            {"keys", state.keys},
            {"certificates", state.certificates}};
}

CardState from_json(const Json& json) {
    if (json.at("format").get<int>() != format_version)
        throw Error(ErrorCode::NotSupported, "written by another version of this program");
    CardState state;
    json.at("profile").get_to(state.profile);
    json.at("serial-number").get_to(state.serial_number);
    json.at("validity").get_to(state.validity);
    for (const auto& [role, pin] : json.at("pins").items())
        state.pins[role] = {pin.at("value").get<std::string>(), pin.at("tries-left").get<unsigned>(),
                            pin.at("holder-value").get<bool>()};
    json.at("keys").get_to(state.keys);
    json.at("certificates").get_to(state.certificates);
    return state;
}

} // namespace

StateStore::StateStore(std::string path) : path_(std::move(path)) {
    if (path_.empty() || !std::filesystem::exists(path_))
        return;
    const std::optional<Bytes> content = read_small_file(path_, size_limit);
    if (!content)
        throw Error(ErrorCode::InputUnreadable, "cannot read the card's state from " + path_);
    try {
        state_ = from_json(Json::parse(*content));
    } catch (const Json::exception&) {
        throw Error(ErrorCode::InputUnreadable, path_ + " is not the state of a virtual card");
    } catch (const Error& error) {
        throw error.with_context(path_);
    }
}

void StateStore::create(CardState state) {
    state_ = std::move(state);
    save();
}

void StateStore::save() const {
    if (path_.empty())
        return;
    // Keys and PINs of a test card are secrets of nobody, but the file may well lie in a shared directory.
    OutputFile file(path_, OutputFile::IfExists::Replace, 0600);
    const std::string text = to_json(*state_).dump(1) + '\n';
    write_all(file.fd(), as_bytes(text));
    file.commit();
}

} // namespace digisign::virtual_card
