// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/document_password.hpp"

#include "common/error.hpp"

#include <unistd.h>

#include <cerrno>

namespace digisign::cli {

namespace {

constexpr std::size_t max_password = 127;

Error bad_password(const std::string& why) {
    return {ErrorCode::InvalidArgument, "--document-password-fd: " + why};
}

} // namespace

std::string read_document_password(int fd) {
    std::string password;
    while (true) {
        // Octet by octet, so that what follows the line stays for whoever reads the descriptor next.
        char character = '\0';
        const ssize_t got = ::read(fd, &character, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw bad_password("descriptor " + std::to_string(fd) + " cannot be read");
        if (got == 0 || character == '\n')
            break;
        password += character;
        if (password.size() > max_password + 1) // one for a CR
            throw bad_password("the line is too long for the password of a PDF");
    }
    if (!password.empty() && password.back() == '\r')
        password.pop_back();
    if (password.empty())
        throw bad_password("the line is empty");
    return password;
}

} // namespace digisign::cli
