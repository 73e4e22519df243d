// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/library.hpp"

#include "common/runtime_dir.hpp"
#include "pkcs11/fault.hpp"
#include "pkcs11/module.hpp"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <new>
#include <utility>

namespace digisign::pkcs11::library {

namespace {

struct State {
    std::mutex mutex;
    std::condition_variable gone;
    std::shared_ptr<Module> module;
    int modules = 0;   ///< with those that calls are still in
    pid_t process = 0; ///< that has initialized
};

/// Never destroyed: at the end of a process, other threads may be in a call.
State& state() {
    alignas(State) static std::byte memory[sizeof(State)];
    static State* const state = new (memory) State;
    return *state;
}

void destroy(Module* module) {
    delete module;
    State& now = state();
    const std::lock_guard lock(now.mutex);
    --now.modules;
    now.gone.notify_all();
}

/// Takes over what the parent has had, without touching what its other threads may have been changing.
void drop_parents_module() {
    State& now = state();
    if (!now.module)
        return;
    now.module->abandon();
    // Never freed: locks in it may be held by threads that this process does not have.
    (void)new std::shared_ptr<Module>(std::move(now.module));
    now.modules = 0;
}

void before_fork() {
    state().mutex.lock();
}

void after_fork_in_parent() {
    state().mutex.unlock();
}

void after_fork_in_child() {
    drop_parents_module();
    state().mutex.unlock();
}

/// Once for as long as the module is loaded; the C library forgets the handlers with it.
void watch_forks() {
    static const int result = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    if (result != 0)
        throw Fault{CKR_HOST_MEMORY};
}

/// Up to the flags. What follows is reserved in the standard, and a parameter in NSS's structure (our header's),
/// which is longer by that; other hosts put such things there as well, and none of them is meant for us.
void check(const CK_C_INITIALIZE_ARGS& arguments) {
    const bool all = arguments.CreateMutex != nullptr && arguments.DestroyMutex != nullptr &&
                     arguments.LockMutex != nullptr && arguments.UnlockMutex != nullptr;
    const bool none = arguments.CreateMutex == nullptr && arguments.DestroyMutex == nullptr &&
                      arguments.LockMutex == nullptr && arguments.UnlockMutex == nullptr;
    if (!all && !none)
        throw Fault{CKR_ARGUMENTS_BAD};
    // Threads that wait for one another need condition variables, which these mutexes cannot be used with.
    if (all && (arguments.flags & CKF_OS_LOCKING_OK) == 0)
        throw Fault{CKR_CANT_LOCK};
}

} // namespace

void initialize(const CK_C_INITIALIZE_ARGS* arguments) {
    if (arguments != nullptr)
        check(*arguments);
    watch_forks();
    State& now = state();
    const std::lock_guard lock(now.mutex);
    if (now.process != ::getpid())
        drop_parents_module(); // of a child made by clone(2) or vfork(2), which run no handlers
    if (now.module)
        throw Fault{CKR_CRYPTOKI_ALREADY_INITIALIZED};
    now.module = std::shared_ptr<Module>(new Module(private_socket_path()), destroy);
    ++now.modules;
    now.process = ::getpid();
}

void finalize() {
    State& now = state();
    std::unique_lock lock(now.mutex);
    if (!now.module || now.process != ::getpid())
        throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
    std::shared_ptr<Module> module = std::exchange(now.module, nullptr);
    lock.unlock();
    module->shut_down();
    module.reset();
    lock.lock();
    now.gone.wait_for(lock, std::chrono::seconds(2), [&now] { return now.modules == 0; });
}

std::shared_ptr<Module> running() {
    State& now = state();
    const std::lock_guard lock(now.mutex);
    if (!now.module || now.process != ::getpid())
        throw Fault{CKR_CRYPTOKI_NOT_INITIALIZED};
    return now.module;
}

} // namespace digisign::pkcs11::library
