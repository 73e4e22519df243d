// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/names.hpp"
#include "pkcs11/connection.hpp"
#include "sdbus/event_loop.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <future>
#include <list>
#include <thread>

using namespace digisign;
using namespace digisign::pkcs11;
using namespace std::chrono_literals;

namespace {

constexpr char interface[] = "org.digisign.DigiSign1.Cryptoki";

/// What digisignd is to the module: answers Echo, never answers Hang, hangs up at Die, signals at Tell.
class Service {
public:
    explicit Service(std::string path) : path_(std::move(path)) {
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 16) == 0);
        std::promise<void> started;
        thread_ = std::thread([this, &started] {
            sdbus::EventLoop loop;
            loop_ = &loop;
            sd_event_source* source = nullptr;
            sd_event_add_io(loop.handle(), &source, listener_, EPOLLIN, on_connection, this);
            started.set_value();
            loop.run();
            sd_event_source_unref(source);
            connections_.clear();
        });
        started.get_future().wait();
    }

    ~Service() {
        loop_->post([this] { loop_->quit(); });
        thread_.join();
        ::close(listener_);
        std::filesystem::remove(path_);
    }

    std::atomic<int> accepted{0};

private:
    static int on_connection(sd_event_source*, int fd, std::uint32_t, void* userdata) {
        auto* service = static_cast<Service*>(userdata);
        const int connection = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection < 0)
            return 0;
        ++service->accepted;
        sd_bus* bus = nullptr;
        sd_bus_new(&bus);
        sd_bus_set_fd(bus, connection, connection);
        sd_id128_t id;
        sd_id128_randomize(&id);
        sd_bus_set_server(bus, 1, id);
        sd_bus_start(bus);
        sd_bus_attach_event(bus, service->loop_->handle(), SD_EVENT_PRIORITY_NORMAL);
        sd_bus_add_filter(bus, nullptr, on_message, service);
        service->connections_.emplace_back(bus);
        return 0;
    }

    static int on_message(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* service = static_cast<Service*>(userdata);
        if (sd_bus_message_is_method_call(message, interface, "Echo") > 0) {
            const char* text = nullptr;
            sd_bus_message_read_basic(message, 's', &text);
            return sd_bus_reply_method_return(message, "s", text);
        }
        if (sd_bus_message_is_method_call(message, interface, "Fail") > 0)
            return sd_bus_reply_method_errorf(message, "org.digisign.DigiSign1.Error.PinIncorrect", "wrong");
        if (sd_bus_message_is_method_call(message, interface, "Tell") > 0) {
            sd_bus_emit_signal(sd_bus_message_get_bus(message), names::daemon_root, interface, "SlotsChanged",
                               "t", std::uint64_t{7});
            return sd_bus_reply_method_return(message, "");
        }
        if (sd_bus_message_is_method_call(message, interface, "Die") > 0) {
            sd_bus* bus = sd_bus_message_get_bus(message);
            service->loop_->post([service, bus] {
                service->connections_.remove_if(
                    [bus](const sdbus::BusPtr& entry) { return entry.get() == bus; });
            });
            return 1;
        }
        return sd_bus_message_is_method_call(message, interface, "Hang") > 0 ? 1 : 0;
    }

    std::string path_;
    int listener_ = -1;
    sdbus::EventLoop* loop_ = nullptr;
    std::list<sdbus::BusPtr> connections_;
    std::thread thread_;
};

struct Bench {
    std::string directory = [] {
        std::string pattern = "/tmp/digisign-pkcs11-XXXXXX";
        return std::string(::mkdtemp(pattern.data()));
    }();
    std::string path = directory + "/private";
    std::atomic<int> signals{0};
    Connection connection{path, [this](sd_bus_message*) { ++signals; }};

    ~Bench() { std::filesystem::remove_all(directory); }

    std::string echo(const std::string& text, Connection::Clock::duration timeout = 5s) {
        const auto reply = connection.call(
            interface, "Echo",
            [&text](sd_bus_message* call) { sd_bus_message_append_basic(call, 's', text.c_str()); }, timeout);
        const char* answer = nullptr;
        // No assertion here: Catch2 allows them on one thread only, and this is called on many.
        return sd_bus_message_read_basic(reply.get(), 's', &answer) > 0 ? answer : "";
    }

    ErrorCode failure(const char* member, Connection::Clock::duration timeout = 5s) {
        try {
            (void)connection.call(
                interface, member, [](sd_bus_message*) {}, timeout);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Internal; // which no case expects
    }
};

} // namespace

TEST_CASE("connection__nobody_listens__fails_at_once_and_works_when_somebody_does") {
    Bench bench;
    const auto begin = Connection::Clock::now();
    CHECK(bench.failure("Echo") == ErrorCode::ServiceUnavailable);
    CHECK(Connection::Clock::now() - begin < 1s);
    CHECK(!bench.connection.drain());
    const Service service(bench.path);
    CHECK(bench.echo("hello") == "hello");
    CHECK(bench.connection.drain());
    CHECK(bench.connection.epoch() == 1);
}

TEST_CASE("connection__error_of_the_service__is_thrown_by_its_code") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.failure("Fail") == ErrorCode::PinIncorrect);
    CHECK(bench.echo("still there") == "still there");
}

TEST_CASE("connection__service_does_not_answer__gives_up_at_the_deadline_and_goes_on") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.failure("Hang", 300ms) == ErrorCode::TimedOut);
    CHECK(bench.echo("next") == "next");
    CHECK(bench.connection.epoch() == 1);
}

TEST_CASE("connection__service_hangs_up_in_a_call__is_told_and_made_anew") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.failure("Die") == ErrorCode::ServiceUnavailable);
    CHECK(bench.echo("again") == "again");
    CHECK(bench.connection.epoch() == 2);
}

TEST_CASE("connection__service_restarted__is_found_again") {
    Bench bench;
    {
        const Service service(bench.path);
        CHECK(bench.echo("first") == "first");
    }
    CHECK(bench.failure("Echo") == ErrorCode::ServiceUnavailable);
    const Service service(bench.path);
    CHECK(bench.echo("second") == "second");
}

TEST_CASE("connection__listener_that_never_accepts__is_given_up_at_the_deadline") {
    Bench bench;
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, bench.path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener, 16) == 0);
    CHECK(bench.failure("Echo", 300ms) == ErrorCode::TimedOut);
    ::close(listener);
}

TEST_CASE("connection__one_call_hangs__others_are_answered_meanwhile") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.echo("ready") == "ready");
    auto hanging = std::async(std::launch::async, [&] { return bench.failure("Hang", 2s); });
    for (int i = 0; i < 100; ++i)
        CHECK(bench.echo(std::to_string(i), 1s) == std::to_string(i));
    CHECK(hanging.wait_for(0s) == std::future_status::timeout); // it was there all the time
    CHECK(hanging.get() == ErrorCode::TimedOut);
}

TEST_CASE("connection__many_threads__each_gets_its_own_answer_over_one_connection") {
    Bench bench;
    Service service(bench.path);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                const std::string text = std::to_string(t) + "/" + std::to_string(i);
                if (bench.echo(text) != text)
                    ++wrong;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(wrong == 0);
    CHECK(service.accepted == 1);
}

TEST_CASE("connection__signal__is_taken_in_with_the_next_look") {
    Bench bench;
    const Service service(bench.path);
    (void)bench.connection.call(
        interface, "Tell", [](sd_bus_message*) {}, 5s);
    CHECK(bench.connection.drain());
    CHECK(bench.signals == 1);
}

TEST_CASE("shut_down__wakes_who_waits_and_refuses_what_comes") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.echo("ready") == "ready");
    auto hanging = std::async(std::launch::async, [&] { return bench.failure("Hang", 20s); });
    bench.connection.shut_down();
    REQUIRE(hanging.wait_for(2s) == std::future_status::ready);
    CHECK(hanging.get() == ErrorCode::Cancelled);
    CHECK(bench.failure("Echo") == ErrorCode::Cancelled);
}

TEST_CASE("abandon__in_a_child__leaves_the_parents_connection_alone") {
    Bench bench;
    const Service service(bench.path);
    CHECK(bench.echo("before") == "before");
    const pid_t child = ::fork();
    if (child == 0) {
        bench.connection.abandon();
        ::_exit(0);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(bench.echo("after") == "after");
    CHECK(bench.connection.epoch() == 1);
}
