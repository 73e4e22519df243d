// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/key.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <type_traits>

namespace digisign::configuration {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

struct Word {
    std::string_view text;
    Value value;
};

/// The first word for a value is the one that is printed.
constexpr std::array words{
    Word{"yes", true},
    Word{"no", false},
    Word{"true", true},
    Word{"false", false},
    Word{"on", true},
    Word{"off", false},
    Word{"prefer", PinPadUse::Prefer},
    Word{"never", PinPadUse::Never},
};

struct Unit {
    std::string_view name;
    seconds length;
};

constexpr std::array units{Unit{"h", 1h}, Unit{"min", 1min}, Unit{"s", 1s}};

template <auto section, auto field>
Value get_field(const Settings& settings) {
    return settings.*section.*field;
}

template <auto section, auto field>
void set_field(Settings& settings, const Value& value) {
    auto& target = settings.*section.*field;
    target = std::get<std::remove_reference_t<decltype(target)>>(value);
}

template <auto section, auto field>
constexpr Key make_key(std::string_view section_name, std::string_view name, std::string_view meaning,
                       Value strictest, seconds shortest = 0s, seconds longest = 0s,
                       bool zero_is_never = false) {
    return {section_name,
            name,
            meaning,
            strictest,
            shortest,
            longest,
            zero_is_never,
            get_field<section, field>,
            set_field<section, field>};
}

constexpr Settings defaults;

constexpr std::array table{
    make_key<&Settings::login, &Settings::Login::allowed>(
        "login", "allowed", "Whether a PIN may stay verified for a program after it was typed once.", false),
    make_key<&Settings::login, &Settings::Login::idle_limit>(
        "login", "idle-limit", "After how long without use of its keys a login ends.", 1s, 1s, 24h,
        /* zero_is_never= */ true),
    make_key<&Settings::login, &Settings::Login::end_on_screen_lock>(
        "login", "end-on-screen-lock", "Whether logins end when the screen is locked.", true),
    make_key<&Settings::login, &Settings::Login::end_on_suspend>(
        "login", "end-on-suspend", "Whether logins end when the computer is suspended.", true),

    make_key<&Settings::prompt, &Settings::Prompt::timeout>("prompt", "timeout",
                                                            "How long a question waits for its answer.",
                                                            defaults.prompt.timeout, 30s, 30min),

    make_key<&Settings::card, &Settings::Card::timeout>(
        "card", "timeout", "How long an operation of the card may take.", defaults.card.timeout, 5s, 5min),

    make_key<&Settings::pin, &Settings::Pin::warn_trivial>(
        "pin", "warn-trivial", "Whether to warn of a new PIN that is easy to guess.", true),
    make_key<&Settings::pin, &Settings::Pin::pin_pad>(
        "pin", "pin-pad", "Whether PINs are typed on the keys of a reader that has some.", PinPadUse::Prefer),
    make_key<&Settings::pin, &Settings::Pin::pin_pad_timeout>(
        "pin", "pin-pad-timeout", "How long a reader waits for somebody to type on its keys.",
        defaults.pin.pin_pad_timeout, 15s, 240s),
};

std::optional<seconds> parse_duration(std::string_view text) {
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    if (text.empty())
        return seconds(number);
    for (const Unit& unit : units)
        if (text == unit.name)
            return number * unit.length;
    return std::nullopt;
}

std::string duration_text(seconds duration) {
    if (duration == 0s)
        return "0";
    for (const Unit& unit : units)
        if (duration % unit.length == 0s)
            return std::to_string(duration / unit.length) + std::string(unit.name);
    return {}; // every duration is a multiple of the last unit
}

bool in_range(const Key& key, seconds duration) {
    return (key.zero_is_never && duration == 0s) || (duration >= key.shortest && duration <= key.longest);
}

bool is_duration(const Value& value) {
    return std::holds_alternative<seconds>(value);
}

} // namespace

std::span<const Key> keys() {
    return table;
}

const Key* find_key(std::string_view section, std::string_view name) {
    for (const Key& key : table)
        if (key.section == section && key.name == name)
            return &key;
    return nullptr;
}

std::string full_name(const Key& key) {
    return std::string(key.section) + "." + std::string(key.name);
}

std::optional<Value> parse_value(const Key& key, std::string_view text) {
    const Value initial = key.get(defaults);
    if (is_duration(initial)) {
        const auto duration = parse_duration(text);
        return duration && in_range(key, *duration) ? std::optional<Value>(*duration) : std::nullopt;
    }
    for (const Word& word : words)
        if (word.text == text && word.value.index() == initial.index())
            return word.value;
    return std::nullopt;
}

std::string value_text(const Value& value) {
    if (const auto* duration = std::get_if<seconds>(&value))
        return duration_text(*duration);
    for (const Word& word : words)
        if (word.value == value)
            return std::string(word.text);
    return {}; // every other value has a word
}

std::string allowed_values(const Key& key) {
    const Value initial = key.get(defaults);
    if (is_duration(initial))
        return (key.zero_is_never ? "0 (never), or " : "") + duration_text(key.shortest) + " to " +
               duration_text(key.longest);
    return std::holds_alternative<bool>(initial) ? "yes or no" : "prefer or never";
}

} // namespace digisign::configuration
