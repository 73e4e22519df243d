// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "common/post_queue.hpp"

#include <poll.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using digisign::PostQueue;

namespace {

bool is_readable(const PostQueue& queue, int timeout_ms = 0) {
    pollfd ready{queue.fd(), POLLIN, 0};
    return ::poll(&ready, 1, timeout_ms) == 1;
}

} // namespace

TEST_CASE("post__makes_the_descriptor_readable_until_run") {
    PostQueue queue;
    CHECK_FALSE(is_readable(queue));
    int runs = 0;
    queue.post([&] { ++runs; });
    queue.post([&] { ++runs; });
    CHECK(is_readable(queue));
    CHECK(runs == 0);
    queue.run();
    CHECK(runs == 2);
    CHECK_FALSE(is_readable(queue));
    queue.run();
    CHECK(runs == 2);
}

TEST_CASE("post_from_many_threads__everything_runs_once_and_in_each_threads_order") {
    constexpr int threads = 8;
    constexpr int posts = 1000;
    PostQueue queue;
    std::vector<std::vector<int>> seen(threads);
    std::vector<std::thread> posters;
    for (std::size_t who = 0; who < threads; ++who)
        posters.emplace_back([&queue, &seen, who] {
            for (int i = 0; i < posts; ++i)
                queue.post([&seen, who, i] { seen[who].push_back(i); });
        });
    std::size_t total = 0;
    while (total < threads * posts && is_readable(queue, 10'000)) {
        queue.run();
        total = 0;
        for (const auto& numbers : seen)
            total += numbers.size();
    }
    for (std::thread& poster : posters)
        poster.join();
    CHECK(total == threads * posts);
    for (const auto& numbers : seen)
        CHECK(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_CASE("post_from_within__waits_for_the_next_round") {
    PostQueue queue;
    int runs = 0;
    queue.post([&] {
        ++runs;
        queue.post([&] { ++runs; });
    });
    queue.run();
    CHECK(runs == 1);
    CHECK(is_readable(queue));
    queue.run();
    CHECK(runs == 2);
}

TEST_CASE("work_that_throws__does_not_keep_the_rest_from_running") {
    PostQueue queue;
    bool ran = false;
    queue.post([] { throw std::runtime_error("a defect"); });
    queue.post([&] { ran = true; });
    queue.run();
    CHECK(ran);
}

TEST_CASE("work__is_destroyed_when_it_has_run_or_the_queue_ends") {
    const auto held = std::make_shared<int>();
    {
        PostQueue queue;
        queue.post([held] {});
        queue.run();
        CHECK(held.use_count() == 1);
        queue.post([held] {});
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}
