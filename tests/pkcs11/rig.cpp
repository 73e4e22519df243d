// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pkcs11/rig.hpp"

#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <stdexcept>

namespace digisign::test {

void rig(const std::string& request) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const char* number = std::getenv("DIGISIGN_RIG_FD");
    if (number == nullptr)
        throw std::runtime_error("this program is run by in_rig.py");
    const int fd = std::atoi(number);
    const std::string line = request + "\n";
    if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("the rig does not listen");
    std::string answer;
    for (char octet = 0; octet != '\n'; answer += octet)
        if (::read(fd, &octet, 1) != 1)
            throw std::runtime_error("the rig has hung up");
    if (!answer.starts_with("ok"))
        throw std::runtime_error(request + ": " + answer);
}

} // namespace digisign::test
