// SPDX-License-Identifier: LGPL-2.1-or-later
// A line per APDU, without the values of PINs, and counts per command.

#pragma once

#include "common/bytes.hpp"

#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace digisign::virtual_card {

class ApduLog {
public:
    /// An empty path counts only. Throws Error where the file cannot be written.
    explicit ApduLog(const std::string& path);

    /// `outcome` is the answer in hexadecimal, or a word for what came instead of one.
    void record(ByteView command, std::string_view outcome);

    /// Starts the file and the counts anew.
    void clear();

    unsigned count() const { return count_; }
    /// By name of the command; VERIFY without data is "VERIFY (status)".
    const std::map<std::string, unsigned>& counts() const { return counts_; }

private:
    void open();

    std::string path_;
    std::ofstream file_;
    unsigned count_ = 0;
    std::map<std::string, unsigned> counts_;
};

} // namespace digisign::virtual_card
