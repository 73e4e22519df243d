// SPDX-License-Identifier: LGPL-2.1-or-later
// Standard output and standard error: text from cards and files is made harmless, colours only where they are
// wanted.

#pragma once

#include <string>
#include <string_view>

namespace digisign::cli {

/// Text by a stranger, fit for a terminal: no control characters, so no escape sequences; no characters that
/// turn the direction of what follows; nothing that is not UTF-8.
std::string printable(std::string_view text);

enum class Color { Plain, Bold, Red, Yellow };

/// Colours are off with --no-color, NO_COLOR (https://no-color.org), TERM=dumb, and where standard output is
/// no terminal.
void set_colors(bool refused);
std::string colored(Color color, std::string_view text);

/// To standard output. Failures are kept until flush_output().
void print(std::string_view text);

/// Throws Error if anything printed did not arrive (DiskFull, OutputNotWritable).
void flush_output();

/// "digisignctl: message" on standard error; line breaks stay.
void print_error(std::string_view message);
/// A line after it that says what to do.
void print_error_detail(std::string_view message);

/// Writes all of it to a terminal or a pipe as it is; a reader who has gone needs it no longer.
void write_text(int fd, std::string_view text);

} // namespace digisign::cli
