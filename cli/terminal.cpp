// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/terminal.hpp"

#include "cli/console.hpp"

#include <fcntl.h>

#include <cerrno>

namespace digisign::cli {

std::optional<Terminal> Terminal::open() {
    constexpr char name[] = "/dev/tty";
    // One for each direction, since only reading must not block.
    UniqueFd input(::open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    UniqueFd output(::open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (!input || !output || ::tcgetattr(input.get(), &settings) != 0)
        return std::nullopt;
    return Terminal(std::move(input), std::move(output), settings);
}

Terminal::~Terminal() {
    if (input_)
        restore();
}

void Terminal::hide_input() {
    termios settings = saved_;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL | ICANON);
    settings.c_lflag |= ISIG; // Ctrl-C and Ctrl-Z stay signals
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    apply(settings);
}

void Terminal::show_one_line() {
    termios settings = saved_;
    settings.c_lflag |= ECHO | ICANON | ISIG;
    apply(settings);
}

void Terminal::restore() {
    if (changed_)
        apply(saved_);
    changed_ = false;
}

void Terminal::apply(const termios& settings) {
    changed_ = true;
    // Interrupted when the program is stopped in the background and goes on later. A terminal that is gone
    // needs no settings; reading from it will tell.
    while (::tcsetattr(input_.get(), TCSAFLUSH, &settings) != 0 && errno == EINTR)
        ;
}

void Terminal::write(std::string_view text) {
    write_text(output_.get(), text);
}

} // namespace digisign::cli
