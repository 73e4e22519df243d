// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/log.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace digisign::log {

namespace {

std::atomic<Level> current_level{Level::Info};

bool stderr_is_the_journal() {
    static const bool journal = ::secure_getenv("JOURNAL_STREAM") != nullptr;
    return journal;
}

} // namespace

void set_level(Level level) { current_level = level; }

void set_level_from_environment() {
    const char* wanted = ::secure_getenv("DIGISIGN_LOG");
    if (wanted == nullptr)
        return;
    const std::string_view name = wanted;
    if (name == "debug")
        set_level(Level::Debug);
    else if (name == "info")
        set_level(Level::Info);
    else if (name == "notice")
        set_level(Level::Notice);
    else if (name == "warning")
        set_level(Level::Warning);
    else if (name == "error")
        set_level(Level::Error);
}

bool enabled(Level level) { return level <= current_level.load(); }

void write(Level level, std::string_view message) {
    if (!enabled(level))
        return;
    std::string line;
    line.reserve(message.size() + 4);
    if (stderr_is_the_journal()) {
        line += '<';
        line += static_cast<char>('0' + static_cast<int>(level));
        line += '>';
    }
    for (const char c : message)
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c; // one message, one line
    line += '\n';
    // One write() per line keeps lines of several threads whole; a log that cannot be written has no reader.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace digisign::log
