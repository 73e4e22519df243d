// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "tests/unit/pcsc/bench.hpp"

#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace digisign;
using namespace digisign::tests;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST_CASE("card_in_reader_at_start__events_come_in_the_documented_order") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.await("pcsc available");
    // It follows the readers; when it comes between what their workers find is open.
    CHECK(std::ranges::find(bench.events.lines, "pcsc available") >
          std::ranges::find(bench.events.lines, "added R"));
    CHECK(std::erase(bench.events.lines, "pcsc available") == 1);
    CHECK(bench.events.lines == Lines{"added R", "state R reading", "inserted R", "pins", "state R present"});
    CHECK(bench.events.statuses.at(0).tries_left == 3u);

    bench.winscard.remove_card("R");
    bench.await("state R empty");
    bench.winscard.unplug_reader("R");
    bench.await("lost R");
    CHECK(Lines(bench.events.lines.begin() + 5, bench.events.lines.end()) ==
          Lines{"removed R", "state R empty", "lost R"});
}

TEST_CASE("reader_and_card_plugged_later__are_announced") {
    Bench bench;
    bench.winscard.start_service();
    bench.start();
    bench.await("pcsc available");
    bench.winscard.plug_reader("R", std::make_shared<fakes::FakeKeys>());
    bench.await("added R verifies modifies");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.await("state R present");
    bench.winscard.plug_reader("S");
    bench.winscard.insert_card("S", std::make_shared<SimpleCard>("1002"));
    bench.await("state S present");
    CHECK(bench.events.serial_number == "1002");
    CHECK(bench.events.sessions.at(0) != bench.events.sessions.at(1));
}

TEST_CASE("reader_unplugged_with_card__session_ends_before_the_reader") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.winscard.unplug_reader("R");
    bench.await("lost R");
    CHECK(bench.events.count("removed R") == 1);
    CHECK(bench.events.lines.back() == "lost R");
}

TEST_CASE("card_exchanged_between_two_looks__is_a_new_session") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>("1001"));
    bench.winscard.exchange_card("R", std::make_shared<SimpleCard>("1002"));
    bench.await("state R present", 2);
    CHECK(bench.events.count("removed R") == 1);
    CHECK(bench.events.serial_number == "1002");
    CHECK(bench.events.sessions.size() == 2);
}

TEST_CASE("mute_card__is_a_state_and_leaves_no_connection") {
    Bench bench;
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.start();
    bench.await("added R");
    bench.winscard.insert_mute_card("R");
    bench.await("state R mute");
    bench.winscard.remove_card("R");
    bench.await("state R empty");
    CHECK(bench.winscard.connections() == 0);
}

TEST_CASE("foreign_card__is_unrecognized_and_left_to_other_programs") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    card->foreign = true;
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.winscard.insert_card("R", card);
    bench.start();
    bench.await("state R unrecognized");
    CHECK(bench.events.count("inserted R") == 0);
    CHECK(bench.winscard.connections() == 0);
}

TEST_CASE("card_held_exclusively__is_busy_until_the_other_program_lets_go") {
    Bench bench;
    bench.settings.worker.busy_retry = 24h; // the event has to do it
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.winscard.hold_exclusively("R");
    bench.start();
    bench.await("state R busy");
    CHECK(bench.events.reader_message.find("another program holds the card") == 0);
    bench.winscard.release_exclusive("R");
    bench.await("state R present");
}

TEST_CASE("card_held_exclusively_unseen_by_pcscd__is_tried_again") {
    Bench bench;
    bench.settings.worker.busy_retry = 1ms;
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.winscard.hold_exclusively_unseen("R");
    bench.start();
    bench.await("state R busy");
    bench.winscard.release_exclusive("R");
    bench.await("state R present");
}

TEST_CASE("card_held_exclusively__is_busy_until_it_is_removed") {
    Bench bench;
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.winscard.hold_exclusively("R");
    bench.start();
    bench.await("state R busy");
    bench.winscard.remove_card("R");
    bench.winscard.release_exclusive("R");
    bench.await("state R empty");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>("1002"));
    bench.await("state R present");
    CHECK(bench.events.serial_number == "1002");
}

TEST_CASE("service_absent__is_noticed_when_it_comes") {
    Bench bench;
    bench.start();
    bench.await("pcsc unavailable");
    CHECK(bench.events.service_message.find("pcscd") != std::string::npos);
    bench.winscard.plug_reader("R");
    bench.winscard.start_service();
    bench.await("added R");
}

TEST_CASE("service_directory_absent__is_noticed_when_it_comes") {
    Bench bench;
    const std::filesystem::path base =
        std::filesystem::path(bench.winscard.socket_path()).parent_path() / "later";
    bench.settings.service_socket = base / "run" / "pcscd.comm";
    bench.start();
    bench.await("pcsc unavailable");
    bench.winscard.start_service();
    std::filesystem::create_directories(base / "run");
    std::ofstream(bench.settings.service_socket).put('\n');
    bench.await("pcsc available");
    bench.service.reset();
    std::filesystem::remove_all(base);
}

TEST_CASE("service_restarted__readers_and_cards_are_announced_again") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    const bool killed = GENERATE(false, true);
    bench.winscard.stop_service(killed);
    bench.await("pcsc unavailable");
    CHECK(bench.events.count("removed R") == 1);
    CHECK(bench.events.count("lost R") == 1);
    bench.winscard.start_service();
    bench.await("state R present", 2);
    CHECK(bench.signs());
}

TEST_CASE("access_denied__is_a_state_with_the_time_of_the_next_try") {
    Bench bench;
    bench.settings.monitor.denied_retry = 1h;
    bench.winscard.start_service();
    bench.winscard.refuse_sessions(true);
    bench.start();
    bench.await("pcsc access-denied");
    CHECK(bench.events.service_message.find("trying again in 300 s") != std::string::npos);

    bench.service->retry_access();
    bench.await("pcsc access-denied", 2);
    bench.winscard.refuse_sessions(false);
    bench.service->retry_access();
    bench.await("pcsc available");
}

TEST_CASE("access_denied__is_tried_again_by_itself") {
    Bench bench;
    bench.settings.monitor.denied_retry = 1ms;
    bench.winscard.start_service();
    bench.winscard.refuse_sessions(true);
    bench.start();
    bench.await("pcsc access-denied", 3);
    bench.winscard.refuse_sessions(false);
    bench.await("pcsc available");
}

TEST_CASE("access_to_card_denied__is_tried_again_by_itself_and_on_demand") {
    Bench bench;
    bench.winscard.start_service();
    bench.winscard.refuse_cards(true);
    bench.winscard.plug_reader("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.start();
    bench.await("state R error");
    CHECK(bench.events.reader_message.find("does not admit this session") != std::string::npos);

    bench.loop.advance(bench.settings.monitor.denied_retry);
    bench.await("state R error", 2);
    bench.winscard.refuse_cards(false);
    bench.service->retry_access();
    bench.await("state R present");
}

TEST_CASE("idle__one_thread_waits_for_days_and_nothing_is_called") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.loop.run_until([&] { return bench.winscard.monitor_timeout() > 24h; });
    // Not INFINITE: libpcsclite makes that a wake-up per minute.
    CHECK(bench.winscard.monitor_timeout() < 24 * 24h);

    const std::size_t calls = bench.winscard.calls();
    (void)::poll(nullptr, 0, 200); // the measurement: there is no event for "nothing happened"
    CHECK(bench.winscard.calls() == calls);
    CHECK(bench.loop.timers() == 0);
}

TEST_CASE("card_not_used_for_a_while__is_given_free_for_other_programs") {
    Bench bench;
    bench.settings.worker.linger = 1ms;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.loop.run_until([&] { return bench.winscard.connections() == 0; });
    CHECK(bench.signs());
    bench.loop.run_until([&] { return bench.winscard.connections() == 0; });
}

TEST_CASE("service_ends__all_contexts_are_released") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    CHECK(bench.winscard.contexts() == 2); // monitor, worker
    bench.service.reset();
    CHECK(bench.winscard.contexts() == 0);
    CHECK(bench.loop.timers() == 0);
}
