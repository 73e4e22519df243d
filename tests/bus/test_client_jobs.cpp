// SPDX-License-Identifier: LGPL-2.1-or-later
// The client library against a service that behaves, and several that do not. Runs on a session bus of its
// own.

#include "client/daemon_state.hpp"
#include "client/job.hpp"
#include "client/key.hpp"
#include "client/logins.hpp"
#include "client/pin.hpp"
#include "client/token.hpp"
#include "common/names.hpp"
#include "tests/fakes/fake_service.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <string>

using namespace digisign;
using namespace digisign::client;
using namespace std::chrono_literals;
using test::FakeService;

namespace {

constexpr SignatureMechanism mechanism{SignatureScheme::Ecdsa, Digest::Sha256};

Bytes sign_once(CancelToken* cancel = nullptr) {
    PollLoop loop;
    SessionConnection session(loop);
    return sign(session, FakeService::key_path, mechanism, Bytes(32), {.document = "contract.pdf"}, {},
                cancel);
}

ErrorCode error_of_signing(FakeService::Sign behaviour, CancelToken* cancel = nullptr) {
    const FakeService service(behaviour);
    try {
        sign_once(cancel);
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error");
    return ErrorCode::Internal;
}

JobCall sign_call(Connection& session) {
    Message request =
        session.new_call(names::daemon_bus, FakeService::key_path, names::key_interface, "Sign");
    request.append(std::string_view("ECDSA-SHA256"));
    request.append(ByteView(Bytes(32)));
    request.append(Dictionary{});
    return {.service = names::daemon_bus, .request = std::move(request), .description = "signing"};
}

} // namespace

TEST_CASE("job_done__returns_its_result") {
    FakeService service(FakeService::Sign::Answer);
    CHECK(sign_once() == Bytes{1, 2, 3});
    CHECK(service.last_document() == "contract.pdf");
}

TEST_CASE("job_done_before_its_path_is_known__returns_its_result") {
    const FakeService service(FakeService::Sign::AnswerBeforeReply);
    CHECK(sign_once() == Bytes{1, 2, 3});
}

TEST_CASE("job_failed__throws_its_error") {
    CHECK(error_of_signing(FakeService::Sign::Fail) == ErrorCode::PinBlocked);
    const FakeService service(FakeService::Sign::Fail);
    CHECK_THROWS_WITH(sign_once(), "PIN 2 is blocked");
}

TEST_CASE("call_refused__throws_its_error") {
    CHECK(error_of_signing(FakeService::Sign::Refuse) == ErrorCode::MechanismUnsupported);
}

TEST_CASE("job_cancelled_by_the_service__throws_cancelled") {
    CHECK(error_of_signing(FakeService::Sign::Cancel) == ErrorCode::Cancelled);
}

TEST_CASE("job_cancelled_from_another_thread__throws_cancelled_at_once") {
    CancelToken cancel;
    const FakeService service(FakeService::Sign::WaitForCancel);
    auto signing = std::async(std::launch::async, [&] { return sign_once(&cancel); });
    CHECK(signing.wait_for(50ms) == std::future_status::timeout);
    const auto begin = Clock::now();
    cancel.cancel();
    CHECK_THROWS_AS(signing.get(), Error);
    CHECK(Clock::now() - begin < 1s);
}

TEST_CASE("job_that_ignores_its_cancellation__is_left_behind") {
    CancelToken cancel;
    cancel.cancel();
    const auto begin = Clock::now();
    CHECK(error_of_signing(FakeService::Sign::NeverFinish, &cancel) == ErrorCode::Cancelled);
    CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("service_gone_during_the_job__is_service_unavailable") {
    CHECK(error_of_signing(FakeService::Sign::Vanish) == ErrorCode::ServiceUnavailable);
    CHECK(error_of_signing(FakeService::Sign::VanishWithoutReply) == ErrorCode::ServiceUnavailable);
}

TEST_CASE("no_service__is_service_unavailable") {
    PollLoop loop;
    SessionConnection session(loop);
    try {
        load_state(session);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::ServiceUnavailable);
    }
}

TEST_CASE("service_that_does_not_answer__is_timed_out") {
    const FakeService service(FakeService::Sign::NeverReply);
    PollLoop loop;
    SessionConnection session(loop);
    const JobCall call = sign_call(session);
    try {
        session.call(call.request, 100ms);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::TimedOut);
    }
}

TEST_CASE("finished_signal_of_a_stranger__ends_no_job") {
    FakeService service(FakeService::Sign::NeverFinish);
    service.set_waiting_for("pin"); // so that there is a status to tell
    PollLoop loop;
    SessionConnection session(loop);
    const char* own_name = nullptr;
    REQUIRE(sd_bus_get_unique_name(session.get(), &own_name) >= 0);
    sd_bus* raw = nullptr;
    REQUIRE(sd_bus_open_user(&raw) >= 0);
    const sdbus::BusPtr stranger(raw);
    sd_bus_message* message = nullptr;
    REQUIRE(sd_bus_message_new_signal(raw, &message, FakeService::job_path, names::job_interface,
                                      "Finished") >= 0);
    const sdbus::MessagePtr forged(message);
    REQUIRE(sd_bus_message_append(message, "sa{sv}", "done", 0) >= 0);
    REQUIRE(sd_bus_message_set_destination(message, own_name) >= 0);

    CancelToken cancel;
    JobCall call = sign_call(session);
    call.cancel = &cancel;
    // Told about the job means that the job has begun; then comes the forgery, and last the cancellation.
    call.on_status = [&](const JobStatus&) {
        REQUIRE(sd_bus_send(raw, message, nullptr) >= 0);
        REQUIRE(sd_bus_flush(raw) >= 0);
        cancel.cancel();
    };
    CHECK_THROWS_AS(run_job(session, std::move(call)), Error);
}

TEST_CASE("status_of_a_job__is_told_as_it_changes") {
    FakeService service(FakeService::Sign::WaitForCancel);
    PollLoop loop;
    SessionConnection session(loop);
    CancelToken cancel;
    std::vector<JobWait> seen;
    JobCall call = sign_call(session);
    call.cancel = &cancel;
    call.on_status = [&](const JobStatus& status) {
        seen.push_back(status.waiting_for);
        if (status.waiting_for == JobWait::Pin)
            service.set_waiting_for("pinpad");
        else if (status.waiting_for == JobWait::PinPad)
            service.set_waiting_for("consent");
        else if (status.waiting_for == JobWait::Consent)
            service.set_waiting_for("card");
        else
            cancel.cancel();
    };
    service.set_waiting_for("pin");
    CHECK_THROWS_AS(run_job(session, std::move(call)), Error);
    CHECK(seen == std::vector{JobWait::Pin, JobWait::PinPad, JobWait::Consent, JobWait::Card});
}

TEST_CASE("loop_that_fails_while_the_job_is_looked_at__fails_the_job") {
    CancelToken looked_at; // its descriptor is what the loop can wait for
    std::promise<void> failed;
    const std::shared_future<void> has_failed = failed.get_future().share();
    FakeService service(FakeService::Sign::NeverFinish);
    PollLoop loop;
    SessionConnection session(loop);
    service.set_on_status_read([&] { // by GetAll, and by a signal that tells of a change
        looked_at.cancel();
        has_failed.wait();
    });
    std::optional<PollLoop::Watch> watch;
    watch.emplace(loop, looked_at.descriptor(), [&] {
        watch.reset();
        loop.fail(std::make_exception_ptr(Error(ErrorCode::PinLengthInvalid, "there is no PIN")));
        failed.set_value();
    });
    JobCall call = sign_call(session);
    call.on_status = [](const JobStatus&) {};
    CHECK_THROWS_WITH(run_job(session, std::move(call)), "there is no PIN");
}

TEST_CASE("settled_state__is_waited_for_on_signals") {
    FakeService service(FakeService::Sign::Answer);
    auto loading = std::async(std::launch::async, [] {
        PollLoop loop;
        SessionConnection session(loop);
        return load_settled_state(session, Clock::now() + 10s);
    });
    CHECK(loading.wait_for(50ms) == std::future_status::timeout);
    service.set_reader_state("empty");
    const DaemonState state = loading.get();
    CHECK(state.version == "9.9.9");
    REQUIRE(state.readers.size() == 1);
    CHECK(state.readers.front().state == ReaderState::Empty);
}

TEST_CASE("settled_state__after_the_deadline__is_what_there_is") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const DaemonState state = load_settled_state(session, Clock::now() + 50ms);
    REQUIRE(state.readers.size() == 1);
    CHECK(state.readers.front().state == ReaderState::Reading);
}

TEST_CASE("batch__returns_a_signature_per_document") {
    FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const std::vector<BatchItem> items{{"a.pdf", Bytes(32)}, {"b.pdf", Bytes(32)}};
    const auto signatures =
        sign_batch(session, FakeService::key_path, mechanism, items, {.agent = "agent-1"});
    CHECK(service.last_batch() == std::vector<std::string>{"a.pdf", "b.pdf"});
    CHECK(service.last_call() == "SignBatch agent-1");
    CHECK(signatures ==
          std::vector<Bytes>{to_bytes(std::string_view("a.pdf")), to_bytes(std::string_view("b.pdf"))});
}

TEST_CASE("batch__with_a_signature_missing__is_an_error") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const std::vector<BatchItem> items{{"a.pdf", Bytes(32)}, {"", Bytes(32)}}; // whose signature is empty
    CHECK_THROWS_AS(sign_batch(session, FakeService::key_path, mechanism, items, {}), Error);
}

TEST_CASE("pin_and_card_calls__reach_their_method_with_the_agent") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const RequestOptions options{.agent = "agent-1"};
    verify_pin(session, FakeService::pin_path, options);
    CHECK(service.last_call() == "Verify agent-1");
    log_in(session, FakeService::pin_path, options);
    CHECK(service.last_call() == "Login agent-1");
    change_pin(session, FakeService::pin_path, options);
    CHECK(service.last_call() == "Change agent-1");
    unblock_pin(session, FakeService::pin_path, options);
    CHECK(service.last_call() == "Unblock agent-1");
    activate(session, FakeService::token_path, options);
    CHECK(service.last_call() == "Activate agent-1");
    test_key(session, FakeService::key_path, options);
    CHECK(service.last_call() == "Test agent-1");
    refresh(session, FakeService::token_path);
    CHECK(service.last_call() == "Refresh");
    log_out(session, FakeService::token_path);
    CHECK(service.last_call() == "Logout");
    lock(session);
    CHECK(service.last_call() == "Lock");
}

TEST_CASE("warnings_about_a_new_pin__are_returned") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const std::vector expected{PinWarning::Trivial, PinWarning::Same};
    CHECK(change_pin(session, FakeService::pin_path, {}) == expected);
    CHECK(unblock_pin(session, FakeService::pin_path, {}) == expected);
    CHECK(activate(session, FakeService::token_path, {}) == expected);
    CHECK(pin_warnings({}).empty());
}

TEST_CASE("logins__are_listed_oldest_first") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    const auto logins = list_logins(session);
    REQUIRE(logins.size() == 2);
    CHECK(logins[0].id == FakeService::login_id - 1);
    CHECK(logins[0].since == 100);
    CHECK(logins[0].last_used == 150);
    CHECK(logins[0].pid == 42U);
    CHECK(logins[0].executable == "/usr/bin/firefox");
    CHECK(logins[0].sandbox == "snap:firefox");
    CHECK(logins[0].terminal == "pts/3");
    CHECK(logins[1].id == FakeService::login_id);
    CHECK(logins[1].token == FakeService::token_path);
    CHECK(logins[1].pin == FakeService::pin_path);
    CHECK_FALSE(logins[1].pid);
    CHECK(logins[1].unit.empty());
}

TEST_CASE("login__is_ended_by_its_number") {
    const FakeService service(FakeService::Sign::Answer);
    PollLoop loop;
    SessionConnection session(loop);
    end_login(session, FakeService::login_id);
    CHECK(service.last_call() == "EndLogin");
    try {
        end_login(session, 99);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::InvalidArgument);
    }
}
