// SPDX-License-Identifier: LGPL-2.1-or-later
// A reader with a card, and a person at a prompt, for tests of the core: they behave, they do not check call
// lists.

#pragma once

#include "daemon/core/agent.hpp"
#include "daemon/core/job_table.hpp"
#include "daemon/core/registry.hpp"

#include <deque>
#include <map>
#include <string>

namespace digisign::core::test {

inline const ReaderName reader_name{"Test Reader 00 00"};
inline constexpr auto session = static_cast<CardSessionId>(1);
inline constexpr auto client_a = static_cast<ClientId>(1);
inline constexpr auto client_b = static_cast<ClientId>(2);
inline constexpr std::uint8_t pin_1 = 0x11;
inline constexpr std::uint8_t pin_2 = 0x82;

/// Two PINs of five tries, the value of each its own; requests are answered when the test says so.
class FakeCardReader final : public ReaderPort {
public:
    struct PinOnCard {
        std::string value;
        unsigned tries_left = 5;
        bool factory = false;
    };

    std::map<std::uint8_t, PinOnCard> pins{{pin_1, {"1234"}}, {pin_2, {"123456"}}};
    std::deque<std::pair<RequestId, std::function<void()>>> waiting;
    std::optional<Error> fault; ///< what every request comes to, if set
    unsigned verify_count = 0;
    unsigned sign_count = 0;
    unsigned withdrawn = 0;
    unsigned refreshed = 0;

    static card::CardDescription description() {
        card::CardDescription card;
        card.driver = "fineid";
        card.label = "TEST CARD";
        card.serial_number = "123456789";
        card::PinDescription basic;
        basic.reference = pin_1;
        basic.label = "PIN 1 (basic)";
        card::PinDescription signature;
        signature.reference = pin_2;
        signature.label = "PIN 2 (signature)";
        signature.role = card::PinRole::Signature;
        signature.min_length = 6;
        card.pins = {basic, signature};
        card::KeyDescription key;
        key.id = {0x46};
        key.label = "signature key";
        key.pin_reference = pin_2;
        key.always_authenticate = true;
        card.keys = {key};
        return card;
    }

    card::PinStatus status(std::uint8_t reference) const {
        const PinOnCard& pin = pins.at(reference);
        return {pin.tries_left, pin.tries_left == 0, pin.factory, false};
    }

    RequestId sign(CardSessionId, SignRequest request, std::chrono::milliseconds,
                   SignCallback answer) override {
        return enter([this, request = std::make_shared<SignRequest>(std::move(request)), answer] {
            if (fault)
                return answer(*fault);
            if (request->pin)
                if (const auto outcome = present(*request->pin);
                    outcome.kind != card::PinOutcome::Kind::Accepted)
                    return answer(outcome);
            ++sign_count;
            answer(Bytes{0xAA, 0xBB});
        });
    }

    RequestId verify(CardSessionId, PresentedPin pin, std::chrono::milliseconds,
                     VerifyCallback answer) override {
        return enter([this, pin = std::make_shared<PresentedPin>(std::move(pin)), answer] {
            if (fault)
                return answer(*fault);
            answer(present(*pin));
        });
    }

    RequestId read_pin_status(CardSessionId, std::uint8_t reference, std::chrono::milliseconds,
                              PinStatusCallback answer) override {
        return enter([this, reference, answer] {
            if (fault)
                return answer(*fault);
            answer(status(reference));
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
    RequestId enter(std::function<void()> work) {
        const auto id = static_cast<RequestId>(++last_id_);
        waiting.emplace_back(id, std::move(work));
        return id;
    }

    card::PinOutcome present(const PresentedPin& presented) {
        ++verify_count;
        PinOnCard& pin = pins.at(presented.reference);
        if (pin.tries_left == 0)
            return {card::PinOutcome::Kind::Blocked, {}};
        const auto typed = presented.value.secret();
        if (std::string(typed.begin(), typed.end()) == pin.value) {
            pin.tries_left = 5;
            return {card::PinOutcome::Kind::Accepted, {}};
        }
        --pin.tries_left;
        if (pin.tries_left == 0)
            return {card::PinOutcome::Kind::Blocked, {}};
        return {card::PinOutcome::Kind::Wrong, pin.tries_left};
    }

    std::uint64_t last_id_ = 0;
};

/// Collects prompts; the test types.
class FakeAgent final : public Agent {
public:
    explicit FakeAgent(bool interactive = true) : interactive_(interactive) {}

    struct Shown {
        std::string id;
        PinPrompt prompt;
        std::function<void(PinAnswer)> answer;
    };
    std::deque<Shown> shown;
    std::vector<ErrorCode> cancelled;

    bool interactive() const override { return interactive_; }

    void request_pin(const std::string& id, const PinPrompt& prompt,
                     std::function<void(PinAnswer)> answer) override {
        shown.push_back({id, prompt, std::move(answer)});
    }

    void cancel(const std::string& id, ErrorCode reason) override {
        if (std::erase_if(shown, [&](const Shown& s) { return s.id == id; }) > 0)
            cancelled.push_back(reason);
    }

    void type(std::string_view text) {
        PinValue pin;
        pin.append(as_bytes(text));
        answer(std::move(pin));
    }

    void answer(PinAnswer result) {
        const Shown prompt = std::move(shown.front());
        shown.pop_front();
        prompt.answer(std::move(result));
    }

private:
    bool interactive_;
};

/// Everything wired up, with a card in the reader and its PINs read.
struct Bench {
    Registry registry;
    FakeCardReader reader;
    JobTable jobs{{registry, reader}};
    std::shared_ptr<FakeAgent> agent = std::make_shared<FakeAgent>();
    std::vector<JobOutcome> outcomes;

    Bench() {
        registry.on_reader_added(reader_name, false);
        insert();
    }

    void insert() {
        registry.on_card_inserted(reader_name, session, FakeCardReader::description());
        registry.on_pin_statuses(session, {reader.status(pin_1), reader.status(pin_2)},
                                 card::ActivationState::Active);
    }

    std::shared_ptr<Job> start(JobRequest request) {
        request.session = session;
        request.agent = agent;
        auto job = jobs.create(
            std::move(request),
            {[](const Job&) {}, [this](Job&, const JobOutcome& outcome) { outcomes.push_back(outcome); }});
        jobs.admit(job, Requester{42, "/usr/bin/test", {}});
        return job;
    }

    std::shared_ptr<Job> start_sign(ClientId client = client_a) {
        JobRequest request;
        request.client = client;
        request.pin_reference = pin_2;
        request.work = SignWork{{0x46}, {SignatureScheme::Ecdsa, Digest::Sha256}, Bytes(32), "contract.pdf"};
        return start(std::move(request));
    }

    std::shared_ptr<Job> start_verify(ClientId client = client_a) {
        JobRequest request;
        request.client = client;
        request.pin_reference = pin_1;
        return start(std::move(request));
    }

    ErrorCode failure() const { return outcomes.back().error.value().code(); }
};

} // namespace digisign::core::test
