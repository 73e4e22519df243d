// SPDX-License-Identifier: LGPL-2.1-or-later
// The controlling terminal, with the echo off while a PIN is typed and put back on every way out.

#pragma once

#include "common/unique_fd.hpp"

#include <termios.h>

#include <optional>
#include <string_view>

namespace digisign::cli {

class Terminal {
public:
    /// Empty where the process has no terminal.
    static std::optional<Terminal> open();

    ~Terminal();
    Terminal(Terminal&&) noexcept = default;
    Terminal& operator=(Terminal&&) = delete;

    /// To be read without blocking: what poll(2) has announced is gone if Ctrl-C comes before it is read.
    int input() const { return input_.get(); }

    /// Both throw away what was typed before: it was not meant as an answer.
    void hide_input();    ///< character by character, nothing is shown
    void show_one_line(); ///< a line as usual
    void restore();       ///< as it was found

    void write(std::string_view text);

    /// Characters that the terminal's settings name, VERASE, VKILL and so on.
    unsigned char control_character(int index) const { return saved_.c_cc[index]; }

private:
    Terminal(UniqueFd input, UniqueFd output, const termios& settings)
        : input_(std::move(input)), output_(std::move(output)), saved_(settings) {}
    void apply(const termios& settings);

    UniqueFd input_;
    UniqueFd output_;
    termios saved_;
    bool changed_ = false;
};

} // namespace digisign::cli
