// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/pin_entry.hpp"
#include "daemon/core/work.hpp"

#include <utility>

namespace digisign::core {

namespace {

Task<void> set_typed_pin(Steps& steps, const SetPinWork& work, PinEntry& proof,
                         std::vector<std::string>& warnings) {
    const card::PinDescription pin = steps.pin(work.pin).description;
    std::optional<PinValue> new_pin; // kept while a wrong old one is asked again
    for (;;) {
        PinValue proof_value = co_await proof.ask();
        if (!new_pin)
            new_pin = co_await ask_new_pin(
                steps, pin, work.proof == SetPinRequest::Proof::OldPin ? &proof_value : nullptr, warnings);
        SetPinRequest request{work.proof, work.pin,
                              card::NewPinValues{std::move(proof_value), new_pin->duplicate()},
                              steps.services().logins.kept(steps.request().session)};
        const card::PinOutcome outcome = co_await steps.set_pin(std::move(request));
        if (outcome.kind == card::PinOutcome::Kind::BadLength)
            throw Error(ErrorCode::PinRejected, "the card does not take this new value for " + pin.label);
        if (proof.judge(outcome))
            co_return;
    }
}

/// False if the reader cannot do that with these PINs; then nobody was asked.
Task<bool> set_pin_on_pad(Steps& steps, const SetPinWork& work, PinEntry& proof) {
    for (;;) {
        (void)co_await proof.next_input();
        SetPinRequest request{work.proof, work.pin,
                              card::OnPinPad{steps.services().settings.pin.pin_pad_timeout},
                              steps.services().logins.kept(steps.request().session)};
        card::PinOutcome outcome;
        try {
            outcome = co_await steps.set_pin(std::move(request));
        } catch (const Error& error) {
            if (!proof.type_here_after(error))
                throw;
            co_return false;
        }
        if (proof.judge(outcome))
            co_return true;
    }
}

} // namespace

Task<JobResult> set_pin(Steps& steps, SetPinWork work) {
    const TurnQueue::Turn turn = co_await steps.prompt_turn();
    const Pin& pin = steps.pin(work.pin);
    const bool unblocks = work.proof == SetPinRequest::Proof::Puk;
    Prompt prompt = steps.new_prompt();
    prompt.target = pin.description.label;
    PinEntry proof(steps, unblocks ? steps.token().puk_of(pin) : pin.description, prompt);
    co_await proof.begin();

    JobResult result;
    bool is_set = false;
    if (sets_on_pin_pad(steps))
        is_set = co_await set_pin_on_pad(steps, work, proof);
    if (!is_set)
        co_await set_typed_pin(steps, work, proof, result.warnings);
    const CardSessionId session = steps.request().session;
    steps.services().wrong_pins.on_new_value({steps.token().id(), work.pin});
    steps.services().logins.on_lost(session, work.pin); // a new value is not verified
    steps.set_achieved(result);
    co_await steps.refresh_pins(work.pin);
    co_return result;
}

} // namespace digisign::core
