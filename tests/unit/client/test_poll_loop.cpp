// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/cancel_token.hpp"
#include "client/poll_loop.hpp"
#include "common/error.hpp"
#include "common/unique_fd.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

using namespace digisign;
using namespace digisign::client;
using namespace std::chrono_literals;

namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }
    UniqueFd reader;
    UniqueFd writer;
};

} // namespace

TEST_CASE("deadline__that_has_passed__ends_the_run_with_false") {
    PollLoop loop;
    CHECK_FALSE(loop.run_until([] { return false; }, Clock::now() + 10ms));
}

TEST_CASE("watch__on_readable_descriptor__is_called") {
    PollLoop loop;
    Pipe pipe;
    int calls = 0;
    const PollLoop::Watch watch(loop, pipe.reader.get(), [&] {
        char c = 0;
        calls += static_cast<int>(::read(pipe.reader.get(), &c, 1));
    });
    REQUIRE(::write(pipe.writer.get(), "ab", 2) == 2);
    CHECK(loop.run_until([&] { return calls == 2; }, Clock::now() + 5s));
}

TEST_CASE("watch__on_hung_up_descriptor__is_called") {
    PollLoop loop;
    Pipe pipe;
    bool called = false;
    const PollLoop::Watch watch(loop, pipe.reader.get(), [&] { called = true; });
    pipe.writer.reset();
    CHECK(loop.run_until([&] { return called; }, Clock::now() + 5s));
}

TEST_CASE("watch__ended_by_its_own_callback__is_not_called_again") {
    PollLoop loop;
    Pipe pipe;
    int calls = 0;
    std::optional<PollLoop::Watch> watch;
    watch.emplace(loop, pipe.reader.get(), [&] {
        ++calls;
        watch.reset();
    });
    REQUIRE(::write(pipe.writer.get(), "a", 1) == 1);
    CHECK(loop.run_until([&] { return calls > 0; }, Clock::now() + 5s));
    CHECK_FALSE(loop.run_until([&] { return calls > 1; }, Clock::now() + 10ms));
}

TEST_CASE("failure_in_a_callback__comes_out_of_the_run_once") {
    PollLoop loop;
    Pipe pipe;
    std::optional<PollLoop::Watch> watch;
    watch.emplace(loop, pipe.reader.get(), [&] {
        loop.fail(std::make_exception_ptr(Error(ErrorCode::CardRemoved, "gone")));
        watch.reset();
    });
    REQUIRE(::write(pipe.writer.get(), "a", 1) == 1);
    CHECK_THROWS_AS(loop.run_until([] { return false; }, Clock::now() + 5s), Error);
    CHECK_FALSE(loop.run_until([] { return false; }, Clock::now() + 10ms));
}

TEST_CASE("cancel_token__cancelled_on_another_thread__wakes_the_loop") {
    PollLoop loop;
    CancelToken token;
    bool woken = false;
    const PollLoop::Watch watch(loop, token.descriptor(), [&] { woken = true; });
    std::thread other([&token] { token.cancel(); });
    CHECK(loop.run_until([&] { return woken; }, Clock::now() + 5s));
    other.join();
    CHECK(token.cancelled());
}
