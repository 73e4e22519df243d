// SPDX-License-Identifier: LGPL-2.1-or-later
// A file without a name that holds what a test puts into it.

#pragma once

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/unique_fd.hpp"

#include <sys/mman.h>

#include <string_view>

namespace digisign::test {

class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view content = {}) : fd_(::memfd_create("test", MFD_CLOEXEC)) {
        write_all(fd_.get(), as_bytes(content));
    }

    int fd() const { return fd_.get(); }

private:
    UniqueFd fd_;
};

} // namespace digisign::test
