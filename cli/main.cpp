// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/signals.hpp"
#include "common/error.hpp"
#include "common/process.hpp"

#include <CLI/Error.hpp>

#include <exception>
#include <iostream>
#include <memory>

namespace {

using digisign::ErrorCode;
using digisign::ExitCode;
namespace cli = digisign::cli;

int usage_error(const CLI::App& parser, const CLI::ParseError& error) {
    const CLI::App* verb = &parser;
    std::string name = parser.get_name();
    while (!verb->get_subcommands().empty()) {
        verb = verb->get_subcommands().front();
        name += " " + verb->get_name();
    }
    cli::print_error(error.what());
    cli::print_error_detail("Try '" + name + " --help'.");
    return static_cast<int>(ExitCode::Usage);
}

int run(int argc, char** argv) {
    cli::CommandLine command_line;
    const std::unique_ptr<CLI::App> parser = cli::make_parser(command_line);
    try {
        parser->parse(argc, argv);
        cli::set_colors(command_line.no_color);
        command_line.action();
        cli::flush_output();
        return static_cast<int>(ExitCode::Success);
    } catch (const CLI::Success& help_or_version) {
        parser->exit(help_or_version, std::cout, std::cerr);
        std::cout.flush();
        cli::flush_output();
        return static_cast<int>(ExitCode::Success);
    } catch (const CLI::ParseError& error) {
        return usage_error(*parser, error);
    }
}

int report(const digisign::Error& error) {
    const digisign::ErrorInfo& info = digisign::error_info(error.code());
    cli::print_error(error.what());
    if (!info.hint.empty())
        cli::print_error_detail(info.hint);
    return static_cast<int>(info.exit_code);
}

} // namespace

int main(int argc, char** argv) {
    digisign::protect_process_memory();
    try {
        return run(argc, argv);
    } catch (const cli::Interrupted& interrupted) {
        cli::print_error("interrupted");
        cli::die_by(interrupted.signal());
    } catch (const digisign::Error& error) {
        return report(error);
    } catch (const std::exception& error) {
        return report({ErrorCode::Internal, error.what()});
    }
}
