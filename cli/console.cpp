// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/console.hpp"

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "common/utf8.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace digisign::cli {

namespace {

bool colors_on = false;
int output_error = 0; ///< errno of the first failure

/// A message may be followed by a list. Every line but the first is indented, so that a file name with a line
/// break in it cannot look like a message of ours.
std::string printable_lines(std::string_view text) {
    std::string result;
    for (;;) {
        const std::size_t end = text.find('\n');
        result += printable(text.substr(0, end));
        if (end == std::string_view::npos)
            return result;
        result += "\n  ";
        text.remove_prefix(end + 1);
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
}

} // namespace

std::string printable(std::string_view text) {
    return printable_utf8(as_bytes(text));
}

void set_colors(bool refused) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool unwanted = refused || (no_color != nullptr && no_color[0] != '\0') || term == nullptr ||
                          std::string_view(term) == "dumb";
    colors_on = !unwanted && ::isatty(STDOUT_FILENO) == 1;
}

std::string colored(Color color, std::string_view text) {
    const std::string plain(text);
    if (!colors_on)
        return plain;
    switch (color) {
    case Color::Plain:
        return plain;
    case Color::Bold:
        return "\x1B[1m" + plain + "\x1B[0m";
    case Color::Red:
        return "\x1B[1;31m" + plain + "\x1B[0m";
    case Color::Yellow:
        return "\x1B[33m" + plain + "\x1B[0m";
    }
    return plain;
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && output_error == 0)
        output_error = errno;
}

void flush_output() {
    if (std::fflush(stdout) != 0 && output_error == 0)
        output_error = errno;
    if (output_error == 0 && std::ferror(stdout) != 0)
        output_error = EIO; // written past print(), by the parser's help
    if (output_error == 0)
        return;
    const bool full = output_error == ENOSPC || output_error == EDQUOT;
    throw Error(full ? ErrorCode::DiskFull : ErrorCode::OutputNotWritable,
                "cannot write to standard output: " + std::generic_category().message(output_error));
}

void print_error(std::string_view message) {
    write_text(STDERR_FILENO, "digisignctl: " + printable_lines(message) + "\n");
}

void print_error_detail(std::string_view message) {
    write_text(STDERR_FILENO, printable_lines(message) + "\n");
}

void write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace digisign::cli
