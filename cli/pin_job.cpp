// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_job.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace digisign::cli {

PinJob::PinJob(const std::string& activity, const PinDescriptors& descriptors)
    : signals_(loop_),
      progress_(loop_, activity),
      session_(loop_),
      entry_(loop_, signals_, descriptors, [this](bool open) { progress_.set_paused(open); }) {}

client::DaemonState PinJob::load_state() {
    return client::load_settled_state(session_, client::Clock::now() + client::settle_timeout);
}

std::function<void(const client::JobStatus&)> PinJob::on_status() {
    return [this](const client::JobStatus& status) { progress_.update(status); };
}

CLI::Option* add_pin_fd(CLI::App& verb, PinDescriptors& descriptors, const char* what) {
    return verb
        .add_option("--pin-fd", descriptors.pin,
                    std::string("Read ") + what + " from this file descriptor, up to the end of the line")
        ->check(CLI::NonNegativeNumber);
}

void add_pin_and_new_pin_fd(CLI::App& verb, PinDescriptors& descriptors, const char* what,
                            const char* new_values) {
    CLI::Option* pin = add_pin_fd(verb, descriptors, what);
    CLI::Option* new_pin = verb.add_option("--new-pin-fd", descriptors.new_pin,
                                           std::string("Read ") + new_values +
                                               " from this file descriptor; it may be the same one")
                               ->check(CLI::NonNegativeNumber);
    pin->needs(new_pin);
    new_pin->needs(pin);
}

} // namespace digisign::cli
