// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace digisign {

void protect_process_memory() {
    const rlimit no_core{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &no_core);   // lowering a limit is always allowed
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // cannot fail for 0
}

void harden_service() {
    for (int fd = 0; fd <= 2; ++fd)
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", O_RDWR); // takes the lowest free number, which is `fd`
    protect_process_memory();
    (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // cannot fail for 1
    (void)::umask(077);
    (void)std::signal(SIGPIPE, SIG_IGN);
}

void limit_memory(std::size_t bytes) {
    // Not RLIMIT_AS: threads and libraries reserve far more addresses than they use.
    const rlimit limit{bytes, bytes};
    (void)::setrlimit(RLIMIT_DATA, &limit); // lowering a limit is always allowed; a lower one stays
}

} // namespace digisign
