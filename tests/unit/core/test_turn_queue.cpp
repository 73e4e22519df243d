// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign::core;
using namespace digisign::core::test;

namespace {

Task<int> take_turn(std::shared_ptr<TurnQueue> queue, ClientId client, std::vector<int>& order, int name,
                    std::vector<TurnQueue::Turn>& held) {
    Answer<TurnQueue::Turn> waiting = queue->wait(client);
    held.push_back(co_await waiting);
    order.push_back(name);
    co_return name;
}

struct Fixture {
    FakeLoop loop;
    std::shared_ptr<TurnQueue> queue = std::make_shared<TurnQueue>(loop);
    std::vector<int> order;
    std::vector<TurnQueue::Turn> held;
    std::vector<std::unique_ptr<Task<int>>> tasks;

    Task<int>& enter(ClientId client, int name) {
        tasks.push_back(std::make_unique<Task<int>>(take_turn(queue, client, order, name, held)));
        tasks.back()->start([] {});
        return *tasks.back();
    }

    void pass_on() {
        held.clear();
        loop.run_posted();
    }
};

} // namespace

TEST_CASE("turns__first_comer__gets_it_at_once_and_the_next_when_it_is_given_back") {
    Fixture f;
    f.enter(client_a, 1);
    f.enter(client_b, 2);
    CHECK(f.order == std::vector{1});
    f.pass_on();
    CHECK(f.order == std::vector{1, 2});
    f.pass_on();
    CHECK(f.queue->idle());
}

TEST_CASE("turns__one_client_with_many__lets_another_in_between") {
    Fixture f;
    for (int i = 1; i <= 3; ++i)
        f.enter(client_a, i);
    f.enter(client_b, 10);
    f.enter(client_b, 11);
    for (int i = 0; i < 5; ++i)
        f.pass_on();
    CHECK(f.order == std::vector{1, 10, 2, 11, 3});
}

TEST_CASE("turns__who_waited_is_destroyed__does_not_stop_the_others") {
    Fixture f;
    f.enter(client_a, 1);
    Task<int>& second = f.enter(client_a, 2);
    f.enter(client_b, 3);
    second.reset();
    f.pass_on();
    CHECK(f.order == std::vector{1, 3});
}

TEST_CASE("turns__holder_ends_with_nobody_waiting__leaves_nothing_behind") {
    Fixture f;
    f.enter(client_a, 1);
    f.held.clear();
    CHECK(f.loop.posted.empty());
    f.enter(client_b, 2);
    CHECK(f.order == std::vector{1, 2});
}
