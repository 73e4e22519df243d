// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/describe_process.hpp"

#include "common/error.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

using namespace digisign;
using namespace digisign::bus;

namespace {

/// A process that does `work`, says whether it went well, and waits to be killed.
class Child {
public:
    explicit Child(const std::function<bool()>& work = [] { return true; }) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0)
            throw error_from_errno(errno, "pipe2");
        pid_ = ::fork();
        if (pid_ == 0) {
            (void)::prctl(PR_SET_PDEATHSIG, SIGKILL); // else it outlives a test that crashes
            const char verdict = work() ? 'y' : 'n';
            (void)!::write(pipe[1], &verdict, 1);
            while (true)
                ::pause();
        }
        char verdict = 'n';
        ::close(pipe[1]);
        (void)!::read(pipe[0], &verdict, 1);
        ::close(pipe[0]);
        succeeded_ = verdict == 'y';
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
    bool succeeded() const { return succeeded_; }

    /// It is a zombie afterwards, so that its number is not given away.
    void kill() const {
        ::kill(pid_, SIGKILL);
        siginfo_t information{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOWAIT);
    }
    void end() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }

private:
    pid_t pid_ = 0;
    bool succeeded_ = false;
};

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        char name[] = "/tmp/digisign-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string path;
};

core::Requester describe(const Child& child) {
    return describe_process(peer_by_number(child.pid(), boot_time()));
}

/// Becomes the root directory of this process, as an ordinary user by a user name space.
bool change_root(const std::string& path) {
    if (::geteuid() != 0 && ::unshare(CLONE_NEWUSER) != 0)
        return false;
    return ::chroot(path.c_str()) == 0;
}

} // namespace

TEST_CASE("describe__living_child__is_verified_and_runs_this_program") {
    const Child child;
    const core::Requester requester = describe(child);
    CHECK(requester.pid == child.pid());
    CHECK(requester.executable == std::filesystem::read_symlink("/proc/self/exe"));
    CHECK(requester.sandbox.empty());
    CHECK(requester.claims.empty());
    CHECK(requester.verified);
}

TEST_CASE("describe__nobody__is_empty") {
    const core::Requester requester = describe_process({});
    CHECK(requester.pid == 0);
    CHECK(requester.executable.empty());
    CHECK_FALSE(requester.verified);
}

TEST_CASE("describe__process_that_has_ended__is_not_verified") {
    const Child child;
    const Peer peer = peer_by_number(child.pid(), boot_time());
    REQUIRE(peer.pidfd);
    child.kill();
    CHECK_FALSE(describe_process(peer).verified);
}

TEST_CASE("describe__process_without_pidfd__is_described_but_not_verified") {
    const Child child;
    const core::Requester requester = describe_process({child.pid(), {}});
    CHECK_FALSE(requester.executable.empty());
    CHECK_FALSE(requester.verified);
}

TEST_CASE("peer_by_number__started_after_the_number_was_known__is_another_process") {
    const BootTime before = boot_time() - std::chrono::seconds(1); // far more than a clock tick
    const Child child;
    CHECK_FALSE(peer_by_number(child.pid(), before).pidfd);
    CHECK(peer_by_number(child.pid(), boot_time()).pidfd);
}

TEST_CASE("peer_by_number__nobody_has_it__is_nobody") {
    Child child;
    const std::uint32_t pid = child.pid();
    child.end();
    CHECK_FALSE(peer_by_number(pid, boot_time()).pidfd);
}

TEST_CASE("describe__process_that_protects_its_memory__is_known_by_its_short_name") {
    if (::geteuid() == 0) {
        WARN("SKIP: root sees the path of every process");
        return;
    }
    const Child child([] { return ::prctl(PR_SET_DUMPABLE, 0) == 0; });
    const core::Requester requester = describe(child);
    CHECK(requester.executable == "test-bus");
    CHECK(requester.verified);
}

TEST_CASE("describe__process_on_a_terminal__names_it") {
    const UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!master || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) {
        WARN("SKIP: there are no pseudo-terminals");
        return;
    }
    const std::string name = ::ptsname(master.get());
    const Child child([&] {
        ::setsid();
        const int terminal = ::open(name.c_str(), O_RDWR);
        return ::ioctl(terminal, TIOCSCTTY, 0) == 0;
    });
    REQUIRE(child.succeeded());
    CHECK("/dev/" + describe(child).terminal == name);

    const Child without([] { return ::setsid() > 0; });
    CHECK(describe(without).terminal.empty());
}

TEST_CASE("describe__process_in_a_flatpak__names_the_application") {
    const TemporaryDirectory root;
    std::ofstream(root.path + "/.flatpak-info") << "[Application]\nname=org.example.Browser\n";
    const Child child([&] { return change_root(root.path); });
    if (!child.succeeded()) {
        WARN("SKIP: this user may not change its root directory");
        return;
    }
    const core::Requester requester = describe(child);
    CHECK(requester.sandbox == "flatpak:org.example.Browser");
    CHECK(requester.verified);
}

TEST_CASE("describe__root_directory_with_a_trap__does_not_wait") {
    const TemporaryDirectory root;
    const std::string trap = root.path + "/.flatpak-info";
    REQUIRE(::mkfifo(trap.c_str(), 0600) == 0); // opening it to read would wait for a writer
    const Child child([&] { return change_root(root.path); });
    if (!child.succeeded()) {
        WARN("SKIP: this user may not change its root directory");
        return;
    }
    CHECK(describe(child).sandbox.empty());
    REQUIRE(::unlink(trap.c_str()) == 0);
    REQUIRE(::symlink("/etc/passwd", trap.c_str()) == 0);
    CHECK(describe(child).sandbox.empty());
    REQUIRE(::unlink(trap.c_str()) == 0);
    std::ofstream(trap) << "nothing that flatpak writes";
    CHECK(describe(child).sandbox == "flatpak:unknown");
}

TEST_CASE("describe__process_in_a_scope__names_the_unit") {
    if (::geteuid() != 0 || std::filesystem::exists("/run/systemd/system")) {
        WARN("SKIP: the control groups here are not ours to change");
        return;
    }
    // Where systemd puts the applications of a session.
    const std::string top = "/sys/fs/cgroup/unified/user.slice";
    const std::string app = top + "/user-4711.slice/user@4711.service/app.slice/app-browser-1.scope";
    std::error_code refused;
    std::filesystem::create_directories(app, refused);
    if (refused || !std::filesystem::exists(app + "/cgroup.procs")) {
        WARN("SKIP: there is no unified hierarchy of control groups");
        return;
    }
    {
        Child child(
            [&] { return static_cast<bool>(std::ofstream(app + "/cgroup.procs") << 0 << std::flush); });
        REQUIRE(child.succeeded());
        CHECK(describe(child).unit == "app-browser-1.scope");
    }
    for (std::filesystem::path group = app; group != std::filesystem::path(top).parent_path();
         group = group.parent_path())
        std::filesystem::remove(group); // an empty group can be removed as a directory
}

TEST_CASE("peer_of_socket__connected_child__is_that_child_until_it_ends") {
    const TemporaryDirectory directory;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory.path + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    const auto connect = [&] {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    };
    {
        const Child child(connect);
        REQUIRE(child.succeeded());
        const UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const Peer peer = peer_of_socket(connection.get());
        CHECK(peer.pid == child.pid());
        CHECK(describe_process(peer).verified);
        child.kill();
        CHECK_FALSE(describe_process(peer).verified);
    }
    {
        Child child(connect);
        REQUIRE(child.succeeded());
        const UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        child.end(); // nobody has its number any more
        CHECK_FALSE(describe_process(peer_of_socket(connection.get())).verified);
    }
}
