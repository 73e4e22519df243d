// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_warning.hpp"

#include "cli/console.hpp"

namespace digisign::cli {

void print_pin_warnings(const std::vector<client::PinWarning>& warnings) {
    for (const client::PinWarning warning : warnings) {
        switch (warning) {
        case client::PinWarning::Trivial:
            print_error("warning: the new PIN is easy to guess");
            break;
        case client::PinWarning::Same:
            print_error("warning: the new PIN is the same as the old one");
            break;
        }
    }
}

} // namespace digisign::cli
