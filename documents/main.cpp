// SPDX-License-Identifier: LGPL-2.1-or-later
// digisign-documents: signs documents with keys that stay in a card. Started by the session bus when it is
// wanted.

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/process.hpp"
#include "config.hpp"
#include "documents/service.hpp"
#include "sdbus/event_loop.hpp"

#include <getopt.h>
#include <systemd/sd-daemon.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

using namespace digisign;

namespace {

constexpr char usage[] =
    "Usage: digisign-documents [--idle-timeout=SECONDS] [--version] [--help]\n"
    "Signs documents for programs on the session bus, which starts it when it is wanted.\n";

std::optional<std::chrono::seconds> read_seconds(std::string_view text) {
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds == 0)
        return std::nullopt;
    return std::chrono::seconds(seconds);
}

void serve(std::chrono::seconds idle_timeout) {
    sdbus::EventLoop loop;
    documents::Service service(loop, idle_timeout);
    (void)::sd_notify(/* unset_environment= */ 0, "READY=1"); // without systemd there is nobody to tell
    loop.run();
}

} // namespace

int main(int argc, char** argv) {
    harden_service();
    limit_memory(512 * 1024 * 1024); // many times what the largest documents of real life need
    log::set_level_from_environment();

    std::optional<std::chrono::seconds> idle_timeout = std::chrono::minutes(3);
    constexpr option options[] = {{"idle-timeout", required_argument, nullptr, 'i'},
                                  {"version", no_argument, nullptr, 'v'},
                                  {"help", no_argument, nullptr, 'h'},
                                  {}};
    for (int choice = 0; (choice = ::getopt_long(argc, argv, "", options, nullptr)) != -1;) {
        if (choice == 'v')
            return std::puts("digisign-documents " DIGISIGN_VERSION) < 0;
        if (choice == 'h')
            return std::fputs(usage, stdout) < 0;
        idle_timeout = choice == 'i' ? read_seconds(optarg) : std::nullopt;
        if (!idle_timeout)
            break;
    }
    if (!idle_timeout || optind < argc) {
        (void)std::fputs(usage, stderr); // nothing to do about a closed stderr
        return static_cast<int>(ExitCode::Usage);
    }

    try {
        serve(*idle_timeout);
        return static_cast<int>(ExitCode::Success);
    } catch (const Error& error) {
        log::error(error.what());
        return static_cast<int>(error_info(error.code()).exit_code);
    } catch (const std::exception& error) {
        log::error(error.what());
        return static_cast<int>(ExitCode::Failure);
    }
}
