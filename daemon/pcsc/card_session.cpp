// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/card_session.hpp"

#include "common/log.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/pcsc/transaction.hpp"

#include <exception>
#include <string>
#include <utility>

namespace digisign::pcsc {

namespace {

/// Wipes the PIN on every way out.
class WipeAtEnd {
public:
    explicit WipeAtEnd(PinValue& pin) : pin_(pin) {}
    ~WipeAtEnd() { pin_.wipe(); }

    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;

private:
    PinValue& pin_;
};

} // namespace

CardSession::CardSession(Context& context, core::ReaderName reader, std::uint16_t card_identity,
                         Progress& progress)
    : context_(context), reader_(std::move(reader)), card_identity_(card_identity), progress_(progress) {}

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

/// Calls `work(Transaction&, card::Transaction&)` between begin and end, and once more after a reset.
template <class Work>
auto CardSession::in_transaction(Work work) {
    for (bool again = false;; again = true) {
        try {
            connect();
            std::optional<Progress::Step> turn(std::in_place, progress_, Progress::Phase::WaitingForTurn);
            Transaction transaction(*channel_);
            turn.reset();
            const Progress::Step exchanging(progress_, Progress::Phase::Exchanging);
            card::Transaction apdus(*channel_);
            return work(transaction, apdus);
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
        channel_->reset_when_closed();
        [[fallthrough]];
    case ErrorCode::CardRemoved:
    case ErrorCode::CardReset: // SCardReconnect would do, but keeps count of transactions that a reset ended
    case ErrorCode::PcscUnavailable:
    case ErrorCode::PcscAccessDenied:
        disconnect();
        break;
    default: // the fault is not the connection's
        break;
    }
}

/// Calls `work()` and ends what it may have allowed: by the card's own means, or else by a reset.
template <class Work>
auto CardSession::with_log_out(Transaction& transaction, card::Transaction& apdus, Work work) {
    const auto log_out = [&] {
        if (!channel_->sensitive_sent())
            return;
        try {
            card_->log_out(apdus);
        } catch (const std::exception& error) {
            transaction.reset_card_at_end();
            log::warning(std::string("logging out by a reset of the card: ") + error.what());
        }
    };
    try {
        auto result = work();
        log_out();
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
            transaction.reset_card_at_end();
            break;
        default:
            log_out();
        }
        throw;
    } catch (...) { // a defect of a driver, which must not leave the card open to others
        log_out();
        throw;
    }
}

void CardSession::open(const CardOpener& open_card) {
    card_ = in_transaction(
        [&](Transaction&, card::Transaction& apdus) { return open_card(apdus, channel_->atr()); });
}

CardSession::PinStatuses CardSession::pin_statuses() {
    return in_transaction([&](Transaction&, card::Transaction& apdus) {
        card_->select_application(apdus);
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

card::PinStatus CardSession::pin_status(std::uint8_t reference) {
    const card::PinDescription& pin = find_pin(reference);
    return in_transaction([&](Transaction&, card::Transaction& apdus) {
        card_->select_application(apdus);
        return card_->pin_status(apdus, pin);
    });
}

card::PinOutcome CardSession::present(card::Transaction& apdus, core::PresentedPin& pin) {
    const card::PinDescription& description = find_pin(pin.reference);
    const auto outcome = card_->verify(apdus, description, pin.value);
    pin.value.wipe(); // not needed for what follows
    return outcome;
}

core::VerifyResult CardSession::verify(core::PresentedPin& pin, const Withdrawal& withdrawn) {
    const WipeAtEnd wipe(pin.value);
    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) -> core::VerifyResult {
        return with_log_out(transaction, apdus, [&]() -> core::VerifyResult {
            card_->select_application(apdus);
            withdrawn.check();
            return present(apdus, pin);
        });
    });
}

core::SignResult CardSession::sign(core::SignRequest& request, const Withdrawal& withdrawn) {
    std::optional<WipeAtEnd> wipe;
    if (request.pin)
        wipe.emplace(request.pin->value);
    const card::KeyDescription* key = description().find_key(request.key_id);
    if (!key)
        throw Error(ErrorCode::KeyNotFound, "the card has no such key");

    return in_transaction([&](Transaction& transaction, card::Transaction& apdus) -> core::SignResult {
        return with_log_out(transaction, apdus, [&]() -> core::SignResult {
            card_->select_application(apdus);
            withdrawn.check();
            if (request.pin) {
                const card::PinOutcome outcome = present(apdus, *request.pin);
                if (outcome.kind != card::PinOutcome::Kind::Accepted)
                    return outcome;
                withdrawn.check();
            }
            return card_->sign(apdus, *key, request.mechanism, request.data);
        });
    });
}

const card::PinDescription& CardSession::find_pin(std::uint8_t reference) const {
    if (const card::PinDescription* pin = description().find_pin(reference))
        return *pin;
    throw Error(ErrorCode::InvalidArgument, "the card has no such PIN");
}

} // namespace digisign::pcsc
