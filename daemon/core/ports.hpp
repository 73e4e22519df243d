// SPDX-License-Identifier: LGPL-2.1-or-later
// What the core needs from the outside: a loop, and smart card readers. Implemented by daemon/bus and
// daemon/pcsc, and by the tests. Only values cross these borders; no handle, no lock, no reference to
// somebody's state.

#pragma once

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "common/mechanism.hpp"
#include "daemon/card/card.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace digisign::core {

/// Brings work to the loop thread.
class LoopPoster {
public:
    virtual ~LoopPoster() = default;

    /// Runs `work` on the loop thread, soon, in the order of posting. Callable from any thread; never blocks.
    virtual void post(std::function<void()> work) = 0;
};

enum class TimerId : std::uint64_t {};

/// The loop itself; everything but post() is called on its own thread only.
class EventLoop : public LoopPoster {
public:
    /// Runs `work` once, not before `delay` has passed. The id is never reused.
    virtual TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work) = 0;

    /// Forgets a timer; no effect once it has run or was cancelled.
    virtual void cancel_timer(TimerId timer) = 0;
};

/// The name PC/SC gives a reader ("Alcor Micro AU9540 00 00"); unique while the reader is connected.
struct ReaderName {
    std::string value;

    auto operator<=>(const ReaderName&) const = default;
};

/// One stay of one card in one reader: a card taken out and inserted again is a new session. Never reused.
enum class CardSessionId : std::uint64_t {};

enum class RequestId : std::uint64_t {};

/// Of the smart card service as a whole.
enum class PcscState {
    Starting,     ///< not tried yet
    Available,    ///< said after the readers and cards that are there at first were announced
    Unavailable,  ///< no pcscd; noticed when it comes
    AccessDenied, ///< polkit refuses this session; tried again by itself and by ReaderPort::retry_access()
};

enum class ReaderState {
    Empty,
    Reading,      ///< a card is there and is being read
    Present,      ///< the card is known and can be used
    Busy,         ///< another program holds the card
    Mute,         ///< a card is there but does not answer
    Unrecognized, ///< it answers, but no driver knows it
    Error,        ///< anything else; the detail says what
};

/// What a reader's own keys can be used for (PC/SC part 10, FEATURE_VERIFY_PIN_DIRECT, _MODIFY_PIN_DIRECT).
struct PinPad {
    bool verify = false;
    bool modify = false;

    bool operator==(const PinPad&) const = default;
};

/// What the readers report. Every call is made on the loop thread.
///
/// For one reader the order is: on_reader_added, then any number of [on_reader_state(Reading),
/// on_card_inserted, on_pin_statuses, on_reader_state(Present), …, on_card_removed, on_reader_state(Empty)],
/// then on_reader_removed. A card that cannot be used never gets on_card_inserted, only a state. A session
/// that was announced always ends with on_card_removed, also when the reader or pcscd goes away.
class ReaderEvents {
public:
    virtual ~ReaderEvents() = default;

    /// `message` is a sentence for people; empty with Available.
    virtual void on_pcsc_state(PcscState state, const std::string& message) = 0;

    virtual void on_reader_added(const ReaderName& reader, PinPad pin_pad) = 0;
    virtual void on_reader_removed(const ReaderName& reader) = 0;

    /// `detail` is a sentence for people ("another program holds the card: scdaemon (4711)"); empty where the
    /// state says it all.
    virtual void on_reader_state(const ReaderName& reader, ReaderState state, const std::string& detail) = 0;

    /// The card's public data is known, its PINs not yet.
    virtual void on_card_inserted(const ReaderName& reader, CardSessionId session,
                                  const card::CardDescription& description) = 0;

    /// After on_card_inserted and after ReaderPort::refresh_pin_statuses(). `statuses` is parallel to
    /// CardDescription::pins; the status of a PIN the card would not tell about is all unknown.
    virtual void on_pin_statuses(CardSessionId session, const std::vector<card::PinStatus>& statuses,
                                 card::ActivationState activation) = 0;

    /// The card was reset, by another program or after a fault, and has forgotten the PINs that were kept
    /// verified.
    virtual void on_login_lost(CardSessionId session) = 0;

    virtual void on_card_removed(const ReaderName& reader, CardSessionId session) = 0;
};

/// A PIN on its way to the card. It goes there at most once and is wiped as soon as it was sent, or when the
/// request is answered, cancelled or out of time.
struct PresentedPin {
    std::uint8_t reference = 0; ///< PinDescription::reference
    card::PinInput input;
};

struct VerifyRequest {
    PresentedPin pin;
    card::PinSet keep; ///< see ReaderPort
};

struct SignRequest {
    Bytes key_id; ///< KeyDescription::id
    SignatureMechanism mechanism{};
    Bytes data; ///< see card::Card::sign()
    /// Verified first, in the same transaction; without it the card must allow the key as it is, or the
    /// answer is Error(PinRequired).
    std::optional<PresentedPin> pin;
    card::PinSet keep;
};

/// As SignRequest, but for card::Card::decipher().
struct DecipherRequest {
    Bytes key_id;
    DecipherMechanism mechanism{};
    Bytes cryptogram;
    std::optional<PresentedPin> pin;
    card::PinSet keep;
};

/// As SignRequest, but for card::Card::derive().
struct DeriveRequest {
    Bytes key_id;
    Bytes peer_point;
    std::optional<PresentedPin> pin;
    card::PinSet keep;
};

/// Gives a PIN a new value.
struct SetPinRequest {
    enum class Proof {
        OldPin, ///< CHANGE REFERENCE DATA
        Puk,    ///< RESET RETRY COUNTER
    };

    Proof proof{};
    std::uint8_t reference = 0; ///< of the PIN that gets the new value
    card::NewPinInput input;
    card::PinSet keep;
};

/// Ends what the card allows but for `keep`.
struct LogOutRequest {
    card::PinSet keep;
};

struct PinStatusRequest {
    std::uint8_t reference = 0;
};

/// The signature; or why the PIN was not accepted (never Kind::Accepted); or the fault.
using SignResult = std::variant<Bytes, card::PinOutcome, Error>;
/// Of DecipherRequest (the plain text) and DeriveRequest (the shared X coordinate); otherwise as SignResult.
using SecretResult = std::variant<SecureBuffer, card::PinOutcome, Error>;
/// Of VerifyRequest and SetPinRequest.
using PinResult = std::variant<card::PinOutcome, Error>;
using PinStatusResult = std::variant<card::PinStatus, Error>;
using LogOutResult = std::variant<std::monostate, Error>;

/// What can be asked of the readers. Called on the loop thread; never blocks.
///
/// Every request gets exactly one answer, on the loop thread and never from within the call itself; none if
/// it was cancelled. `timeout` counts from the call and so includes waiting for earlier requests to the same
/// reader. When it has passed, the answer is an Error at once (CardBusy while another program or request
/// holds the card, CardMute when the card does not answer) although the worker may still hang in the reader;
/// what the card says later is dropped.
///
/// Errors of every request: CardRemoved (also for a session that has ended), CardReset (after a PIN was sent;
/// before that the worker starts over by itself), CardMute, CardBusy, CardError, CardDataInvalid,
/// PcscUnavailable, PcscAccessDenied; and those of the call of card::Card it stands for.
///
/// Log-ins: what a request verified is ended on the card (Card::log_out) before it is answered, unless its
/// reference is in `keep`. While anything is kept the reader stays connected (a card without connections
/// loses its power and its memory), and a request to use a key without a PIN goes without SELECT, which would
/// end it. ReaderEvents::on_login_lost tells when the card has forgotten what was to be kept.
class ReaderPort {
public:
    template <class Result>
    using Callback = std::function<void(Result)>;

    virtual ~ReaderPort() = default;

    virtual RequestId sign(CardSessionId session, SignRequest request, std::chrono::milliseconds timeout,
                           Callback<SignResult> answer) = 0;

    virtual RequestId decipher(CardSessionId session, DecipherRequest request,
                               std::chrono::milliseconds timeout, Callback<SecretResult> answer) = 0;

    virtual RequestId derive(CardSessionId session, DeriveRequest request, std::chrono::milliseconds timeout,
                             Callback<SecretResult> answer) = 0;

    virtual RequestId verify(CardSessionId session, VerifyRequest request, std::chrono::milliseconds timeout,
                             Callback<PinResult> answer) = 0;

    virtual RequestId set_pin(CardSessionId session, SetPinRequest request, std::chrono::milliseconds timeout,
                              Callback<PinResult> answer) = 0;

    virtual RequestId log_out(CardSessionId session, LogOutRequest request, std::chrono::milliseconds timeout,
                              Callback<LogOutResult> answer) = 0;

    /// Asks the card how many tries are left; spends none.
    virtual RequestId read_pin_status(CardSessionId session, PinStatusRequest request,
                                      std::chrono::milliseconds timeout,
                                      Callback<PinStatusResult> answer) = 0;

    /// Reads the status of every PIN; answered by ReaderEvents::on_pin_statuses, or not at all if that fails.
    virtual void refresh_pin_statuses(CardSessionId session) = 0;

    /// Withdraws a request: it is not answered any more, what has not started does not start, and no PIN is
    /// sent from now on. A command that is with the card cannot be called back, so the reader may stay busy
    /// for a while.
    virtual void cancel(RequestId request) = 0;

    /// Tries pcscd again at once, e.g. because the login session became active (after
    /// PcscState::AccessDenied).
    virtual void retry_access() = 0;
};

} // namespace digisign::core
