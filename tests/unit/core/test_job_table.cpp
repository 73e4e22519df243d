// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/limits.hpp"
#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

JobRequest request_with(std::string handle, ClientId client = client_a) {
    JobRequest request;
    request.client = client;
    request.client_handle = std::move(handle);
    request.session = session;
    request.work = VerifyPinWork{pin_1, false};
    return request;
}

ErrorCode code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("create__same_handle_twice__is_refused_for_one_client_only") {
    Bench bench;
    bench.start(request_with("mine"));
    CHECK(code_of([&] { bench.start(request_with("mine")); }) == ErrorCode::InvalidArgument);
    bench.start(request_with("mine", client_b));
    CHECK(bench.jobs.find(client_b, "mine") != nullptr);
}

TEST_CASE("create__handle_that_is_no_path_element__is_refused") {
    Bench bench;
    for (const char* handle : {"a/b", "a-b", " ", "ä"})
        CHECK(code_of([&] { bench.start(request_with(handle)); }) == ErrorCode::InvalidArgument);
    CHECK(code_of([&] { bench.start(request_with(std::string(65, 'a'))); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("create__beyond_the_limit_of_a_client__is_refused_and_others_still_may") {
    Bench bench;
    for (std::size_t i = 0; i < limits::jobs_per_client; ++i)
        bench.start(request_with(""));
    CHECK(code_of([&] { bench.start(request_with("")); }) == ErrorCode::LimitExceeded);
    bench.start(request_with("", client_b));
}

TEST_CASE("start__job_cancelled_meanwhile__does_nothing") {
    Bench bench;
    auto job = bench.jobs.create(request_with("x"), {[](const Job&) {}, [](Job&, const JobOutcome&) {}});
    job->cancel(Error(ErrorCode::Cancelled, "cancelled"));
    job->start({});
    CHECK(bench.reader.waiting.empty());
}

TEST_CASE("find__other_clients_job__is_not_found") {
    Bench bench;
    bench.start(request_with("x"));
    CHECK(bench.jobs.find(client_a, "x") != nullptr);
    CHECK(bench.jobs.find(client_b, "x") == nullptr);
}
