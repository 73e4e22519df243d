// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "common/unique_fd.hpp"
#include "daemon/pcsc/service_watch.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace digisign;
using namespace std::chrono_literals;
using pcsc::ServiceWatch;
using Wake = ServiceWatch::Wake;

namespace {

struct Directory {
    Directory() {
        char name[] = "/tmp/digisign-watch-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path = name;
    }
    ~Directory() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

void make_socket(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

constexpr auto patience = 10s; // a failure, not a wait
constexpr auto no_time = 0ms;

} // namespace

TEST_CASE("socket_made_after_arm__wakes") {
    const Directory directory;
    ServiceWatch watch(directory.path / "pcscd.comm");
    watch.arm();
    CHECK(watch.wait(no_time, {}) == Wake::Timeout);
    make_socket(directory.path / "pcscd.comm");
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
    CHECK(watch.wait(no_time, {}) == Wake::Timeout);
}

TEST_CASE("mode_of_the_socket_changed__wakes_since_only_then_pcscd_listens") {
    const Directory directory;
    make_socket(directory.path / "pcscd.comm");
    ServiceWatch watch(directory.path / "pcscd.comm");
    watch.arm();
    REQUIRE(::chmod((directory.path / "pcscd.comm").c_str(), 0666) == 0);
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
}

TEST_CASE("other_files__do_not_wake") {
    const Directory directory;
    ServiceWatch watch(directory.path / "pcscd.comm");
    watch.arm();
    std::ofstream(directory.path / "pcscd.pid") << 1;
    std::ofstream(directory.path / "pcscd.comm.lock") << 1;
    CHECK(watch.wait(20ms, {}) == Wake::Timeout);
}

TEST_CASE("directories_missing__the_next_one_made_wakes") {
    const Directory directory;
    const auto socket = directory.path / "a" / "b" / "pcscd.comm";
    ServiceWatch watch(socket);
    watch.arm();
    std::filesystem::create_directory(directory.path / "z");
    CHECK(watch.wait(20ms, {}) == Wake::Timeout);
    std::filesystem::create_directory(directory.path / "a");
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
    watch.arm();
    std::filesystem::create_directory(directory.path / "a" / "b");
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
    watch.arm();
    make_socket(socket);
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
}

TEST_CASE("directory_removed__wakes_so_that_its_parent_can_be_watched") {
    const Directory directory;
    std::filesystem::create_directory(directory.path / "pcscd");
    ServiceWatch watch(directory.path / "pcscd" / "pcscd.comm");
    watch.arm();
    std::filesystem::remove(directory.path / "pcscd");
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
    watch.arm();
    std::filesystem::create_directory(directory.path / "pcscd");
    CHECK(watch.wait(patience, {}) == Wake::SocketChanged);
}

TEST_CASE("interrupt__ends_the_wait_also_when_it_came_before") {
    const Directory directory;
    ServiceWatch watch(directory.path / "pcscd.comm");
    watch.arm();
    watch.interrupt();
    CHECK(watch.wait(patience, {}) == Wake::Interrupted);
    std::thread other([&] { watch.interrupt(); });
    CHECK(watch.wait(patience, {}) == Wake::Interrupted);
    other.join();
}

TEST_CASE("stop__ends_the_wait") {
    const Directory directory;
    ServiceWatch watch(directory.path / "pcscd.comm");
    watch.arm();
    std::stop_source stop;
    std::thread other([&] { stop.request_stop(); });
    CHECK(watch.wait(patience, stop.get_token()) == Wake::Interrupted);
    other.join();
    CHECK(watch.wait(patience, stop.get_token()) == Wake::Interrupted);
}

TEST_CASE("environment__names_the_socket_as_for_libpcsclite") {
    REQUIRE(::setenv("PCSCLITE_CSOCK_NAME", "/tmp/elsewhere/pcscd.comm", 1) == 0);
    CHECK(pcsc::service_socket_path() == "/tmp/elsewhere/pcscd.comm");
    REQUIRE(::unsetenv("PCSCLITE_CSOCK_NAME") == 0);
    CHECK(pcsc::service_socket_path() == "/run/pcscd/pcscd.comm");
}
