// SPDX-License-Identifier: LGPL-2.1-or-later
// A reader service on the fake winscard, with everything it says written down.

#pragma once

#include "daemon/pcsc/reader_service.hpp"
#include "tests/fakes/fake_winscard.hpp"
#include "tests/fakes/test_loop.hpp"
#include "tests/unit/pcsc/simple_card.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::tests {

/// Events as lines: "pcsc available", "added R", "state R reading", "inserted R", "pins", "login lost",
/// "removed R", "lost R".
class EventLog final : public core::ReaderEvents {
public:
    std::vector<std::string> lines;
    std::vector<core::CardSessionId> sessions; ///< in the order of insertion
    std::string serial_number;                 ///< of the last card inserted
    card::CardDescription last_card;           ///< the same
    std::string service_message;               ///< of the last state of the service
    std::string reader_message;                ///< of the last state of a reader
    std::vector<card::PinStatus> statuses;     ///< last told

    void on_pcsc_state(core::PcscState state, const std::string& text) override {
        constexpr std::string_view names[]{"starting", "available", "unavailable", "access-denied"};
        add("pcsc " + std::string(names[static_cast<std::size_t>(state)]));
        service_message = text;
    }
    void on_reader_added(const core::ReaderName& reader, core::PinPad pin_pad) override {
        add("added " + reader.value + (pin_pad.verify ? " verifies" : "") +
            (pin_pad.modify ? " modifies" : ""));
    }
    void on_reader_removed(const core::ReaderName& reader) override { add("lost " + reader.value); }
    void on_reader_state(const core::ReaderName& reader, core::ReaderState state,
                         const std::string& text) override {
        constexpr std::string_view names[]{"empty", "reading",      "present", "busy",
                                           "mute",  "unrecognized", "error"};
        add("state " + reader.value + " " + std::string(names[static_cast<std::size_t>(state)]));
        reader_message = text;
    }
    void on_card_inserted(const core::ReaderName& reader, core::CardSessionId session,
                          const card::CardDescription& description) override {
        add("inserted " + reader.value);
        sessions.push_back(session);
        serial_number = description.serial_number;
        last_card = description;
    }
    void on_pin_statuses(core::CardSessionId, const std::vector<card::PinStatus>& all,
                         card::ActivationState) override {
        add("pins");
        statuses = all;
    }
    void on_login_lost(core::CardSessionId) override { add("login lost"); }
    void on_card_removed(const core::ReaderName& reader, core::CardSessionId) override {
        add("removed " + reader.value);
    }

    std::size_t count(std::string_view line) const {
        return static_cast<std::size_t>(std::ranges::count(lines, line));
    }

private:
    void add(std::string line) { lines.push_back(std::move(line)); }
};

struct Bench {
    Bench() {
        settings.worker.open_card = simple_card_opener();
        settings.worker.linger = std::chrono::hours(1);
        settings.service_socket = winscard.socket_path();
        settings.monitor.connect_retry = std::chrono::milliseconds(5);
        settings.monitor.settle = std::chrono::milliseconds(20);
        settings.stop_patience = std::chrono::seconds(10);
    }
    ~Bench() {
        service.reset();
        winscard.clear();
    }

    void start() { service = std::make_unique<pcsc::ReaderService>(loop, events, settings); }

    /// Service running, one reader "R" with `card` in it, and the card read.
    void start_with(std::shared_ptr<fakes::FakeCard> card, std::shared_ptr<fakes::FakeKeys> keys = nullptr) {
        winscard.start_service();
        winscard.plug_reader("R", std::move(keys));
        winscard.insert_card("R", std::move(card));
        start();
        await("state R present");
    }

    /// Waits until the line was said `times` times in all.
    void await(const std::string& line, std::size_t times = 1) {
        INFO("waiting for: " << line);
        loop.run_until([&] { return events.count(line) >= times; });
    }

    core::CardSessionId session() const { return events.sessions.back(); }

    struct Answer {
        std::optional<core::SignResult> signature;
        std::optional<core::SecretResult> secret;
        std::optional<core::PinResult> outcome;
        std::optional<core::LogOutResult> logged_out;
        std::optional<core::PinStatusResult> status;

        bool is_here() const { return signature || secret || outcome || logged_out || status; }
    };

    static constexpr std::chrono::milliseconds timeout = std::chrono::seconds(30);

    core::RequestId sign(Answer& answer, std::optional<PinValue> pin = right_pin()) {
        core::SignRequest request;
        request.key_id = {0x45};
        request.mechanism = {SignatureScheme::Ecdsa, Digest::None};
        request.data = {1, 2, 3};
        if (pin)
            request.pin = core::PresentedPin{simple_card_pin_reference, std::move(*pin)};
        return service->sign(session(), std::move(request), timeout,
                             [&answer](core::SignResult result) { answer.signature = std::move(result); });
    }

    core::RequestId verify(Answer& answer, PinValue pin, card::PinSet keep = {}) {
        return service->verify(session(), {{simple_card_pin_reference, std::move(pin)}, std::move(keep)},
                               timeout, told(answer));
    }

    /// A new PIN that is not looked at, with the right PIN or PUK, or another.
    core::RequestId set_pin(Answer& answer, core::SetPinRequest::Proof proof, PinValue old_pin,
                            card::PinSet keep = {}) {
        return service->set_pin(session(),
                                {proof, simple_card_pin_reference,
                                 card::NewPinValues{std::move(old_pin), right_pin()}, std::move(keep)},
                                timeout, told(answer));
    }

    core::RequestId log_out(Answer& answer, card::PinSet keep = {}) {
        return service->log_out(session(), {std::move(keep)}, timeout, [&answer](core::LogOutResult result) {
            answer.logged_out = std::move(result);
        });
    }

    core::RequestId read_pin_status(Answer& answer) {
        return service->read_pin_status(
            session(), {simple_card_pin_reference}, timeout,
            [&answer](core::PinStatusResult result) { answer.status = std::move(result); });
    }

    static std::function<void(core::PinResult)> told(Answer& answer) {
        return [&answer](core::PinResult result) { answer.outcome = std::move(result); };
    }

    void await(const Answer& answer) {
        loop.run_until([&] { return answer.is_here(); });
    }

    /// Signs and expects the signature of the simple card.
    bool signs() {
        Answer answer;
        sign(answer);
        await(answer);
        const auto* signature = std::get_if<Bytes>(&*answer.signature);
        return signature && *signature == Bytes{3, 2, 1};
    }

    static std::optional<ErrorCode> error_of(const Answer& answer) {
        const Error* error = nullptr;
        if (answer.signature)
            error = std::get_if<Error>(&*answer.signature);
        else if (answer.secret)
            error = std::get_if<Error>(&*answer.secret);
        else if (answer.outcome)
            error = std::get_if<Error>(&*answer.outcome);
        else if (answer.logged_out)
            error = std::get_if<Error>(&*answer.logged_out);
        else if (answer.status)
            error = std::get_if<Error>(&*answer.status);
        return error ? std::optional(error->code()) : std::nullopt;
    }

    fakes::FakeWinscard& winscard = fakes::FakeWinscard::instance();
    fakes::TestLoop loop;
    EventLog events;
    pcsc::ReaderService::Settings settings;
    std::unique_ptr<pcsc::ReaderService> service;
};

} // namespace digisign::tests
