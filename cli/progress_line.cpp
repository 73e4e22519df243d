// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/progress_line.hpp"

#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace digisign::cli {

namespace {

constexpr std::chrono::milliseconds first_shown_after{500};
constexpr std::chrono::milliseconds redrawn_after{125};

constexpr std::string_view spinner = "|/-\\";

} // namespace

ProgressLine::ProgressLine(client::PollLoop& loop, std::string activity)
    : loop_(loop),
      activity_(std::move(activity)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      next_(client::Clock::now() + first_shown_after) {
    loop_.add(*this);
}

ProgressLine::~ProgressLine() {
    loop_.remove(*this);
    erase();
}

void ProgressLine::update(const client::JobStatus& status) {
    status_ = status;
}

void ProgressLine::set_paused(bool paused) {
    paused_ = paused;
    if (paused)
        erase();
    else
        next_ = client::Clock::now() + first_shown_after;
}

client::Deadline ProgressLine::wake_up() const {
    return terminal_ && !paused_ ? next_ : client::no_deadline;
}

bool ProgressLine::dispatch(short /*revents*/) {
    if (client::Clock::now() >= wake_up()) {
        draw();
        next_ = client::Clock::now() + redrawn_after;
    }
    return false;
}

void ProgressLine::draw() {
    write_text(STDERR_FILENO, "\r" + progress_text(activity_, status_, turn_++) + "\x1B[K");
    drawn_ = true;
}

void ProgressLine::erase() {
    if (std::exchange(drawn_, false))
        write_text(STDERR_FILENO, "\r\x1B[K");
}

std::string progress_text(const std::string& activity, const client::JobStatus& status, std::size_t turn) {
    std::string text = activity + "…";
    if (status.queued)
        text += " (waiting for another program's turn with the card)";
    else if (status.waiting_for == client::JobWait::Card)
        text += " (waiting for the card)";
    else if (status.waiting_for == client::JobWait::PinPad)
        text += " (waiting for the PIN on the reader's keys)";
    if (status.progress >= 0)
        text += fmt::format(" {} %", static_cast<int>(std::min(status.progress, 1.0) * 100));
    else
        text += fmt::format(" {}", spinner[turn % spinner.size()]);
    return text;
}

} // namespace digisign::cli
