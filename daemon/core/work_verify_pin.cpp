// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/pin_entry.hpp"
#include "daemon/core/work.hpp"

#include <algorithm>

namespace digisign::core {

namespace {

/// All keys that the PIN guards want it for each signature.
bool is_for_each_use(const Token& token, std::uint8_t pin) {
    return std::ranges::none_of(token.keys(), [pin](const Key& key) {
        return key.description.pin_reference == pin && !key.description.always_authenticate;
    });
}

/// One of the keys that the PIN guards wants it right before each use.
bool guards_careful_key(const Token& token, std::uint8_t pin) {
    return std::ranges::any_of(token.keys(), [pin](const Key& key) {
        return key.description.pin_reference == pin && key.description.always_authenticate;
    });
}

} // namespace

Task<JobResult> verify_pin(Steps& steps, VerifyPinWork work) {
    const CardSessionId session = steps.request().session;
    const ClientId client = steps.request().client;
    LoginTable& logins = steps.services().logins;

    const TurnQueue::Turn turn = co_await steps.prompt_turn();
    if (work.login && !work.again && logins.use(client, session, work.pin))
        co_return JobResult{};

    PinEntry entry(steps, steps.pin(work.pin).description, steps.new_prompt());
    co_await entry.begin();
    std::optional<LoginTable::Reservation> reservation;
    if (work.login)
        reservation.emplace(logins, session, work.pin);
    for (;;) {
        VerifyRequest request;
        request.pin.reference = work.pin;
        request.pin.input = co_await entry.next_input();
        request.keep = logins.kept(session);
        if (reservation)
            reservation->sent();
        card::PinOutcome outcome;
        try {
            outcome = co_await steps.verify(std::move(request));
        } catch (const Error& error) {
            if (!entry.type_here_after(error))
                throw;
            continue;
        }
        if (reservation && outcome.kind != card::PinOutcome::Kind::Accepted)
            reservation->refused();
        if (entry.judge(outcome))
            break;
    }
    if (work.login)
        logins.begin(client, session, work.pin, is_for_each_use(steps.token(), work.pin), steps.requester());
    // The counter is full again. But some cards want VERIFY to be the very command before the key is used
    // ("PIN Always" of PIV), so that nothing may come between; see use_key().
    if (!work.login || !guards_careful_key(steps.token(), work.pin))
        steps.services().readers.refresh_pin_statuses(session);
    co_return JobResult{};
}

} // namespace digisign::core
