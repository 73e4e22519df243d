// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/personalization.hpp"

#include "common/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace digisign::virtual_card {

namespace {

constexpr std::array<std::pair<std::string_view, Activation>, 3> activation_names{{
    {"active", Activation::Active},
    {"blocked-pins", Activation::BlockedPins},
    {"factory-pins", Activation::FactoryPins},
}};

const std::map<std::string, std::string, std::less<>>& default_pin_values() {
    static const std::map<std::string, std::string, std::less<>> values{{"pin1", "1234"},
                                                                        {"pin2", "123456"},
                                                                        {"puk", "12345678"},
                                                                        {"puk2", "12345678"},
                                                                        {"activation-code", "7654321"}};
    return values;
}

CardKey generate(KeyType type) {
    switch (type) {
    case KeyType::Rsa2048:
        return CardKey::generate_rsa(2048);
    case KeyType::P256:
        return CardKey::generate_ec("P-256");
    case KeyType::P384:
        return CardKey::generate_ec("P-384");
    }
    throw Error(ErrorCode::Internal, "unknown type of key");
}

std::chrono::sys_seconds current_time() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string pin_value(const PersonalizationOptions& options, const std::string& name) {
    const auto given = options.pin_values.find(name);
    return given != options.pin_values.end() ? given->second : default_pin_values().at(name);
}

PinState initial_pin(const PinPlan& pin, const PersonalizationOptions& options) {
    PinState state{pin_value(options, pin.role), pin.tries, true};
    if (!pin.value.empty() && !options.pin_values.contains(pin.role))
        state.value = pin.value;
    if (pin.role.starts_with("puk"))
        return state;
    switch (options.activation) {
    case Activation::Active:
        break;
    case Activation::BlockedPins:
        state.tries_left = 0;
        state.holder_value = false;
        break;
    case Activation::FactoryPins:
        state.value = pin_value(options, "activation-code");
        state.holder_value = false;
        break;
    }
    return state;
}

} // namespace

std::optional<Activation> activation_from_name(std::string_view wanted) {
    for (const auto& [name, value] : activation_names)
        if (name == wanted)
            return value;
    return std::nullopt;
}

const Holder& test_holder() {
    static const Holder holder{"Virtual", "SPECIMEN TEST", "99900001X", "virtual.specimen@digisign.test"};
    return holder;
}

std::map<std::string, std::string> parse_pin_values(std::string_view text) {
    std::map<std::string, std::string> values;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty())
            continue;
        const std::size_t blank = line.find(' ');
        const std::string name(line.substr(0, blank));
        const std::string value(blank == std::string_view::npos ? "" : line.substr(blank + 1));
        const bool digits =
            !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
        if (!default_pin_values().contains(name) || !digits)
            throw Error(
                ErrorCode::InvalidArgument,
                "a line of the PIN file is not one of pin1, pin2, puk, puk2, activation-code and digits");
        values[name] = value;
    }
    return values;
}

CardState personalize(const CardPlan& plan, const PersonalizationOptions& options) {
    if (options.activation != Activation::Active && !plan.can_be_inactive)
        throw Error(ErrorCode::InvalidArgument, "a card of profile " + plan.profile + " has no activation");
    CardState state;
    state.profile = plan.profile;
    state.serial_number = plan.serial_number;
    for (const PinPlan& pin : plan.pins)
        state.pins[pin.role] = initial_pin(pin, options);
    if (plan.keys.empty())
        return state;

    const std::chrono::sys_seconds now = current_time();
    Authority root{generate(plan.authority_type), {}};
    root.certificate = issue_root(root.key, now);
    const CardKey issuing = generate(plan.authority_type);
    state.keys["root"] = root.key.to_pem();
    state.keys["issuing"] = issuing.to_pem();
    state.certificates["root"] = root.certificate;
    state.certificates["issuing"] = issue_authority(issuing, root, now);
    for (const KeyPlan& key : plan.keys)
        state.keys[key.name] = generate(key.type).to_pem();
    renew_certificates(state, plan, options.validity);
    return state;
}

void renew_certificates(CardState& state, const CardPlan& plan, Validity validity) {
    const Authority issuer{CardKey::from_pem(state.keys.at("issuing")), state.certificates.at("issuing")};
    const ValidityPeriod period = holder_period(validity, current_time());
    for (const KeyPlan& key : plan.keys)
        state.certificates[key.name] = issue_holder(CardKey::from_pem(state.keys.at(key.name)), issuer,
                                                    test_holder(), key.purpose, period);
    state.validity = validity_name(validity);
}

} // namespace digisign::virtual_card
