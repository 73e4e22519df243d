// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;
using namespace std::chrono_literals;

TEST_CASE("login__idle_limit__ends_it_and_the_card_forgets") {
    Bench bench;
    bench.log_in(client_a);
    bench.loop.advance(14min);
    bench.start_sign(client_a, authentication_key); // starts the time anew
    bench.settle();
    bench.loop.advance(14min);
    CHECK(bench.logins.has(client_a, session, pin_1));
    bench.loop.advance(1min);
    CHECK(!bench.logins.has(client_a, session, pin_1));
    bench.settle();
    CHECK(bench.reader.verified.empty());
}

TEST_CASE("linger__not_used__ends_soon_and_the_card_forgets") {
    Bench bench;
    bench.log_in(client_a);
    bench.logins.linger(client_a, session, pin_1);
    bench.loop.advance(1999ms);
    CHECK(bench.logins.has(client_a, session, pin_1));
    bench.loop.advance(1ms);
    CHECK(!bench.logins.has(client_a, session, pin_1));
    bench.settle();
    CHECK(bench.reader.verified.empty());
}

TEST_CASE("linger__used_before_its_end__goes_on_as_before") {
    Bench bench;
    bench.log_in(client_a);
    bench.logins.linger(client_a, session, pin_1);
    bench.loop.advance(1s);
    CHECK(bench.logins.use(client_a, session, pin_1));
    bench.loop.advance(14min);
    CHECK(bench.logins.has(client_a, session, pin_1));
    bench.loop.advance(1min);
    CHECK(!bench.logins.has(client_a, session, pin_1));
}

TEST_CASE("login__without_idle_limit__has_no_timer") {
    Bench bench;
    bench.settings.login.idle_limit = 0s;
    bench.log_in(client_a);
    CHECK(bench.loop.timers.empty());
}

TEST_CASE("login__of_two_clients__stays_on_the_card_until_the_last_has_ended") {
    Bench bench;
    bench.log_in(client_a);
    bench.log_in(client_b);
    CHECK(bench.logins.list().size() == 2);
    bench.logins.end_all_of(client_a);
    bench.settle();
    CHECK(bench.reader.verified.contains(pin_1));
    CHECK(bench.reader.log_out_count == 0);
    bench.logins.end_all_of(client_b);
    bench.settle();
    CHECK(bench.reader.verified.empty());
    CHECK(bench.reader.log_out_count == 1);
}

TEST_CASE("login__ended_by_id__is_gone_and_says_so_the_second_time") {
    Bench bench;
    bench.log_in(client_a);
    const LoginId id = bench.logins.list().at(0)->id;
    CHECK(bench.logins.list().at(0)->requester.pid == 42);
    CHECK(bench.logins.end(id));
    CHECK(!bench.logins.end(id));
    CHECK(bench.logins_changed == 2);
}

TEST_CASE("end_all__reports_when_the_cards_have_forgotten") {
    Bench bench;
    bench.log_in(client_a);
    bool told = false;
    bench.logins.end_all([&told] { told = true; });
    CHECK(!told);
    bench.settle();
    CHECK(told);
    CHECK(bench.reader.verified.empty());
}

TEST_CASE("end_all__without_logins__reports_at_once") {
    Bench bench;
    bool told = false;
    bench.logins.end_all([&told] { told = true; });
    CHECK(told);
}

TEST_CASE("login__card_removed__is_gone_without_a_word_to_the_card") {
    Bench bench;
    bench.log_in(client_a);
    bench.remove();
    CHECK(bench.logins.list().empty());
    CHECK(bench.loop.timers.empty());
    CHECK(bench.reader.waiting.empty());
}

TEST_CASE("login__card_reset_by_another_program__is_gone") {
    Bench bench;
    bench.log_in(client_a);
    bench.registry.on_login_lost(session);
    CHECK(bench.logins.list().empty());
}

TEST_CASE("login__that_ends__says_why") {
    Bench bench;
    bench.log_in(client_a);
    LoginEnd expected{};
    SECTION("logged out") {
        bench.logins.end_all_of(client_a, session, pin_1);
        expected = LoginEnd::Client;
    }
    SECTION("hung up") {
        bench.logins.end_all_of(client_a);
        expected = LoginEnd::Client;
    }
    SECTION("locked") {
        bench.logins.end_all();
        expected = LoginEnd::Ended;
    }
    SECTION("by its number") {
        CHECK(bench.logins.end(bench.logins.list().at(0)->id));
        expected = LoginEnd::Ended;
    }
    SECTION("idle") {
        bench.loop.advance(15min);
        expected = LoginEnd::Idle;
    }
    SECTION("card reset") {
        bench.registry.on_login_lost(session);
        expected = LoginEnd::Lost;
    }
    SECTION("wrong PIN") {
        bench.logins.on_lost(session, pin_1);
        expected = LoginEnd::Lost;
    }
    SECTION("card removed") {
        bench.remove();
        expected = LoginEnd::Removed;
    }
    CHECK(bench.ended_logins == std::vector{std::pair(client_a, expected)});
}

TEST_CASE("login__used_up__says_so") {
    Bench bench;
    bench.start_work(VerifyPinWork{pin_2, true, true});
    bench.settle();
    bench.agent->type("123456");
    bench.settle();
    bench.start_sign();
    bench.settle();
    CHECK(bench.ended_logins == std::vector{std::pair(client_a, LoginEnd::Used)});
}
