// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/check_signature.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/pin_entry.hpp"
#include "daemon/core/work.hpp"

#include <utility>

namespace digisign::core {

namespace {

Prompt prompt_of(const Steps& steps, const SignWork& work) {
    Prompt prompt = steps.new_prompt();
    const Token& token = steps.token();
    if (const Key* key = token.find_key(work.key_id))
        prompt.key_label = key->description.label;
    if (const Certificate* certificate = token.find_certificate(work.key_id))
        prompt.certificate_name = certificate->content.subject_common_name();
    for (const SignWork::Item& item : work.items)
        if (!item.document.empty())
            prompt.documents.push_back(item.document);
    prompt.signatures = work.items.size();
    return prompt;
}

card::KeyDescription find_key(const Steps& steps, const Bytes& id) {
    if (const Key* key = steps.token().find_key(id))
        return key->description;
    throw Error(ErrorCode::KeyNotFound, "the card has no such key");
}

/// Signs one item after the other up to the `end`-th, as long as the card wants no PIN; the rest remains.
Task<void> sign_while_verified(Steps& steps, const SignWork& work, std::size_t end,
                               std::vector<Bytes>& signatures) {
    while (signatures.size() < end) {
        SignRequest request{work.key_id, work.mechanism, work.items[signatures.size()].data, {}, {}};
        request.keep = steps.services().logins.kept(steps.request().session);
        bool pin_required = false;
        try {
            SignResult result = co_await steps.sign(std::move(request));
            signatures.push_back(std::move(std::get<Bytes>(result)));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::PinRequired)
                throw Error(error);
            pin_required = true;
        }
        if (pin_required)
            co_return;
    }
}

/// Asks for the PIN and signs what remains; usually with one entry of it.
Task<void> sign_with_pin(Steps& steps, const SignWork& work, std::uint8_t pin, bool each_time, bool login,
                         std::vector<Bytes>& signatures) {
    const CardSessionId session = steps.request().session;
    LoginTable& logins = steps.services().logins;
    const TurnQueue::Turn turn = co_await steps.prompt_turn();

    const Prompt prompt = prompt_of(steps, work);
    PinEntry entry(steps, steps.pin(pin).description, prompt);
    co_await entry.begin();
    if (work.items.size() > 1 && steps.interactive())
        co_await steps.confirm(Question::Batch, prompt);

    // A batch that the card can sign with one VERIFY holds its state; of one that it cannot the PIN is held
    // here.
    std::optional<LoginTable::Reservation> reservation;
    if (!each_time && (login || work.items.size() > 1))
        reservation.emplace(logins, session, pin);
    std::optional<PinValue> held;
    while (signatures.size() < work.items.size()) {
        SignRequest request{work.key_id, work.mechanism, work.items[signatures.size()].data,
                            PresentedPin{pin, {}}, logins.kept(session)};
        if (held)
            request.pin->input = std::move(*std::exchange(held, std::nullopt));
        else
            request.pin->input = co_await entry.next_input();
        const bool last = signatures.size() + 1 == work.items.size();
        if (const auto* typed = std::get_if<PinValue>(&request.pin->input);
            typed != nullptr && each_time && !last)
            held = typed->duplicate();
        if (reservation)
            reservation->sent();
        SignResult result;
        try {
            result = co_await steps.sign(std::move(request));
        } catch (const Error& error) {
            if (!entry.type_here_after(error))
                throw;
            continue;
        }
        if (const auto* refused = std::get_if<card::PinOutcome>(&result)) {
            held.reset();
            if (reservation)
                reservation->refused();
            (void)entry.judge(*refused); // throws unless the person may try again
            continue;
        }
        (void)entry.judge({});
        signatures.push_back(std::move(std::get<Bytes>(result)));
        if (!each_time)
            co_await sign_while_verified(steps, work, work.items.size(), signatures);
    }
    if (login)
        logins.begin(steps.request().client, session, pin, /*single_use=*/false, steps.requester());
    // The right PIN has filled the counter again. To what number only the card knows, and asking it for each
    // signature would cost more exchanges than the signature; so it is asked where the old number would alarm
    // somebody.
    if (entry.tries_left() && *entry.tries_left() < limits::alarming_tries)
        steps.services().readers.refresh_pin_statuses(session);
}

} // namespace

Task<JobResult> sign(Steps& steps, SignWork work) {
    const card::KeyDescription key = find_key(steps, work.key_id);
    LoginTable& logins = steps.services().logins;
    const CardSessionId session = steps.request().session;
    JobResult result;

    const ClientId client = steps.request().client;
    const bool logged_in = key.pin_reference && logins.use(client, session, *key.pin_reference);
    if (logged_in || !key.pin_reference)
        co_await sign_while_verified(steps, work, key.always_authenticate ? 1 : work.items.size(),
                                     result.signatures);
    if (logged_in && key.always_authenticate) // it was good for one
        logins.end_all_of(client, session, *key.pin_reference);
    if (result.signatures.size() < work.items.size()) {
        if (!key.pin_reference)
            throw Error(ErrorCode::PinRequired, "the card wants a PIN for this key, but does not say which");
        if (logged_in &&
            !key.always_authenticate) // the card has forgotten; the person is asked, and is logged in again
            logins.on_lost(session, key.pin_reference);
        co_await sign_with_pin(steps, work, *key.pin_reference, key.always_authenticate,
                               logged_in && !key.always_authenticate, result.signatures);
    }
    if (work.kind == SignWork::Kind::Test)
        card::check_signature(steps.token().description(), key, work.mechanism, work.items.at(0).data,
                              result.signatures.at(0));
    co_return result;
}

} // namespace digisign::core
