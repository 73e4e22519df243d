// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/listing.hpp"

#include "cli/console.hpp"
#include "cli/prompt_text.hpp"
#include "client/certificate_choice.hpp"
#include "client/distinguished_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace digisign::cli {

namespace {

using client::Certificate;
using client::DaemonState;
using client::Key;
using client::Pin;
using client::PinState;
using client::Reader;
using client::ReaderState;
using client::Token;
using client::TokenState;

std::string pcsc_text(client::PcscState state) {
    switch (state) {
    case client::PcscState::Starting:
        return "does not answer";
    case client::PcscState::Available:
        return "running";
    case client::PcscState::Unavailable:
        return colored(Color::Red, "not running");
    case client::PcscState::AccessDenied:
        return colored(Color::Red, "does not let this session in");
    }
    return "";
}

std::string reader_state_text(const Reader& reader) {
    switch (reader.state) {
    case ReaderState::Empty:
        return "no card";
    case ReaderState::Reading:
        return "the card is being read";
    case ReaderState::Present:
        return "card present";
    case ReaderState::Busy:
    case ReaderState::Mute:
    case ReaderState::Unrecognized:
    case ReaderState::Error:
        return colored(Color::Yellow, printable(problem(reader)));
    }
    return "";
}

std::string card_name(const Token& token) {
    std::string name = token.label.empty() ? "card without a name" : printable(token.label);
    std::string details = printable(token.generation.empty() ? token.model : token.generation);
    if (!token.serial_number.empty())
        details +=
            fmt::format("{}serial number {}", details.empty() ? "" : ", ", printable(token.serial_number));
    return details.empty() ? name : fmt::format("{} ({})", name, details);
}

std::string token_state_text(const Token& token) {
    return token.state == TokenState::Ready ? "ready" : colored(Color::Yellow, "needs activation");
}

std::string pin_state_text(const Pin& pin) {
    switch (pin.state) {
    case PinState::Blocked:
        return colored(Color::Red, "LOCKED");
    case PinState::Factory:
        return colored(Color::Yellow, "to be set by activation");
    case PinState::Usable:
    case PinState::Unknown:
        break;
    }
    if (!pin.tries_left)
        return "number of tries not told by the card";
    const std::string text = tries_left_text(*pin.tries_left);
    return *pin.tries_left <= 1 ? colored(Color::Red, text) : text;
}

bool is_expired(const Certificate& certificate, std::chrono::sys_seconds now) {
    return certificate.not_after < now.time_since_epoch().count();
}

std::string pin_of(const DaemonState& state, const Key& key) {
    const Pin* pin = state.find_pin(key.pin);
    return pin != nullptr ? printable(pin->label) : "no PIN";
}

std::string key_text(const DaemonState& state, const Key& key) {
    return fmt::format("{} {} bits, {}{}", printable(key.algorithm), key.bits, pin_of(state, key),
                       key.always_authenticate ? " for each signature" : "");
}

std::string pins_of(const DaemonState& state, const Token& token) {
    std::string text;
    for (const Pin& pin : state.pins)
        if (pin.token == token.path)
            text += fmt::format("    {}  {}, {}\n", printable(pin.reference),
                                pin_name(pin.label, std::string(to_name(pin.role))), pin_state_text(pin));
    return text.empty() ? text : "  PINs\n" + text;
}

std::string length_text(const Pin& pin) {
    return pin.min_length == pin.max_length ? fmt::format("{}", pin.min_length)
                                            : fmt::format("{}-{}", pin.min_length, pin.max_length);
}

std::string puk_text(const DaemonState& state, const Pin& pin) {
    if (const Pin* puk = state.find_pin(pin.puk))
        return printable(puk->reference);
    return pin.can_unblock ? "yes" : "-";
}

std::string in_reader(const DaemonState& state, const Token& token) {
    const Reader* reader = state.find_reader(token.reader);
    return reader != nullptr ? " in " + printable(reader->name) : "";
}

std::string keys_of(const DaemonState& state, const Token& token) {
    std::string text;
    for (const Key& key : state.keys)
        if (key.token == token.path)
            text +=
                fmt::format("    {}  {}, {} ({})\n", to_hex(key.id), printable(key.label),
                            key_text(state, key), printable(fmt::format("{}", fmt::join(key.usage, ", "))));
    return text.empty() ? text : "  Keys\n" + text;
}

std::string certificates_of(const DaemonState& state, const Token& token, std::chrono::sys_seconds now) {
    std::string text;
    for (const Certificate& certificate : state.certificates)
        if (certificate.token == token.path)
            text += fmt::format("    {}  {}, {}, {}{}{}\n", printable(certificate.fingerprint.substr(0, 16)),
                                colored(Color::Bold, printable(client::common_name(certificate.subject))),
                                purpose(certificate),
                                certificate.id.empty() ? "" : fmt::format("id {}, ", to_hex(certificate.id)),
                                is_expired(certificate, now) ? colored(Color::Red, "EXPIRED ") : "until ",
                                client::date(certificate.not_after));
    return text.empty() ? text : "  Certificates\n" + text;
}

std::string warnings_of(const Token& token) {
    std::string text;
    for (const std::string& warning : token.warnings)
        text += "  " + colored(Color::Yellow, "Warning: " + printable(warning)) + "\n";
    return text;
}

} // namespace

std::string status_text(const DaemonState& state) {
    std::string text =
        fmt::format("digisignd {}\npcscd: {}\n", printable(state.version), pcsc_text(state.pcsc));
    for (const Reader& reader : state.readers) {
        const Token* token = state.find_token(reader.token);
        text += fmt::format("{}: {}\n", printable(reader.name),
                            token != nullptr ? card_name(*token) + ", " + token_state_text(*token)
                                             : reader_state_text(reader));
    }
    return text;
}

std::string listing_text(const DaemonState& state, std::chrono::sys_seconds now) {
    std::string text;
    for (const Reader& reader : state.readers) {
        const Token* token = state.find_token(reader.token);
        text += fmt::format("Reader {}: {}\n", printable(reader.name),
                            token != nullptr ? token_state_text(*token) : reader_state_text(reader));
        if (token == nullptr)
            continue;
        text += "  " + colored(Color::Bold, card_name(*token)) + "\n";
        text += warnings_of(*token) + pins_of(state, *token) + keys_of(state, *token) +
                certificates_of(state, *token, now);
    }
    return text;
}

std::string pin_listing_text(const DaemonState& state, const Tokens& tokens) {
    // The state is last since its colour would count as width.
    constexpr auto columns = "  {:<4} {:<15} {:<20} {:<7} {:<4} {}\n";
    std::string text;
    for (const Token* token : tokens) {
        text += colored(Color::Bold, card_name(*token)) + in_reader(state, *token) + "\n";
        text += fmt::format(columns, "Ref", "Role", "Name", "Length", "PUK", "State");
        for (const Pin& pin : state.pins)
            if (pin.token == token->path)
                text +=
                    fmt::format(columns, printable(pin.reference), to_name(pin.role), printable(pin.label),
                                length_text(pin), puk_text(state, pin), pin_state_text(pin));
    }
    return text;
}

std::string key_listing_text(const DaemonState& state, const Tokens& tokens) {
    std::string text;
    for (const Token* token : tokens) {
        text += colored(Color::Bold, card_name(*token)) + in_reader(state, *token) + "\n";
        for (const Key& key : state.keys) {
            if (key.token != token->path)
                continue;
            text +=
                fmt::format("  {}  {}, {} ({})\n", to_hex(key.id), printable(key.label), key_text(state, key),
                            printable(fmt::format("{}", fmt::join(key.usage, ", "))));
            for (const Certificate& certificate : state.certificates)
                if (certificate.key == key.path)
                    text += fmt::format("      certificate {}  {}\n",
                                        printable(certificate.fingerprint.substr(0, 16)),
                                        printable(client::common_name(certificate.subject)));
        }
    }
    return text;
}

std::string certificate_text(const DaemonState& state, const Certificate& certificate,
                             std::chrono::sys_seconds now) {
    std::string text = colored(Color::Bold, printable(client::common_name(certificate.subject))) + "\n";
    const auto add = [&text](std::string_view name, const std::string& value) {
        if (!value.empty())
            text += fmt::format("  {:<15}{}\n", fmt::format("{}:", name), value);
    };
    const Token* token = state.find_token(certificate.token);
    const Reader* reader = token != nullptr ? state.find_reader(token->reader) : nullptr;
    const Key* key = state.find_key(certificate.key);
    add("Label", printable(certificate.label));
    add("Id", to_hex(certificate.id));
    add("Subject", printable(certificate.subject));
    add("Issuer", printable(certificate.issuer));
    add("Serial number", printable(certificate.serial_number));
    add("Valid",
        fmt::format("{} to {}{}", client::date(certificate.not_before), client::date(certificate.not_after),
                    is_expired(certificate, now) ? colored(Color::Red, " EXPIRED") : ""));
    add("Purpose", fmt::format("{} ({})", purpose(certificate),
                               printable(fmt::format("{}", fmt::join(certificate.usage, ", ")))));
    add("E-mail", printable(certificate.email));
    add("Key", key != nullptr ? key_text(state, *key) : "");
    add("SHA-256", printable(certificate.fingerprint));
    add("Card", token != nullptr ? card_name(*token) : "");
    add("Reader", reader != nullptr ? printable(reader->name) : "");
    return text;
}

} // namespace digisign::cli
