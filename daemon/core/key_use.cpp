// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/key_use.hpp"

#include "daemon/core/limits.hpp"
#include "daemon/core/pin_entry.hpp"

#include <utility>

namespace digisign::core {

namespace {

Prompt prompt_of(const Steps& steps, const card::KeyDescription& key, const KeyUse& use) {
    Prompt prompt = steps.new_prompt();
    prompt.key_label = key.label;
    if (const Certificate* certificate = steps.token().find_certificate(key.id))
        prompt.certificate_name = certificate->content.subject_common_name();
    use.describe(prompt);
    return prompt;
}

/// The right PIN has filled the counter again. To what number only the card knows, and asking it each time
/// would cost more exchanges than the use of the key; so it is asked where the old number would alarm
/// somebody.
void refresh_alarming_counter(const Steps& steps, std::optional<unsigned> tries_left) {
    if (tries_left && *tries_left < limits::alarming_tries)
        steps.services().readers.refresh_pin_statuses(steps.request().session);
}

/// As long as the card wants no PIN and more than `end` uses remain.
Task<void> use_while_verified(Steps& steps, KeyUse& use, std::size_t end) {
    while (use.remaining() > end) {
        card::PinSet keep = steps.services().logins.kept(steps.request().session);
        bool pin_required = false;
        try {
            (void)co_await use.use_once(std::nullopt, std::move(keep));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::PinRequired)
                throw Error(error);
            pin_required = true;
        }
        if (pin_required)
            co_return;
    }
}

/// Asks for the PIN and does what remains; usually with one entry of it.
Task<void> use_with_pin(Steps& steps, const card::KeyDescription& key, KeyUse& use, bool login) {
    const std::uint8_t pin = key.pin_reference.value();
    const bool each_time = key.always_authenticate;
    const CardSessionId session = steps.request().session;
    LoginTable& logins = steps.services().logins;
    const TurnQueue::Turn turn = co_await steps.prompt_turn();

    const Prompt prompt = prompt_of(steps, key, use);
    PinEntry entry(steps, steps.pin(pin).description, prompt);
    co_await entry.begin();
    if (use.remaining() > 1 && steps.interactive())
        co_await steps.confirm(Question::Batch, prompt);

    // A batch that the card can sign with one VERIFY holds its state; of one that it cannot the PIN is held
    // here.
    std::optional<LoginTable::Reservation> reservation;
    if (!each_time && (login || use.remaining() > 1))
        reservation.emplace(logins, session, pin);
    std::optional<PinValue> held;
    while (use.remaining() > 0) {
        PresentedPin presented{pin, {}};
        if (held)
            presented.input = std::move(*std::exchange(held, std::nullopt));
        else
            presented.input = co_await entry.next_input();
        if (const auto* typed = std::get_if<PinValue>(&presented.input);
            typed != nullptr && each_time && use.remaining() > 1)
            held = typed->duplicate();
        if (reservation)
            reservation->sent();
        card::PinSet keep = logins.kept(session);
        std::optional<card::PinOutcome> refused;
        try {
            refused = co_await use.use_once(std::move(presented), std::move(keep));
        } catch (const Error& error) {
            if (!entry.type_here_after(error))
                throw;
            continue;
        }
        if (refused) {
            held.reset();
            if (reservation)
                reservation->refused();
            (void)entry.judge(*refused); // throws unless the person may try again
            continue;
        }
        (void)entry.judge({});
        if (!each_time)
            co_await use_while_verified(steps, use, 0);
    }
    if (login)
        logins.begin(steps.request().client, session, pin, /*single_use=*/false, steps.requester());
    refresh_alarming_counter(steps, entry.tries_left());
}

/// Whatever comes of it, a login that is good for one use of a key has been used.
class SingleUse {
public:
    SingleUse(LoginTable& logins, ClientId client, CardSessionId session, std::uint8_t pin)
        : logins_(logins), client_(client), session_(session), pin_(pin) {}
    ~SingleUse() { logins_.on_used(client_, session_, pin_); }
    SingleUse(const SingleUse&) = delete;
    SingleUse& operator=(const SingleUse&) = delete;

private:
    LoginTable& logins_;
    ClientId client_;
    CardSessionId session_;
    std::uint8_t pin_;
};

} // namespace

card::KeyDescription find_key(const Steps& steps, const Bytes& id) {
    if (const Key* key = steps.token().find_key(id))
        return key->description;
    throw Error(ErrorCode::KeyNotFound, "the card has no such key");
}

Task<void> use_key(Steps& steps, const card::KeyDescription& key, KeyUse& use) {
    LoginTable& logins = steps.services().logins;
    const CardSessionId session = steps.request().session;
    const ClientId client = steps.request().client;

    if (!key.pin_reference) {
        co_await use_while_verified(steps, use, 0);
        if (use.remaining() > 0)
            throw Error(ErrorCode::PinRequired, "the card wants a PIN for this key, but does not say which");
        co_return;
    }
    const bool logged_in = logins.use_for_key(client, session, *key.pin_reference, key.always_authenticate);
    if (logged_in) {
        const SingleUse used(logins, client, session, *key.pin_reference);
        co_await use_while_verified(steps, use, key.always_authenticate ? use.remaining() - 1 : 0);
        if (const auto& status = steps.pin(*key.pin_reference).status; key.always_authenticate && status)
            refresh_alarming_counter(steps, status->tries_left);
    }
    if (use.remaining() == 0)
        co_return;
    const bool forgotten = logged_in && !key.always_authenticate;
    if (forgotten) // by the card; the person is asked, and is logged in again
        logins.on_lost(session, key.pin_reference);
    co_await use_with_pin(steps, key, use, /*login=*/forgotten);
}

} // namespace digisign::core
