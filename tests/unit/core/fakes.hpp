// SPDX-License-Identifier: LGPL-2.1-or-later
// A loop, a reader with a card, and a person at a prompt, for tests of the core: they behave, they do not
// check call lists.

#pragma once

#include "daemon/core/agent.hpp"
#include "daemon/core/job_table.hpp"
#include "daemon/core/registry.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>

namespace digisign::core::test {

inline const ReaderName reader_name{"Test Reader 00 00"};
inline constexpr auto session = static_cast<CardSessionId>(1);
inline constexpr auto client_a = static_cast<ClientId>(1);
inline constexpr auto client_b = static_cast<ClientId>(2);
inline constexpr std::uint8_t pin_1 = 0x11;
inline constexpr std::uint8_t pin_2 = 0x82;
inline constexpr std::uint8_t puk = 0x83;
inline const Bytes authentication_key{0x45};
inline const Bytes signature_key{0x46};
inline const Bytes agreement_key{0x47};
/// Wants the PIN of the authentication key each time, but the card does not see to that.
inline const Bytes careful_key{0x48};

/// Time passes when the test says so.
class FakeLoop final : public EventLoop {
public:
    void post(std::function<void()> work) override { posted.push_back(std::move(work)); }

    TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work) override {
        const auto id = static_cast<TimerId>(++last_id_);
        timers.emplace(id, std::pair(now + delay, std::move(work)));
        return id;
    }

    void cancel_timer(TimerId timer) override { timers.erase(timer); }

    void run_posted() {
        while (!posted.empty()) {
            const auto work = std::move(posted.front());
            posted.pop_front();
            work();
        }
    }

    void advance(std::chrono::milliseconds time) {
        now += time;
        for (;;) {
            const auto due =
                std::ranges::find_if(timers, [this](const auto& timer) { return timer.second.first <= now; });
            if (due == timers.end())
                return;
            const auto work = std::move(due->second.second);
            timers.erase(due);
            work();
        }
    }

    std::deque<std::function<void()>> posted;
    std::map<TimerId, std::pair<std::chrono::milliseconds, std::function<void()>>> timers;
    std::chrono::milliseconds now{0};

private:
    std::uint64_t last_id_ = 0;
};

/// Two PINs and a PUK of five tries each, and what the card has verified; requests are answered when the test
/// says so.
class FakeCardReader final : public ReaderPort {
public:
    struct PinOnCard {
        std::string value;
        unsigned tries_left = 5;
        bool factory = false;
    };

    std::map<std::uint8_t, PinOnCard> pins{{pin_1, {"1234"}}, {pin_2, {"123456"}}, {puk, {"12345678"}}};
    card::PinSet verified;
    std::deque<std::pair<RequestId, std::function<void()>>> waiting;
    std::optional<Error> fault;            ///< what every request comes to, if set
    std::vector<std::string> typed_on_pad; ///< one per use of the reader's keys
    std::string refused_new_pin;
    bool pad_is_too_small = false;
    unsigned verify_count = 0; ///< comparisons of a PIN or PUK
    unsigned sign_count = 0;   ///< operations with a key, of all kinds
    unsigned log_out_count = 0;
    unsigned withdrawn = 0;
    unsigned refreshed = 0;

    static card::CardDescription description() {
        card::CardDescription card;
        card.driver = "fineid";
        card.label = "TEST CARD";
        card.serial_number = "123456789";
        card.pins = {describe_pin(pin_1, "PIN 1 (basic)", card::PinRole::Authentication, 4),
                     describe_pin(pin_2, "PIN 2 (signature)", card::PinRole::Signature, 6),
                     describe_pin(puk, "PUK", card::PinRole::Puk, 7)};
        card.keys = {describe_key(authentication_key, pin_1, false), describe_key(signature_key, pin_2, true),
                     describe_key(careful_key, pin_1, true), describe_key(agreement_key, pin_1, false)};
        card.keys.back().algorithm = card::KeyAlgorithm::Ec;
        card.keys.back().curve = "P-256";
        card.keys.back().bits = 256;
        card.keys.back().can_derive = true;
        return card;
    }

    card::PinStatus status(std::uint8_t reference) const {
        const PinOnCard& pin = pins.at(reference);
        return {pin.tries_left, pin.tries_left == 0, pin.factory, verified.contains(reference)};
    }

    RequestId sign(CardSessionId, SignRequest request, std::chrono::milliseconds,
                   Callback<SignResult> answer) override {
        return use_key(std::move(request), answer);
    }

    RequestId decipher(CardSessionId, DecipherRequest request, std::chrono::milliseconds,
                       Callback<SecretResult> answer) override {
        return use_key(std::move(request), answer);
    }

    RequestId derive(CardSessionId, DeriveRequest request, std::chrono::milliseconds,
                     Callback<SecretResult> answer) override {
        return use_key(std::move(request), answer);
    }

    RequestId verify(CardSessionId, VerifyRequest request, std::chrono::milliseconds,
                     Callback<PinResult> answer) override {
        return enter([this, request = std::make_shared<VerifyRequest>(std::move(request)), answer] {
            if (fault)
                return answer(*fault);
            if (pad_is_too_small && std::holds_alternative<card::OnPinPad>(request->pin.input))
                return answer(Error(ErrorCode::NotSupported, "the reader takes 8 digits at most"));
            const auto outcome = present(request->pin);
            keep(request->keep);
            answer(outcome);
        });
    }

    RequestId set_pin(CardSessionId, SetPinRequest request, std::chrono::milliseconds,
                      Callback<PinResult> answer) override {
        return enter([this, request = std::make_shared<SetPinRequest>(std::move(request)), answer] {
            if (fault)
                return answer(*fault);
            const auto& values = std::get<card::NewPinValues>(request->input);
            const bool unblocks = request->proof == SetPinRequest::Proof::Puk;
            verified.erase(request->reference);
            if (text_of(values.new_pin) == refused_new_pin)
                return answer(card::PinOutcome{card::PinOutcome::Kind::BadLength, {}});
            const auto outcome = compare(unblocks ? puk : request->reference, text_of(values.proof));
            if (outcome.kind == card::PinOutcome::Kind::Accepted)
                pins.at(request->reference) = {text_of(values.new_pin), 5, false};
            answer(outcome);
        });
    }

    RequestId log_out(CardSessionId, LogOutRequest request, std::chrono::milliseconds,
                      Callback<LogOutResult> answer) override {
        return enter([this, request, answer] {
            ++log_out_count;
            keep(request.keep);
            answer(std::monostate{});
        });
    }

    RequestId read_pin_status(CardSessionId, PinStatusRequest request, std::chrono::milliseconds,
                              Callback<PinStatusResult> answer) override {
        return enter([this, request, answer] {
            if (fault)
                return answer(*fault);
            answer(status(request.reference));
        });
    }

    void refresh_pin_statuses(CardSessionId) override { ++refreshed; }
    void retry_access() override {}

    void cancel(RequestId request) override {
        withdrawn +=
            static_cast<unsigned>(std::erase_if(waiting, [&](const auto& w) { return w.first == request; }));
    }

    /// Lets the card answer the oldest request.
    void answer_one() {
        const auto next = std::move(waiting.front());
        waiting.pop_front();
        next.second();
    }

private:
    static card::PinDescription describe_pin(std::uint8_t reference, const char* label, card::PinRole role,
                                             std::size_t min_length) {
        card::PinDescription pin;
        pin.reference = reference;
        pin.label = label;
        pin.role = role;
        pin.min_length = min_length;
        if (role != card::PinRole::Puk)
            pin.puk_reference = puk;
        return pin;
    }

    static card::KeyDescription describe_key(const Bytes& id, std::uint8_t pin, bool always) {
        card::KeyDescription key;
        key.id = id;
        key.label = always ? "signature key" : "authentication key";
        key.pin_reference = pin;
        key.always_authenticate = always;
        return key;
    }

    static std::string text_of(const PinValue& pin) { return {pin.secret().begin(), pin.secret().end()}; }

    RequestId enter(std::function<void()> work) {
        const auto id = static_cast<RequestId>(++last_id_);
        waiting.emplace_back(id, std::move(work));
        return id;
    }

    template <class Request, class Result>
    RequestId use_key(Request request, Callback<Result> answer) {
        return enter([this, request = std::make_shared<Request>(std::move(request)), answer] {
            if (fault)
                return answer(*fault);
            if (request->pin)
                if (const auto outcome = present(*request->pin);
                    outcome.kind != card::PinOutcome::Kind::Accepted)
                    return answer(outcome);
            const std::uint8_t guard = request->key_id == signature_key ? pin_2 : pin_1;
            const bool allowed = verified.contains(guard);
            if (guard == pin_2)
                verified.erase(pin_2);
            if (request->pin)
                keep(request->keep);
            if (!allowed)
                return answer(Error(ErrorCode::PinRequired, "the card wants the PIN"));
            ++sign_count;
            answer(result_of(*request));
        });
    }

    Bytes result_of(const SignRequest&) const { return {0xAA, static_cast<std::uint8_t>(sign_count)}; }
    SecureBuffer result_of(const DecipherRequest& request) const { return secret(request.cryptogram); }
    SecureBuffer result_of(const DeriveRequest& request) const { return secret(request.peer_point); }

    /// What was handed over, backwards.
    static SecureBuffer secret(const Bytes& input) {
        SecureBuffer buffer(input.size());
        buffer.append(Bytes(input.rbegin(), input.rend()));
        return buffer;
    }

    card::PinOutcome present(const PresentedPin& presented) {
        verified.erase(presented.reference);
        std::string value;
        if (const auto* typed = std::get_if<PinValue>(&presented.input)) {
            value = text_of(*typed);
        } else {
            if (typed_on_pad.empty())
                return {card::PinOutcome::Kind::PadTimedOut, {}};
            value = typed_on_pad.front();
            typed_on_pad.erase(typed_on_pad.begin());
        }
        const auto outcome = compare(presented.reference, value);
        if (outcome.kind == card::PinOutcome::Kind::Accepted)
            verified.insert(presented.reference);
        return outcome;
    }

    card::PinOutcome compare(std::uint8_t reference, const std::string& value) {
        ++verify_count;
        PinOnCard& pin = pins.at(reference);
        if (pin.tries_left == 0)
            return {card::PinOutcome::Kind::Blocked, {}};
        if (value == pin.value) {
            pin.tries_left = 5;
            return {};
        }
        if (--pin.tries_left == 0)
            return {card::PinOutcome::Kind::Blocked, {}};
        return {card::PinOutcome::Kind::Wrong, pin.tries_left};
    }

    void keep(const card::PinSet& kept) {
        std::erase_if(verified, [&kept](std::uint8_t pin) { return !kept.contains(pin); });
    }

    std::uint64_t last_id_ = 0;
};

/// Collects questions; the test answers the oldest.
class FakeAgent final : public Agent {
public:
    explicit FakeAgent(bool interactive = true) : interactive_(interactive) {}

    enum class Kind { Pin, NewPin, Confirm, PinPad };

    struct Shown {
        Kind kind;
        std::string id;
        Prompt prompt;
        std::function<void(PinAnswer)> answer;
        std::optional<Question> question{};
        std::function<void(ConfirmAnswer)> agree{};
        std::function<void(Error)> decline{};
    };
    std::deque<Shown> shown;
    std::vector<ErrorCode> cancelled;
    std::vector<std::string> released;

    bool interactive() const override { return interactive_; }

    void request_pin(const std::string& id, const Prompt& prompt,
                     std::function<void(PinAnswer)> answer) override {
        shown.push_back({Kind::Pin, id, prompt, std::move(answer)});
    }
    void request_new_pin(const std::string& id, const Prompt& prompt,
                         std::function<void(PinAnswer)> answer) override {
        shown.push_back({Kind::NewPin, id, prompt, std::move(answer)});
    }
    void confirm(const std::string& id, Question question, const Prompt& prompt,
                 std::function<void(ConfirmAnswer)> answer) override {
        shown.push_back({Kind::Confirm, id, prompt, {}, question, std::move(answer), {}});
    }
    void show_pin_pad(const std::string& id, const Prompt& prompt,
                      std::function<void(Error)> declined) override {
        std::erase_if(shown, [](const Shown& s) { return s.kind == Kind::PinPad; });
        shown.push_back({Kind::PinPad, id, prompt, {}, {}, {}, std::move(declined)});
    }

    void cancel(const std::string& id, ErrorCode reason) override {
        if (std::erase_if(shown, [&](const Shown& s) { return s.id == id; }) > 0)
            cancelled.push_back(reason);
    }
    void release(const std::string& job) override {
        released.push_back(job);
        std::erase_if(shown, [&](const Shown& s) { return s.prompt.job == job; });
    }

    const Shown& current() const { return shown.at(0); }

    void type(std::string_view text) {
        PinValue pin;
        pin.append(as_bytes(text));
        answer(std::move(pin));
    }
    void answer(PinAnswer result) { take().answer(std::move(result)); }
    void agree(bool agreed = true) { take().agree(agreed); }

private:
    Shown take() {
        Shown question = std::move(shown.at(0));
        shown.pop_front();
        return question;
    }

    bool interactive_;
};

/// Everything wired up, with a card in the reader and its PINs read.
struct Bench {
    FakeLoop loop;
    configuration::Settings settings;
    Registry registry;
    FakeCardReader reader;
    unsigned logins_changed = 0;
    std::vector<std::pair<ClientId, LoginEnd>> ended_logins;
    LoginTable logins{
        loop,
        registry,
        reader,
        settings,
        {[this] { ++logins_changed; },
         [this](const Login& login, LoginEnd reason) { ended_logins.emplace_back(login.client, reason); }}};
    WrongPins wrong_pins;
    JobTable jobs{{loop, registry, reader, logins, wrong_pins, settings}};
    std::shared_ptr<FakeAgent> agent = std::make_shared<FakeAgent>();
    std::vector<JobOutcome> outcomes;

    explicit Bench(PinPad pin_pad = {}) {
        registry.on_reader_added(reader_name, pin_pad);
        insert();
    }

    void insert(card::ActivationState activation = card::ActivationState::Active) {
        registry.on_card_inserted(reader_name, session, FakeCardReader::description());
        registry.on_pin_statuses(session, {reader.status(pin_1), reader.status(pin_2), reader.status(puk)},
                                 activation);
    }

    void remove() {
        registry.on_card_removed(reader_name, session);
        reader.verified.clear();
        loop.run_posted();
    }

    /// Lets the card answer until only a person can go on.
    void settle() {
        for (loop.run_posted(); !reader.waiting.empty(); loop.run_posted())
            reader.answer_one();
    }

    std::shared_ptr<Job> start(JobRequest request) {
        request.session = session;
        request.agent = agent;
        auto job = jobs.create(
            std::move(request),
            {[](const Job&) {}, [this](Job&, const JobOutcome& outcome) { outcomes.push_back(outcome); }});
        Requester requester;
        requester.pid = 42;
        requester.executable = "/usr/bin/test";
        job->start(requester);
        return job;
    }

    template <class Work>
    std::shared_ptr<Job> start_work(Work work, ClientId client = client_a) {
        JobRequest request;
        request.client = client;
        request.work = std::move(work);
        return start(std::move(request));
    }

    std::shared_ptr<Job> start_sign(ClientId client = client_a, const Bytes& key = signature_key) {
        return start_work(SignWork{SignWork::Kind::One,
                                   key,
                                   {SignatureScheme::Ecdsa, Digest::Sha256},
                                   {{"contract.pdf", Bytes(32)}}},
                          client);
    }

    std::shared_ptr<Job> start_batch(std::size_t count, const Bytes& key = signature_key) {
        SignWork work{SignWork::Kind::Batch, key, {SignatureScheme::Ecdsa, Digest::Sha256}, {}};
        for (std::size_t i = 0; i < count; ++i)
            work.items.push_back({"document " + std::to_string(i + 1), Bytes(32)});
        return start_work(std::move(work));
    }

    std::shared_ptr<Job> start_verify(ClientId client = client_a, bool login = false) {
        return start_work(VerifyPinWork{pin_1, login}, client);
    }

    /// As far as it comes without a person.
    void log_in(ClientId client) {
        start_verify(client, true);
        settle();
        agent->type("1234");
        settle();
    }

    const JobOutcome& outcome() const { return outcomes.back(); }
    bool done() const { return !outcomes.empty() && outcome().kind == JobOutcome::Kind::Done; }
    ErrorCode failure() const { return outcome().error.value().code(); }
};

} // namespace digisign::core::test
