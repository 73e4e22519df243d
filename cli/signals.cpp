// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/signals.hpp"

#include "common/error.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace digisign::cli {

namespace {

sigset_t only(std::initializer_list<int> signals) {
    sigset_t set;
    (void)::sigemptyset(&set); // neither call fails for valid signal numbers
    for (const int signal : signals)
        (void)::sigaddset(&set, signal);
    return set;
}

/// Those that whoever started us has not chosen to ignore, as nohup(1) does: a blocked signal would come
/// anyway.
sigset_t watched_signals() {
    sigset_t set = only({});
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            (void)::sigaddset(&set, signal);
    }
    return set;
}

} // namespace

void die_by(int signal) {
    (void)std::signal(signal, SIG_DFL);
    const sigset_t set = only({signal});
    (void)::raise(signal); // pending at most; delivered by the next line
    (void)::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    std::_Exit(128 + signal); // reached only if the parent made us ignore it, which SIG_DFL has undone
}

SignalWatch::SignalWatch(client::PollLoop& loop) : loop_(loop) {
    const sigset_t set = watched_signals();
    (void)::pthread_sigmask(SIG_BLOCK, &set, &previous_mask_); // cannot fail for a valid set
    fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_)
        throw error_from_errno(errno, "cannot watch for signals");
    watch_.emplace(loop_, fd_.get(), [this] { on_signal(); });
}

SignalWatch::~SignalWatch() {
    (void)::pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
} // as above

void SignalWatch::set_suspend_handlers(std::function<void()> before, std::function<void()> after) {
    before_suspend_ = std::move(before);
    after_suspend_ = std::move(after);
}

void SignalWatch::on_signal() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info)
        return;
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGTSTP)
        suspend();
    else
        loop_.fail(std::make_exception_ptr(Interrupted(signal)));
}

void SignalWatch::suspend() {
    if (before_suspend_)
        before_suspend_();
    // The default action itself, since the kernel knows when it must not be taken (an orphaned process
    // group).
    const sigset_t set = only({SIGTSTP});
    (void)::raise(SIGTSTP);
    (void)::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    (void)::pthread_sigmask(SIG_BLOCK, &set, nullptr); // SIGCONT was here
    if (after_suspend_)
        after_suspend_();
}

} // namespace digisign::cli
