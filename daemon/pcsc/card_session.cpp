// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/card_session.hpp"

#include "common/log.hpp"
#include "daemon/card/check_signature.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/pcsc/transaction.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace digisign::pcsc {

namespace {

void wipe(card::PinInput& input) {
    if (auto* value = std::get_if<PinValue>(&input))
        value->wipe();
}

void wipe(card::NewPinInput& input) {
    if (auto* values = std::get_if<card::NewPinValues>(&input)) {
        values->proof.wipe();
        values->new_pin.wipe();
    }
}

/// Wipes the PINs on every way out.
template <class Input>
class WipeAtEnd {
public:
    explicit WipeAtEnd(Input& input) : input_(input) {}
    ~WipeAtEnd() { wipe(input_); }

    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;

private:
    Input& input_;
};

template <class Input>
Progress::Phase phase_of(const Input& input) {
    return std::holds_alternative<card::OnPinPad>(input) ? Progress::Phase::WaitingForKeys
                                                         : Progress::Phase::Exchanging;
}

/// Whether this is how a card refuses a command that another program's application got instead of ours.
bool may_come_from_another_application(ErrorCode refusal) {
    return refusal == ErrorCode::CardError || refusal == ErrorCode::MechanismUnsupported;
}

} // namespace

/// What a call does to what is verified on the card.
struct CardSession::Presentation {
    std::uint8_t pin; ///< that the call may send
    const card::PinSet& keep;
    bool accepted = false; ///< the card took the PIN
    bool doubtful = false; ///< what was kept may be lost
};

/// Holds the card for a call; and during a login also after it, as the next one may follow at once.
class CardSession::Hold {
public:
    explicit Hold(CardSession& session) : session_(session) {
        if (session_.held_)
            return;
        const Progress::Step turn(session_.progress_, Progress::Phase::WaitingForTurn);
        session_.held_ = std::make_unique<Held>(*session_.channel_);
    }
    ~Hold() {
        if (!done_ || session_.kept_.empty() || session_.held_->transaction.resets_card())
            session_.let_go();
    }

    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    /// The call has come to its end without a fault.
    void done() { done_ = true; }

private:
    CardSession& session_;
    bool done_ = false;
};

CardSession::CardSession(Context& context, core::ReaderName reader, std::uint16_t card_identity,
                         Progress& progress)
    : context_(context), reader_(std::move(reader)), card_identity_(card_identity), progress_(progress) {}

CardSession::~CardSession() {
    let_go();
    if (!kept_.empty())
        channel_->reset_when_closed();
}

void CardSession::connect() {
    if (channel_) {
        channel_->clear_sensitive_sent();
        return;
    }
    const Progress::Step step(progress_, Progress::Phase::Connecting);
    auto channel = std::make_unique<Channel>(context_, reader_);
    // From here on a removal makes the handle useless. Before, it may have escaped us.
    if (const ReaderStatus status = context_.status(reader_);
        !status.card_present() || status.event_count() != card_identity_)
        throw Error(ErrorCode::CardRemoved, "the card was removed");
    channel_ = std::move(channel);
}

/// Calls `work(Transaction&, card::Transaction&)` while the card is held, and once more after a reset.
template <class Work>
auto CardSession::in_transaction(Work work) {
    for (bool again = false;; again = true) {
        try {
            connect();
            Hold hold(*this);
            const Progress::Step exchanging(progress_, Progress::Phase::Exchanging);
            auto result = work(held_->transaction, held_->apdus);
            hold.done();
            return result;
        } catch (const Error& error) {
            const bool pin_was_sent = channel_ && channel_->sensitive_sent();
            give_up(error.code());
            if (error.code() != ErrorCode::CardReset || pin_was_sent || again)
                throw;
            log::info("another program reset the card in " + reader_.value + "; starting over");
        }
    }
}

/// After a fault within a transaction, which has ended by now.
void CardSession::give_up(ErrorCode fault) {
    if (!channel_)
        return;
    switch (fault) {
    case ErrorCode::CardMute:
    case ErrorCode::PinPadTimedOut: // the reader may go on waiting, and verify what is typed
        channel_->reset_when_closed();
        [[fallthrough]];
    case ErrorCode::CardRemoved:
    case ErrorCode::CardReset: // SCardReconnect would do, but keeps count of transactions that a reset ended
    case ErrorCode::PcscUnavailable:
    case ErrorCode::PcscAccessDenied:
        lose_login();
        channel_.reset();
        break;
    default: // the fault is not the connection's
        break;
    }
}

/// Calls `work(Presentation&)`, ends what it verified unless that is to be kept, and finds out what is left
/// of what was kept before.
template <class Work>
auto CardSession::with_log_out(Transaction& transaction, card::Transaction& apdus, Presentation presentation,
                               Work work) {
    const auto settle_now = [&] { or_reset(transaction, [&] { settle(apdus, presentation); }); };
    try {
        auto result = work(presentation);
        settle_now();
        return result;
    } catch (const Error& error) {
        // A card that is gone or was reset has forgotten the PIN; one that does not answer would not answer
        // now.
        switch (error.code()) {
        case ErrorCode::CardRemoved:
        case ErrorCode::CardReset:
        case ErrorCode::PcscUnavailable:
            break;
        case ErrorCode::CardMute:
        case ErrorCode::PinPadTimedOut:
            transaction.reset_card_at_end();
            break;
        default:
            settle_now();
        }
        throw;
    } catch (...) { // a defect of a driver, which must not leave the card open to others
        settle_now();
        throw;
    }
}

/// Calls `end()`, which ends log-ins by the card's own means, or else resets the card.
template <class End>
void CardSession::or_reset(Transaction& transaction, End end) {
    try {
        end();
    } catch (const std::exception& error) {
        transaction.reset_card_at_end();
        lose_login();
        log::warning(std::string("logging out by a reset of the card: ") + error.what());
    }
}

void CardSession::settle(card::Transaction& apdus, const Presentation& presentation) {
    const bool sent = channel_->sensitive_sent();
    if (!sent && !presentation.doubtful)
        return;
    const bool stays = presentation.keep.contains(presentation.pin);
    if (sent && !stays)
        end_login(apdus, presentation.keep);
    card::PinSet candidates = kept_;
    if (sent && stays)
        candidates.insert(presentation.pin);
    recount(apdus, candidates, presentation.accepted ? std::optional(presentation.pin) : std::nullopt);
}

/// Ends what is verified but for `keep`, and forgets it.
void CardSession::end_login(card::Transaction& apdus, const card::PinSet& keep) {
    std::erase_if(kept_, [&](std::uint8_t pin) { return !keep.contains(pin); });
    if (!card_->log_out(apdus, keep))
        lose_login();
}

/// Keeps account of those of `candidates` that are verified; `verified` needs no asking. The others are ended
/// all the same: the card may just have failed to answer.
void CardSession::recount(card::Transaction& apdus, const card::PinSet& candidates,
                          std::optional<std::uint8_t> verified) {
    card::PinSet found;
    for (const std::uint8_t pin : candidates)
        if (pin == verified || card_->is_verified(apdus, find_pin(pin)))
            found.insert(pin);
    if (!std::ranges::includes(found, kept_))
        login_lost_ = true;
    kept_ = found;
    if (found.size() < candidates.size())
        end_login(apdus, found);
}

void CardSession::lose_login() {
    if (!kept_.empty())
        login_lost_ = true;
    kept_.clear();
}

void CardSession::open(const CardOpener& open_card) {
    card_ = in_transaction(
        [&](Transaction&, card::Transaction& apdus) { return open_card(apdus, channel_->atr()); });
}

/// SELECT, unless the PINs that are kept show that our application is the selected one: SELECT might end
/// them.
void CardSession::enter_application(Transaction& transaction, card::Transaction& apdus) {
    const auto is_verified = [&](std::uint8_t pin) { return card_->is_verified(apdus, find_pin(pin)); };
    if (!kept_.empty() && std::ranges::all_of(kept_, is_verified))
        return;
    card_->select_application(apdus);
    or_reset(transaction, [&] { recount(apdus, card::PinSet(kept_), std::nullopt); });
}

CardSession::PinStatuses CardSession::pin_statuses() {
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) {
        enter_application(transaction, apdus);
        std::vector<card::PinStatus> statuses;
        for (const card::PinDescription& pin : description().pins) {
            try {
                statuses.push_back(card_->pin_status(apdus, pin));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::CardError && error.code() != ErrorCode::CardDataInvalid)
                    throw;
                log::info("no status of " + pin.label + ": " + error.what());
                statuses.emplace_back();
            }
        }
        const card::ActivationState activation = card_->activation_state(statuses);
        return PinStatuses{std::move(statuses), activation};
    });
}

core::PinStatusResult CardSession::perform(core::PinStatusRequest& request, const Withdrawal&) {
    const card::PinDescription& pin = find_pin(request.reference);
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) -> core::PinStatusResult {
        enter_application(transaction, apdus);
        return card_->pin_status(apdus, pin);
    });
}

/// First step of whatever sends a PIN; see card::Card::select_application().
void CardSession::select(card::Transaction& apdus, Presentation& presentation) {
    presentation.doubtful = true;
    card_->select_application(apdus);
}

card::PinOutcome CardSession::present(card::Transaction& apdus, Presentation& presentation,
                                      core::PresentedPin& pin) {
    const Progress::Step step(progress_, phase_of(pin.input));
    const auto outcome = card_->verify(apdus, find_pin(pin.reference), pin.input);
    wipe(pin.input); // not needed for what follows
    presentation.accepted = outcome.kind == card::PinOutcome::Kind::Accepted;
    return outcome;
}

core::PinResult CardSession::perform(core::VerifyRequest& request, const Withdrawal& withdrawn) {
    const WipeAtEnd wipe_pin(request.pin.input);
    (void)find_pin(request.pin.reference); // before anything is done
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) {
        return with_log_out(transaction, apdus, {request.pin.reference, request.keep},
                            [&](Presentation& presentation) -> core::PinResult {
                                select(apdus, presentation);
                                withdrawn.check();
                                return present(apdus, presentation, request.pin);
                            });
    });
}

core::PinResult CardSession::perform(core::SetPinRequest& request, const Withdrawal& withdrawn) {
    const WipeAtEnd wipe_pins(request.input);
    const card::PinDescription& pin = find_pin(request.reference);
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) {
        return with_log_out(transaction, apdus, {request.reference, request.keep},
                            [&](Presentation& presentation) -> core::PinResult {
                                select(apdus, presentation);
                                withdrawn.check();
                                const Progress::Step step(progress_, phase_of(request.input));
                                switch (request.proof) {
                                case core::SetPinRequest::Proof::OldPin:
                                    return card_->change_pin(apdus, pin, request.input);
                                case core::SetPinRequest::Proof::Puk:
                                    return card_->unblock_pin(apdus, pin, request.input);
                                }
                                throw Error(ErrorCode::Internal, "no such way to set a PIN");
                            });
    });
}

/// Calls `use(card::Transaction&, const card::KeyDescription&)` after the PIN was accepted, or as it is.
template <class Result, class Request, class Use>
Result CardSession::use_key(Request& request, const Withdrawal& withdrawn, Use use) {
    std::optional<WipeAtEnd<card::PinInput>> wipe_pin;
    if (request.pin) {
        wipe_pin.emplace(request.pin->input);
        (void)find_pin(request.pin->reference); // before anything is done
    }
    const card::KeyDescription* key = description().find_key(request.key_id);
    if (!key)
        throw Error(ErrorCode::KeyNotFound, "the card has no such key");

    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) {
        const Presentation start{request.pin ? request.pin->reference : std::uint8_t{0}, request.keep};
        return with_log_out(transaction, apdus, start, [&](Presentation& presentation) -> Result {
            if (!request.pin) {
                withdrawn.check();
                return use_as_it_is(apdus, presentation, [&] { return use(apdus, *key); });
            }
            select(apdus, presentation);
            withdrawn.check();
            const card::PinOutcome outcome = present(apdus, presentation, *request.pin);
            if (outcome.kind != card::PinOutcome::Kind::Accepted)
                return outcome;
            withdrawn.check();
            presentation.accepted = !key->always_authenticate; // one use is all it is good for
            return use(apdus, *key);
        });
    });
}

/// With what was verified before. SELECT might end that, so it comes only after a refusal.
template <class Use>
auto CardSession::use_as_it_is(card::Transaction& apdus, Presentation& presentation, Use use) {
    if (!kept_.empty()) {
        const std::size_t apdus_before = apdus.apdu_count();
        try {
            return use();
        } catch (const Error& error) {
            if (apdus.apdu_count() == apdus_before) // the card was not even asked
                throw;
            // PinRequired: what was kept is not there any more. A cryptogram that is no good says nothing.
            presentation.doubtful = error.code() != ErrorCode::CryptogramInvalid;
            if (!may_come_from_another_application(error.code()))
                throw;
            log::info(std::string("selecting the application anew: ") + error.what());
        }
    }
    select(apdus, presentation);
    return use();
}

core::SignResult CardSession::perform(core::SignRequest& request, const Withdrawal& withdrawn) {
    return use_key<core::SignResult>(
        request, withdrawn, [&](card::Transaction& apdus, const card::KeyDescription& key) {
            Bytes signature = card_->sign(apdus, key, request.mechanism, request.data);
            // Without a PIN it is not checked: that takes longer than all the rest of ours
            // (docs/decisions/0019).
            if (request.pin)
                card::check_signature(description(), key, request.mechanism, request.data, signature);
            return signature;
        });
}

core::SecretResult CardSession::perform(core::DecipherRequest& request, const Withdrawal& withdrawn) {
    return use_key<core::SecretResult>(
        request, withdrawn, [&](card::Transaction& apdus, const card::KeyDescription& key) {
            return card_->decipher(apdus, key, request.mechanism, request.cryptogram);
        });
}

core::SecretResult CardSession::perform(core::DeriveRequest& request, const Withdrawal& withdrawn) {
    return use_key<core::SecretResult>(request, withdrawn,
                                       [&](card::Transaction& apdus, const card::KeyDescription& key) {
                                           return card_->derive(apdus, key, request.peer_point);
                                       });
}

core::LogOutResult CardSession::perform(core::LogOutRequest& request, const Withdrawal& withdrawn) {
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) -> core::LogOutResult {
        withdrawn.check();
        or_reset(transaction, [&] {
            if (request.keep.empty()) // SELECT has nothing to spoil
                card_->select_application(apdus);
            end_login(apdus, request.keep);
        });
        return {};
    });
}

const card::PinDescription& CardSession::find_pin(std::uint8_t reference) const {
    if (const card::PinDescription* pin = description().find_pin(reference))
        return *pin;
    throw Error(ErrorCode::InvalidArgument, "the card has no such PIN");
}

} // namespace digisign::pcsc
