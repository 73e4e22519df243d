// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests to the reader service with a fault at every single exchange: the right error, the PIN sent at most
// once and wiped, what is verified on the card as it was told, and the card usable afterwards.

#include <catch2/catch.hpp>

#include "daemon/crypto/digest.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/unit/pcsc/bench.hpp"
#include "tests/unit/pcsc/real_card.hpp"

#include <winscard.h>

#include <set>

using namespace digisign;
using namespace digisign::tests;
using Answer = Bench::Answer;

namespace {

/// Longer than any request.
constexpr std::size_t exchanges_max = 50;

enum class Fault {
    Removed,       ///< before the command arrives
    RemovedAfter,  ///< before the answer comes back
    Reset,         ///< by another program
    Mute,          ///< no answer
    TimedOut,      ///< the reader gives up
    InternalError, ///< 6F00
};

const std::vector<Fault> all_faults{Fault::Removed, Fault::RemovedAfter, Fault::Reset,
                                    Fault::Mute,    Fault::TimedOut,     Fault::InternalError};

std::set<ErrorCode> expected_errors(Fault fault) {
    switch (fault) {
    case Fault::Removed:
    case Fault::RemovedAfter:
        return {ErrorCode::CardRemoved};
    case Fault::Reset: // PinRequired: it started over, without what was kept
        return {ErrorCode::CardReset, ErrorCode::PinRequired};
    case Fault::Mute:
        return {ErrorCode::CardMute};
    case Fault::TimedOut:
        return {ErrorCode::TimedOut};
    case Fault::InternalError: // PinRequired: SELECT, to be sure, has ended what was kept
        return {ErrorCode::CardError, ErrorCode::PinRequired};
    }
    return {};
}

struct Scenario {
    std::string name;
    bool with_login; ///< PIN 1 is kept before
    std::function<void(Bench&, Answer&)> request;
    bool keeps_pin1; ///< the request
};

/// References of the PINs 1 and 2 of a profile.
std::uint8_t reference_of(const std::string& profile, unsigned pin) {
    if (profile != "fineid-v4")
        return static_cast<std::uint8_t>(pin);
    return pin == 1 ? 0x11 : 0x82;
}

/// The authentication and the signature key that are EC keys.
std::pair<Bytes, Bytes> ec_keys(const std::string& profile) {
    if (profile == "fineid-v4")
        return {{0x45}, {0x46}};
    return profile == "myeid" ? std::pair(Bytes{0x02}, Bytes{0x04}) : std::pair(Bytes{0x01}, Bytes{0x02});
}

core::SignRequest sign_request(Bytes key) {
    core::SignRequest request;
    request.key_id = std::move(key);
    request.mechanism = {SignatureScheme::Ecdsa, Digest::Sha256};
    request.data = crypto::digest_of(Digest::Sha256, as_bytes("a document"));
    return request;
}

std::vector<Scenario> scenarios(const std::string& profile) {
    const std::uint8_t pin1 = reference_of(profile, 1);
    const std::uint8_t pin2 = reference_of(profile, 2);
    const auto [key1, key2] = ec_keys(profile);
    const card::PinSet keep1{pin1};
    const auto signing = [](Bench& bench, Answer& answer, core::SignRequest request) {
        bench.service->sign(bench.session(), std::move(request), Bench::timeout,
                            [&answer](core::SignResult result) { answer.signature = std::move(result); });
    };
    const auto setting = [](Bench& bench, Answer& answer, core::SetPinRequest request) {
        bench.service->set_pin(bench.session(), std::move(request), Bench::timeout, Bench::told(answer));
    };
    const auto values = [](std::string_view proof, std::string_view value) {
        return card::NewPinValues{fakes::pin_value(proof), fakes::pin_value(value)};
    };
    using enum core::SetPinRequest::Proof;
    return {
        {"verify", false,
         [=](Bench& bench, Answer& answer) {
             bench.service->verify(bench.session(), {{pin1, fakes::pin_value("1234")}, {}}, Bench::timeout,
                                   Bench::told(answer));
         },
         false},
        {"log in", false,
         [=](Bench& bench, Answer& answer) {
             bench.service->verify(bench.session(), {{pin1, fakes::pin_value("1234")}, keep1}, Bench::timeout,
                                   Bench::told(answer));
         },
         true},
        {"sign as it is", true,
         [=](Bench& bench, Answer& answer) {
             core::SignRequest request = sign_request(key1);
             request.keep = keep1;
             signing(bench, answer, std::move(request));
         },
         true},
        {"sign with PIN 2 during a login", true,
         [=](Bench& bench, Answer& answer) {
             core::SignRequest request = sign_request(key2);
             request.pin = core::PresentedPin{pin2, fakes::pin_value("123456")};
             request.keep = keep1;
             signing(bench, answer, std::move(request));
         },
         true},
        {"change", false,
         [=](Bench& bench, Answer& answer) {
             setting(bench, answer, {OldPin, pin1, values("1234", "4321"), {}});
         },
         false},
        {"change during a login", true,
         [=](Bench& bench, Answer& answer) {
             setting(bench, answer, {OldPin, pin1, values("1234", "4321"), keep1});
         },
         true},
        {"unblock during a login", true,
         [=](Bench& bench, Answer& answer) {
             setting(bench, answer, {Puk, pin2, values("12345678", "654321"), keep1});
         },
         true},
        {"log out", true,
         [=](Bench& bench, Answer& answer) {
             bench.service->log_out(
                 bench.session(), {}, Bench::timeout,
                 [&answer](core::LogOutResult result) { answer.logged_out = std::move(result); });
         },
         false},
    };
}

struct FaultBench : Bench {
    FaultBench(const std::string& profile_name, bool alone)
        : profile(profile_name), card(std::make_shared<RealCard>(profile)) {
        settings.worker.open_card = real_card_opener();
        settings.worker.others_present = [alone] { return !alone; };
        settings.worker.hold = std::chrono::hours(1);
        start_with(card);
    }

    core::PinResult verify_pin1(card::PinSet keep) {
        Answer answer;
        service->verify(session(), {{reference_of(profile, 1), fakes::pin_value(card->value("pin1"))}, keep},
                        timeout, told(answer));
        await(answer);
        return *answer.outcome;
    }

    bool signs_as_it_is() {
        core::SignRequest request = sign_request(ec_keys(profile).first);
        request.keep = {reference_of(profile, 1)};
        Answer answer;
        service->sign(session(), std::move(request), timeout,
                      [&answer](core::SignResult result) { answer.signature = std::move(result); });
        await(answer);
        return std::holds_alternative<Bytes>(*answer.signature);
    }

    /// At the n-th exchange from now.
    void fail_at(std::size_t exchange, Fault fault) {
        card->before_command = [this, exchange, fault, count = std::make_shared<std::size_t>(0)](ByteView) {
            if ((*count)++ != exchange)
                return;
            met = true;
            inject(fault);
        };
    }

    void stop_failing() {
        card->before_command = nullptr;
        card->tamper = nullptr;
    }

    bool is_verified(unsigned pin) {
        if (profile == "fineid-v4") // which may have been reset; elsewhere SELECT would end it
            (void)card->send("00A4040C0CA000000063504B43532D3135");
        return card->is_verified(reference_of(profile, pin));
    }

    std::string profile;
    std::shared_ptr<RealCard> card;
    std::atomic<bool> met{false};

private:
    /// Within the exchange.
    void inject(Fault fault) {
        const auto answer_with = [this](std::function<void(Bytes&)> what) {
            card->tamper = [this, what = std::move(what)](ByteView, Bytes& answer) {
                card->tamper = nullptr;
                what(answer);
            };
        };
        switch (fault) {
        case Fault::Removed:
            winscard.remove_card("R");
            throw fakes::FailedExchange{SCARD_W_REMOVED_CARD};
        case Fault::RemovedAfter:
            answer_with([this](Bytes&) {
                winscard.remove_card("R");
                throw fakes::FailedExchange{SCARD_W_REMOVED_CARD};
            });
            return;
        case Fault::Reset:
            winscard.reset_card("R");
            throw fakes::FailedExchange{SCARD_W_RESET_CARD};
        case Fault::Mute:
            answer_with([](Bytes&) { throw fakes::FailedExchange{SCARD_W_UNRESPONSIVE_CARD}; });
            return;
        case Fault::TimedOut:
            answer_with([](Bytes&) { throw fakes::FailedExchange{SCARD_E_TIMEOUT}; });
            return;
        case Fault::InternalError:
            answer_with([](Bytes& answer) { answer = {0x6F, 0x00}; });
            return;
        }
    }
};

/// The request with a fault at one exchange, and all that is to hold after it. False once the request is over
/// before the fault. `alone`: the card is still held after a signature before.
bool survives(const std::string& profile, bool alone, const Scenario& scenario, Fault fault,
              std::size_t exchange) {
    FaultBench bench(profile, alone);
    if (scenario.with_login)
        REQUIRE(std::holds_alternative<card::PinOutcome>(bench.verify_pin1({reference_of(profile, 1)})));
    if (scenario.with_login && alone)
        REQUIRE(bench.signs_as_it_is());
    (void)bench.card->take_pins_sent();
    bench.fail_at(exchange, fault);
    Answer answer;
    scenario.request(bench, answer);
    bench.await(answer);
    bench.stop_failing();
    CHECK(bench.card->take_pins_sent() <= 1);
    if (const auto error = Bench::error_of(answer))
        CHECK(expected_errors(fault).contains(*error));

    const bool was_removed = fault == Fault::Removed || fault == Fault::RemovedAfter;
    if (bench.met && was_removed) {
        bench.await("state R empty");
        bench.winscard.insert_card("R", bench.card);
        bench.await("state R present", 2);
    } else {
        // Nobody else may use what was typed here, and nobody is told that a login goes on that has ended.
        const bool lost = bench.events.count("login lost") > 0;
        CHECK(bench.events.count("login lost") <= 1);
        CHECK_FALSE(bench.is_verified(2));
        const bool login_goes_on = scenario.with_login && scenario.keeps_pin1 && !lost;
        if (login_goes_on)
            CHECK(bench.is_verified(1));
        if (!scenario.keeps_pin1 || lost)
            CHECK_FALSE(bench.is_verified(1));
    }
    CHECK(std::get<card::PinOutcome>(bench.verify_pin1({})) == card::PinOutcome{});
    CHECK(bench.card->tries_left("pin1") >= 3);
    CHECK(bench.card->tries_left("pin2") >= 3);
    CHECK(bench.card->tries_left("puk") >= 5);
    return bench.met;
}

} // namespace

TEST_CASE("request__fault_at_any_exchange__account_of_the_card_stays_right") {
    const std::string profile = GENERATE("fineid-v4", "myeid", "pkcs15");
    const Scenario scenario = GENERATE_COPY(from_range(scenarios(profile)));
    const Fault fault = GENERATE(from_range(all_faults));
    const bool alone = GENERATE(false, true);
    CAPTURE(profile, scenario.name, static_cast<int>(fault), alone);
    std::size_t exchange = 0;
    for (; exchange < exchanges_max; ++exchange) {
        CAPTURE(exchange);
        if (!survives(profile, alone, scenario, fault, exchange))
            break;
    }
    CHECK(exchange >= 2);
    CHECK(exchange < exchanges_max);
}

// Sanitizers keep copies of what was freed, and have too much memory to search.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("request__fault_at_any_exchange__pin_is_not_in_memory_afterwards") {
    using enum core::SetPinRequest::Proof;
    const auto fault = GENERATE(SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD, SCARD_W_UNRESPONSIVE_CARD,
                                SCARD_E_TIMEOUT, SCARD_F_COMM_ERROR);
    const std::size_t which = GENERATE(0u, 1u, 2u, 3u);
    for (std::size_t exchange = 0; exchange < 4; ++exchange) {
        CAPTURE(fault, which, exchange);
        Bench bench;
        const auto card = std::make_shared<SimpleCard>();
        bench.start_with(card);
        card->before_command = [&, count = std::size_t{0}](std::uint8_t) mutable {
            if (count++ == exchange)
                throw fakes::FailedExchange{fault};
        };
        Answer answer;
        switch (which) {
        case 0:
            bench.verify(answer, right_pin(), {simple_card_pin_reference});
            break;
        case 1:
            bench.set_pin(answer, OldPin, right_pin());
            break;
        case 2:
            bench.set_pin(answer, Puk, right_pin());
            break;
        default:
            bench.sign(answer);
            break;
        }
        bench.await(answer);
        CHECK(card->verify_commands() + card->set_commands() <= 1);
        CHECK(count_right_pin_in_memory() == 0);
    }
}
#endif
