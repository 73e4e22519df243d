// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/listing.hpp"

#include "client/certificate_choice.hpp"
#include "client/distinguished_name.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace digisign::cli {

namespace {

using client::Certificate;
using client::DaemonState;
using client::Key;
using client::Pin;
using client::Reader;
using client::Token;
using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;

/// RFC 3339, UTC.
std::string timestamp(std::int64_t seconds_since_1970) {
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds_since_1970)};
    const std::chrono::hh_mm_ss day_time(time - std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{}T{:02}:{:02}:{:02}Z", client::date(seconds_since_1970), day_time.hours().count(),
                       day_time.minutes().count(), day_time.seconds().count());
}

Json null_if_empty(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json pin_json(const DaemonState& state, const Pin& pin) {
    const Pin* puk = state.find_pin(pin.puk);
    return {{"reference", pin.reference},
            {"label", pin.label},
            {"role", to_name(pin.role)},
            {"state", to_name(pin.state)},
            {"triesLeft", pin.tries_left ? Json(*pin.tries_left) : Json(nullptr)},
            {"minLength", pin.min_length},
            {"maxLength", pin.max_length},
            {"canChange", pin.can_change},
            {"canUnblock", pin.can_unblock},
            {"puk", puk != nullptr ? Json(puk->reference) : Json(nullptr)}};
}

Json key_json(const DaemonState& state, const Key& key) {
    const Pin* pin = state.find_pin(key.pin);
    return {{"id", to_hex(key.id)},
            {"label", key.label},
            {"algorithm", key.algorithm},
            {"bits", key.bits},
            {"usage", key.usage},
            {"mechanisms", key.mechanisms},
            {"pin", pin != nullptr ? Json(pin->reference) : Json(nullptr)},
            {"alwaysAuthenticate", key.always_authenticate}};
}

Json certificate_json(const DaemonState& state, const Certificate& certificate,
                      std::chrono::sys_seconds now) {
    const Key* key = state.find_key(certificate.key);
    return {{"fingerprint", certificate.fingerprint},
            {"id", to_hex(certificate.id)},
            {"label", certificate.label},
            {"commonName", client::common_name(certificate.subject)},
            {"subject", certificate.subject},
            {"issuer", certificate.issuer},
            {"serialNumber", certificate.serial_number},
            {"notBefore", timestamp(certificate.not_before)},
            {"notAfter", timestamp(certificate.not_after)},
            {"expired", certificate.not_after < now.time_since_epoch().count()},
            {"purpose", client::purpose(certificate)},
            {"usage", certificate.usage},
            {"email", null_if_empty(certificate.email)},
            {"authority", certificate.authority},
            {"key", key != nullptr ? Json(to_hex(key->id)) : Json(nullptr)}};
}

Json card_json(const DaemonState& state, const Token& token, std::chrono::sys_seconds now) {
    Json card{{"label", token.label},
              {"issuer", token.issuer},
              {"manufacturer", token.manufacturer},
              {"model", token.model},
              {"serialNumber", token.serial_number},
              {"driver", token.driver},
              {"generation", token.generation},
              {"state", to_name(token.state)},
              {"warnings", token.warnings},
              {"pins", Json::array()},
              {"keys", Json::array()},
              {"certificates", Json::array()}};
    for (const Pin& pin : state.pins)
        if (pin.token == token.path)
            card["pins"].push_back(pin_json(state, pin));
    for (const Key& key : state.keys)
        if (key.token == token.path)
            card["keys"].push_back(key_json(state, key));
    for (const Certificate& certificate : state.certificates)
        if (certificate.token == token.path)
            card["certificates"].push_back(certificate_json(state, certificate, now));
    return card;
}

/// What tells cards apart, in lists of what is on them.
Json card_reference(const DaemonState& state, const Token& token) {
    const Reader* reader = state.find_reader(token.reader);
    return {{"reader", reader != nullptr ? Json(reader->name) : Json(nullptr)},
            {"label", token.label},
            {"serialNumber", token.serial_number},
            {"state", to_name(token.state)}};
}

/// ASCII only: exact for programs, harmless for a terminal.
std::string to_text(const Json& json) {
    constexpr bool ensure_ascii = true;
    return json.dump(2, ' ', ensure_ascii, Json::error_handler_t::replace) + "\n";
}

} // namespace

std::string pin_listing_json(const DaemonState& state, const Tokens& tokens) {
    Json listing{{"schema", schema_version}, {"cards", Json::array()}};
    for (const Token* token : tokens) {
        Json& card = listing["cards"].emplace_back(card_reference(state, *token));
        card["pins"] = Json::array();
        for (const Pin& pin : state.pins)
            if (pin.token == token->path)
                card["pins"].push_back(pin_json(state, pin));
    }
    return to_text(listing);
}

std::string key_listing_json(const DaemonState& state, const Tokens& tokens) {
    Json listing{{"schema", schema_version}, {"cards", Json::array()}};
    for (const Token* token : tokens) {
        Json& card = listing["cards"].emplace_back(card_reference(state, *token));
        card["keys"] = Json::array();
        for (const Key& key : state.keys) {
            if (key.token != token->path)
                continue;
            Json& entry = card["keys"].emplace_back(key_json(state, key));
            entry["certificates"] = Json::array();
            for (const Certificate& certificate : state.certificates)
                if (certificate.key == key.path)
                    entry["certificates"].push_back(certificate.fingerprint);
        }
    }
    return to_text(listing);
}

std::string login_listing_json(const DaemonState& state, const std::vector<client::Login>& logins) {
    Json listing{{"schema", schema_version}, {"logins", Json::array()}};
    for (const client::Login& login : logins) {
        const Token* token = state.find_token(login.token);
        const Pin* pin = state.find_pin(login.pin);
        listing["logins"].push_back(
            {{"id", login.id},
             {"card", token != nullptr ? card_reference(state, *token) : Json(nullptr)},
             {"pin", pin != nullptr ? Json(pin->reference) : Json(nullptr)},
             {"since", timestamp(login.since)},
             {"lastUsed", timestamp(login.last_used)},
             {"pid", login.pid ? Json(*login.pid) : Json(nullptr)},
             {"executable", null_if_empty(login.executable)},
             {"unit", null_if_empty(login.unit)},
             {"sandbox", null_if_empty(login.sandbox)},
             {"terminal", null_if_empty(login.terminal)}});
    }
    return to_text(listing);
}

std::string listing_json(const DaemonState& state, std::chrono::sys_seconds now) {
    Json listing{{"schema", schema_version},
                 {"version", state.version},
                 {"pcsc", to_name(state.pcsc)},
                 {"readers", Json::array()}};
    for (const Reader& reader : state.readers) {
        const Token* token = state.find_token(reader.token);
        listing["readers"].push_back(
            {{"name", reader.name},
             {"state", to_name(reader.state)},
             {"problem", null_if_empty(reader.problem)},
             {"pinPad", reader.has_pin_pad},
             {"card", token != nullptr ? card_json(state, *token, now) : Json(nullptr)}});
    }
    return to_text(listing);
}

} // namespace digisign::cli
