// SPDX-License-Identifier: LGPL-2.1-or-later
// A new citizen card gets its holder's PINs. Its activation code is either the PUK, with both PINs blocked,
// or the value that both PINs have until they are changed (docs/adding-a-card.md).

#include "daemon/core/pin_entry.hpp"
#include "daemon/core/work.hpp"

#include <utility>

namespace digisign::core {

namespace {

constexpr const char* code_label = "activation code";

/// PINs that were not set yet; after an activation that was broken off, those that are missing.
std::vector<card::PinDescription> missing_pins(const Token& token, card::ActivationState kind) {
    std::vector<card::PinDescription> missing;
    for (const Pin& pin : token.pins()) {
        if (pin.description.role == card::PinRole::Puk || !pin.status)
            continue;
        const bool holder_value = pin.status->factory_value == false;
        const bool has_value = kind == card::ActivationState::FactoryPins ? pin.status->factory_value != true
                                                                          : !pin.status->blocked;
        if (!holder_value && !has_value)
            missing.push_back(pin.description);
    }
    return missing;
}

/// The activation code, as something to type that costs tries of `pin` or of its PUK.
card::PinDescription code_for(const Token& token, card::ActivationState kind,
                              const card::PinDescription& pin) {
    card::PinDescription code = pin;
    if (kind == card::ActivationState::BlockedPins)
        code = token.puk_of(*token.find_pin(pin.reference));
    code.label = code_label;
    return code;
}

} // namespace

Task<JobResult> activate(Steps& steps) {
    const TurnQueue::Turn turn = co_await steps.prompt_turn();
    const CardSessionId session = steps.request().session;
    const card::ActivationState kind = steps.token().activation();
    for (const Pin& pin : steps.token().pins())
        (void)co_await steps.read_status(pin.description.reference);
    const std::vector<card::PinDescription> missing = missing_pins(steps.token(), kind);
    if (missing.empty())
        throw Error(ErrorCode::NotSupported, "the card has been activated already");
    const auto proof =
        kind == card::ActivationState::BlockedPins ? SetPinRequest::Proof::Puk : SetPinRequest::Proof::OldPin;

    JobResult result;
    std::optional<PinValue> code; // one entry of it serves all PINs
    std::vector<PinValue> new_pins;
    for (std::size_t i = 0; i < missing.size(); ++i) {
        Prompt prompt = steps.new_prompt();
        prompt.pin_role = "activation-code";
        prompt.target = missing[i].label;
        PinEntry entry(steps, code_for(steps.token(), kind, missing[i]), prompt);
        co_await entry.begin(/*factory_value_expected=*/true);
        for (bool accepted = false; !accepted;) {
            if (code) {
                const bool usable = co_await entry.may_send(*code);
                if (!usable)
                    code.reset();
            }
            if (!code)
                code = co_await entry.ask();
            while (new_pins.size() < missing.size()) { // all are asked for before the first is set
                PinValue new_pin =
                    co_await ask_new_pin(steps, missing[new_pins.size()], &*code, result.warnings);
                new_pins.push_back(std::move(new_pin));
            }
            SetPinRequest request{proof, missing[i].reference,
                                  card::NewPinValues{code->duplicate(), new_pins[i].duplicate()},
                                  steps.services().logins.kept(session)};
            const card::PinOutcome outcome = co_await steps.set_pin(std::move(request));
            if (outcome.kind == card::PinOutcome::Kind::BadLength)
                throw Error(ErrorCode::PinRejected,
                            "the card does not take this new value for " + missing[i].label);
            accepted = entry.judge(outcome);
            if (!accepted)
                code.reset();
        }
        steps.services().wrong_pins.on_new_value({steps.token().id(), missing[i].reference});
        if (i + 1 == missing.size())
            steps.set_achieved(result);
        co_await steps.refresh_pins(missing[i].reference); // each time: the next one may be broken off
    }
    co_return result;
}

} // namespace digisign::core
