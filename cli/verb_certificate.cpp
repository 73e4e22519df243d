// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl certificate show, certificate save

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/listing.hpp"
#include "cli/pem.hpp"
#include "client/certificate_choice.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"
#include "common/error.hpp"
#include "common/file.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

namespace digisign::cli {

namespace {

constexpr char selector_help[] =
    "Id, start of the fingerprint (6 digits or more), label or name of the holder";

struct SaveArguments {
    std::string certificate;
    std::string file;
    std::string format = "pem";
    bool overwrite = false;
};

client::DaemonState load() {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    return client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
}

void show(const std::string& selector) {
    const client::DaemonState state = load();
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (!selector.empty()) {
        print(certificate_text(state, client::select_certificate(state, selector), now));
        return;
    }
    if (state.tokens.empty())
        client::require_ready_token(state);
    for (const client::Certificate& certificate : state.certificates)
        print((&certificate == &state.certificates.front() ? "" : "\n") +
              certificate_text(state, certificate, now));
}

void save(const SaveArguments& arguments) {
    const client::DaemonState state = load();
    const client::Certificate& certificate = client::select_certificate(state, arguments.certificate);
    const Bytes content = arguments.format == "der" ? certificate.der : to_bytes(to_pem(certificate.der));
    if (arguments.file == "-") {
        print(to_string(content));
        return;
    }
    OutputFile output(arguments.file,
                      arguments.overwrite ? OutputFile::IfExists::Replace : OutputFile::IfExists::Refuse);
    write_all(output.fd(), content);
    output.commit();
}

} // namespace

void add_certificate(CLI::App& parser, CommandLine& command_line) {
    CLI::App& group = add_verb(parser, "certificate", "Show or save the certificates on a card");
    group.require_subcommand(1);

    CLI::App& show_verb = add_verb(group, "show", "Show one certificate, or all of them");
    const auto selector = std::make_shared<std::string>();
    show_verb.add_option("CERTIFICATE", *selector, selector_help);
    show_verb.callback([&command_line, selector] { command_line.action = [selector] { show(*selector); }; });

    CLI::App& save_verb = add_verb(group, "save", "Save a certificate to a file");
    const auto arguments = std::make_shared<SaveArguments>();
    save_verb.add_option("CERTIFICATE", arguments->certificate, selector_help)->required();
    save_verb.add_option("FILE", arguments->file, "Where it goes; - is standard output")->required();
    save_verb.add_option("--format", arguments->format, "pem (default) or der")
        ->check(CLI::IsMember({"pem", "der"}));
    save_verb.add_flag("--overwrite", arguments->overwrite, "Replace the file if it exists");
    save_verb.callback(
        [&command_line, arguments] { command_line.action = [arguments] { save(*arguments); }; });
}

} // namespace digisign::cli
