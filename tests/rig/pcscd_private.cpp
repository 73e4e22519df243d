// SPDX-License-Identifier: LGPL-2.1-or-later
// Preloaded into the pcscd of a test, so that it neither touches nor needs the machine's /run/pcscd, and its
// virtual reader is reachable from this machine only.
//
// pcscd has its directory compiled in and stops where it cannot make it. Name spaces would hide it, but are
// not there for an ordinary user in a chroot; these few calls are all that pcscd makes with such a path.

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view compiled_in = "/run/pcscd";

/// The path below $DIGISIGN_PCSCD_DIR instead of /run/pcscd.
std::string private_path(const char* path) {
    const char* const directory = std::getenv("DIGISIGN_PCSCD_DIR");
    const std::string_view wanted(path);
    if (directory == nullptr || !wanted.starts_with(compiled_in))
        return path;
    return directory + std::string(wanted.substr(compiled_in.size()));
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

} // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED int mkdir(const char* path, mode_t mode) noexcept {
    return next<int (*)(const char*, mode_t)>("mkdir")(private_path(path).c_str(), mode);
}

EXPORTED int chmod(const char* path, mode_t mode) noexcept {
    return next<int (*)(const char*, mode_t)>("chmod")(private_path(path).c_str(), mode);
}

EXPORTED int stat(const char* path, struct stat* result) noexcept {
    return next<int (*)(const char*, struct stat*)>("stat")(private_path(path).c_str(), result);
}

EXPORTED int remove(const char* path) noexcept {
    return next<int (*)(const char*)>("remove")(private_path(path).c_str());
}

// pcscd calls one or the other, by the width of off_t it was built with; this file sees both under their own
// names.
EXPORTED int open(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return next<int (*)(const char*, int, ...)>("open")(private_path(path).c_str(), flags, mode);
}

EXPORTED int open64(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return next<int (*)(const char*, int, ...)>("open64")(private_path(path).c_str(), flags, mode);
}

EXPORTED int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
    const auto original = next<int (*)(int, const sockaddr*, socklen_t)>("bind");
    if (address->sa_family != AF_INET || length < sizeof(sockaddr_in))
        return original(fd, address, length);
    sockaddr_in loopback = *reinterpret_cast<const sockaddr_in*>(address);
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return original(fd, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback);
}
