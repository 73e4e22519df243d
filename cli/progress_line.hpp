// SPDX-License-Identifier: LGPL-2.1-or-later
// One line on the terminal that shows that work goes on; erased when it is done.

#pragma once

#include "client/job.hpp"
#include "client/poll_loop.hpp"

#include <cstddef>
#include <string>

namespace digisign::cli {

/// Appears only if the work takes longer than a person notices, and only where standard error is a terminal.
class ProgressLine : private client::PollLoop::Source {
public:
    ProgressLine(client::PollLoop& loop, std::string activity);
    ~ProgressLine() override;
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void update(const client::JobStatus& status);

    /// While something else needs the terminal.
    void set_paused(bool paused);

private:
    int descriptor() const override { return -1; }
    short events() const override { return 0; }
    client::Deadline wake_up() const override;
    bool dispatch(short revents) override;

    void draw();
    void erase();

    client::PollLoop& loop_;
    std::string activity_;
    bool terminal_;
    bool paused_ = false;
    bool drawn_ = false;
    client::JobStatus status_;
    std::size_t turn_ = 0; ///< of the spinner
    client::Deadline next_;
};

/// "Signing… 45 %", "Signing… (waiting for the card) |"
std::string progress_text(const std::string& activity, const client::JobStatus& status, std::size_t turn);

} // namespace digisign::cli
