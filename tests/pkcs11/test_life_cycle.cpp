// SPDX-License-Identifier: LGPL-2.1-or-later
// How hosts load, initialize, fork and unload.

#include "tests/pkcs11/functions.hpp"
#include "tests/pkcs11/rig.hpp"

#include <dirent.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

using namespace digisign;
using namespace digisign::test;
using namespace std::chrono_literals;

namespace {

const Bytes digest(32, 0x5A);

CK_RV create_mutex(void** mutex) {
    *mutex = nullptr;
    return CKR_OK;
}
CK_RV use_mutex(void*) {
    return CKR_OK;
}

CK_C_INITIALIZE_ARGS with_mutexes(CK_FLAGS flags) {
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.CreateMutex = create_mutex;
    arguments.DestroyMutex = use_mutex;
    arguments.LockMutex = use_mutex;
    arguments.UnlockMutex = use_mutex;
    arguments.flags = flags;
    return arguments;
}

std::string initialize(const Library& library, CK_C_INITIALIZE_ARGS arguments) {
    const CK_RV result = library->C_Initialize(&arguments);
    if (result == CKR_OK)
        must(library->C_Finalize(nullptr), "C_Finalize");
    return text_of(result);
}

CK_RV sign_with(const Host& host, const Context& context) {
    Bytes signature;
    return host.sign(context.session, context.ec_private, digest, signature);
}

/// Runs `body` in a child process; what it returns is the exit status. Nothing of Catch2 may be used there.
template <class Body>
pid_t start_child(const Body& body) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    ::alarm(60); // rather than to hang
    int status = 99;
    try {
        status = body();
    } catch (const std::exception&) {
    }
    ::_exit(status);
}

int status_of(pid_t child) {
    int status = -1;
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/// What a program does after fork(2) that means to use the module itself. Returns the number of the step that
/// failed, or 0.
int use_in_child(const CK_FUNCTION_LIST_3_0& p11, bool sign) {
    CK_ULONG count = 0;
    if (p11.C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 1;
    CK_SESSION_INFO info{};
    if (p11.C_GetSessionInfo(1, &info) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 2;
    const Host host; // of the same library
    const std::vector<CK_SLOT_ID> slots = host.slots(/*with_token=*/true);
    if (slots.empty())
        return 3;
    const CK_SESSION_HANDLE session = host.open_session(host.slot());
    CK_SESSION_INFO state{};
    if (host->C_GetSessionInfo(session, &state) != CKR_OK || state.state != CKS_RW_PUBLIC_SESSION)
        return 4; // the parent's login is not its child's
    if (!sign)
        return 0;
    const Context context = make_context(host, host.slot());
    return sign_with(host, context) == CKR_OK ? 0 : 5;
}

std::size_t open_files() {
    std::size_t count = 0;
    DIR* directory = ::opendir("/proc/self/fd");
    while (::readdir(directory) != nullptr)
        ++count;
    ::closedir(directory);
    return count;
}

std::size_t threads() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Threads:"))
            return std::stoul(line.substr(8));
    return 0;
}

} // namespace

TEST_CASE("initialize__arguments__as_the_standard_says") {
    const Library library;
    CHECK(initialize(library, {}) == text_of(CKR_OK));
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    CHECK(initialize(library, arguments) == text_of(CKR_OK));
    arguments.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS;
    CHECK(initialize(library, arguments) == text_of(CKR_OK));
    CHECK(initialize(library, with_mutexes(CKF_OS_LOCKING_OK)) == text_of(CKR_OK));
    CHECK(initialize(library, with_mutexes(0)) == text_of(CKR_CANT_LOCK));
    arguments = with_mutexes(CKF_OS_LOCKING_OK);
    arguments.LockMutex = nullptr;
    CHECK(initialize(library, arguments) == text_of(CKR_ARGUMENTS_BAD));
    // NSS hands over a text there, which is none of the module's business.
    std::string parameters = "configdir=''";
    auto* parameter = reinterpret_cast<CK_CHAR*>(parameters.data());
    arguments = {};
    arguments.LibraryParameters = &parameter;
    CHECK(initialize(library, arguments) == text_of(CKR_OK));
}

TEST_CASE("initialize__twice__says_so_and_does_no_harm") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    const Library again; // a host may load the module by several ways
    CHECK(text_of(again->C_Initialize(nullptr)) == text_of(CKR_CRYPTOKI_ALREADY_INITIALIZED));
    CHECK(text_of(sign_with(host, context)) == text_of(CKR_OK));
    CHECK(text_of(host->C_Finalize(nullptr)) == text_of(CKR_OK));
    CHECK(text_of(host->C_Finalize(nullptr)) == text_of(CKR_CRYPTOKI_NOT_INITIALIZED));
}

TEST_CASE("initialize__does_nothing_but_that") {
    rig("reset");
    const std::size_t before = open_files();
    const Host host;
    CHECK(open_files() == before);
    CHECK_FALSE(host.slots(/*with_token=*/true).empty());
    CHECK(open_files() > before);
}

TEST_CASE("module__has_no_thread_of_its_own") {
    rig("reset");
    const std::size_t before = threads();
    const Host host;
    CHECK(text_of(sign_with(host, make_context(host, host.slot()))) == text_of(CKR_OK));
    CHECK(threads() == before);
}

TEST_CASE("finalize__wakes_who_waits_for_a_slot_event") {
    rig("reset");
    const bool with_daemon = GENERATE(true, false);
    if (!with_daemon)
        rig("kill_daemon");
    const Host host;
    auto waiting = std::async(std::launch::async, [&] {
        CK_SLOT_ID slot = 0;
        return host->C_WaitForSlotEvent(0, &slot, nullptr);
    });
    CHECK(waiting.wait_for(300ms) == std::future_status::timeout);
    CHECK(time_of([&] { CHECK(text_of(host->C_Finalize(nullptr)) == text_of(CKR_OK)); }) < 1s);
    REQUIRE(waiting.wait_for(1s) == std::future_status::ready);
    CHECK(text_of(waiting.get()) == text_of(CKR_CRYPTOKI_NOT_INITIALIZED));
}

TEST_CASE("finalize__another_thread_signs__it_is_cancelled") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    rig("latency 500000");
    rig("begin_count");
    auto signing = std::async(std::launch::async, [&] { return sign_with(host, context); });
    rig("wait_for_apdu");
    CHECK(time_of([&] { CHECK(text_of(host->C_Finalize(nullptr)) == text_of(CKR_OK)); }) < 1s);
    REQUIRE(signing.wait_for(1s) == std::future_status::ready);
    CHECK(text_of(signing.get()) == text_of(CKR_FUNCTION_CANCELED));
}

TEST_CASE("fork__child_initializes_for_itself_and_the_parent_goes_on") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    CHECK(text_of(sign_with(host, context)) == text_of(CKR_OK));
    CHECK(status_of(start_child([&] { return use_in_child(host.functions(), /*sign=*/true); })) == 0);
    CHECK(text_of(sign_with(host, context)) == text_of(CKR_OK)); // in the same session, logged in
}

TEST_CASE("fork__child_that_never_uses_the_module__leaves_the_parent_alone") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    CHECK(status_of(start_child([] { return 7; })) == 7);
    CHECK(text_of(sign_with(host, context)) == text_of(CKR_OK));
}

TEST_CASE("fork__child_lives_on__the_parents_login_ends_with_the_parent") {
    rig("reset");
    rig("begin_count");
    int pipe[2] = {-1, -1};
    REQUIRE(::pipe(pipe) == 0);
    // A process that logs in, has a child, and ends without a word while the child lives.
    const pid_t parent = start_child([&] {
        const Host host;
        const Context context = make_context(host, host.slot());
        if (sign_with(host, context) != CKR_OK)
            return 1;
        (void)start_child([&] {
            ::close(pipe[1]);
            char octet = 0;
            return static_cast<int>(::read(pipe[0], &octet, 1)); // until the test is over
        });
        ::_exit(0);
    });
    CHECK(status_of(parent) == 0);
    rig("wait_for_logout"); // a PIN that nobody has any more, the card is told to forget
    ::close(pipe[1]);
    ::close(pipe[0]);
}

TEST_CASE("fork__another_thread_is_in_a_call__child_and_thread_both_end_well") {
    rig("reset");
    const char* call = GENERATE("C_Sign", "C_Login");
    const Host host;
    Context context = make_context(host, host.slot());
    if (std::string(call) == "C_Login")
        must(host->C_Logout(context.session), "C_Logout");
    rig("latency 300000");
    rig("begin_count");
    auto calling = std::async(std::launch::async, [&] {
        return std::string(call) == "C_Sign" ? sign_with(host, context) : host.log_in(context.session);
    });
    rig("wait_for_apdu");
    for (int i = 0; i < 5; ++i)
        CHECK(status_of(start_child([&] { return use_in_child(host.functions(), /*sign=*/false); })) == 0);
    CHECK(text_of(calling.get()) == text_of(CKR_OK));
}

TEST_CASE("fork__again_and_again_while_threads_call__no_child_hangs") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            while (!over) {
                const CK_SESSION_HANDLE session = host.open_session(slot);
                Bytes random(16);
                must(host->C_GenerateRandom(session, random.data(), random.size()), "C_GenerateRandom");
                must(host->C_CloseSession(session), "C_CloseSession");
            }
        });
    int failed = 0;
    for (int i = 0; i < 100; ++i)
        failed += status_of(start_child([&] { return use_in_child(host.functions(), /*sign=*/false); })) != 0;
    over = true;
    for (std::thread& thread : threads)
        thread.join();
    CHECK(failed == 0);
}

TEST_CASE("unload__module_is_gone_and_the_process_can_fork") {
    rig("reset");
    {
        const Host host;
        CHECK_FALSE(host.slots(/*with_token=*/true).empty());
    }
    CHECK_FALSE(Library::is_loaded());
    CHECK(status_of(start_child([] { return 3; })) == 3); // nothing of it is left in pthread_atfork(3)
}

TEST_CASE("unload__without_finalize__does_no_harm") {
    rig("reset");
    const pid_t child = start_child([] {
        {
            const Library library;
            must(library->C_Initialize(nullptr), "C_Initialize");
            CK_ULONG count = 0;
            must(library->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
        }
        return status_of(start_child([] { return 4; }));
    });
    CHECK(status_of(child) == 4);
}

TEST_CASE("load_and_unload__a_thousand_times__leaks_nothing") {
    rig("reset");
    const auto use = [] {
        const Host host;
        const CK_SESSION_HANDLE session = host.open_session(host.slot());
        must(host.find(session, CKO_CERTIFICATE) != 0 ? CKR_OK : CKR_GENERAL_ERROR, "C_FindObjects");
    };
    for (int i = 0; i < 50; ++i)
        use(); // what libraries keep for good they have by now
    const std::size_t files = open_files();
    const std::size_t allocated = ::mallinfo2().uordblks;
    constexpr std::size_t times = 1000;
    for (std::size_t i = 0; i < times; ++i)
        use();
    CHECK(open_files() == files);
    const std::size_t now = ::mallinfo2().uordblks;
    INFO(allocated << " bytes allocated before, " << now << " after");
    // The allocator's own caches fill up; a module or a connection left behind has thousands of bytes.
    CHECK(now < allocated + times * 256);
    CHECK_FALSE(Library::is_loaded());
}
