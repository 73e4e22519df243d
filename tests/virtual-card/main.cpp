// SPDX-License-Identifier: LGPL-2.1-or-later
// digisign-virtual-card: a smart card for the virtual reader of the vsmartcard project.

#include "common/error.hpp"
#include "common/file.hpp"
#include "config.hpp"
#include "tests/virtual-card/apdu_log.hpp"
#include "tests/virtual-card/card_session.hpp"
#include "tests/virtual-card/control.hpp"
#include "tests/virtual-card/event_loop.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/profiles.hpp"
#include "tests/virtual-card/revocation_list.hpp"
#include "tests/virtual-card/state.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace {

using namespace digisign;
using namespace digisign::virtual_card;

struct Options {
    std::string profile;
    std::string state_path;
    std::string pins_path;
    std::string activation = "active";
    std::string validity = "valid";
    std::string export_directory;
    std::string control_path;
    std::string log_path;
    VpcdConnection::Address reader{"127.0.0.1", 35963, std::chrono::seconds(30)};
    bool no_card = false;
};

void add_options(CLI::App& app, Options& options, unsigned& retry_seconds) {
    app.add_option("--profile", options.profile,
                   "kind of card; default fineid-v4, or what the state file holds")
        ->check(CLI::IsMember(profile_names()));
    app.add_option("--state", options.state_path,
                   "file that keeps keys, PINs and counters; without it: memory only");
    app.add_option("--pins-file", options.pins_path,
                   "initial PINs: lines `pin1|pin2|puk|activation-code DIGITS`; /dev/fd/N for a descriptor");
    app.add_option("--activation", options.activation, "how a new card comes from the issuer")
        ->check(CLI::IsMember({"active", "blocked-pins", "factory-pins"}));
    app.add_option("--validity", options.validity, "of the holder's certificates")
        ->check(CLI::IsMember({"valid", "expired", "not-yet"}));
    app.add_option("--export-certificates", options.export_directory,
                   "write root.pem, issuing.pem, auth.pem … there, and root.crl, issuing.crl");
    app.add_option("--host", options.reader.host, "where vpcd listens")->capture_default_str();
    app.add_option("--port", options.reader.port, "its port; the second slot has the next one")
        ->capture_default_str();
    app.add_option("--retry-for", retry_seconds, "seconds to look for a reader that is not there")
        ->capture_default_str();
    app.add_option("--control", options.control_path, "unix socket for commands");
    app.add_option("--apdu-log", options.log_path, "write a line per APDU there, without PINs");
    app.add_flag("--no-card", options.no_card, "start removed; `insert` comes by the control socket");
}

std::map<std::string, std::string> read_pins(const std::string& path) {
    if (path.empty())
        return {};
    const std::optional<Bytes> text = read_small_file(path, 4096);
    if (!text)
        throw Error(ErrorCode::InputUnreadable, "cannot read PINs from " + path);
    return parse_pin_values(to_string(*text));
}

/// Makes the card where the state file is new, and else looks that it is the card that was asked for.
void prepare_state(StateStore& store, const Options& options) {
    const Validity validity = *validity_from_name(options.validity);
    if (!store.exists()) {
        const CardPlan plan = card_plan(options.profile.empty() ? "fineid-v4" : options.profile);
        store.create(personalize(
            plan, {read_pins(options.pins_path), *activation_from_name(options.activation), validity}));
        return;
    }
    const std::string& profile = store.state().profile;
    if (!options.profile.empty() && options.profile != profile)
        throw Error(ErrorCode::InvalidArgument, options.state_path + " is the state of a card " + profile);
    if (store.state().validity != options.validity && !store.state().certificates.empty())
        store.update([&](CardState& state) { renew_certificates(state, card_plan(profile), validity); });
}

void write_file(const std::string& path, ByteView content) {
    OutputFile file(path, OutputFile::IfExists::Replace);
    write_all(file.fd(), content);
    file.commit();
}

void export_certificates(const CardState& state, const std::string& directory) {
    std::filesystem::create_directories(directory);
    for (const auto& [name, pem] : state.certificates)
        write_file(directory + '/' + name + ".pem", as_bytes(pem));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const char* name : {"root", "issuing"}) {
        if (!state.certificates.contains(name))
            continue; // a card without certificates
        const Authority authority{CardKey::from_pem(state.keys.at(name)), state.certificates.at(name)};
        write_file(directory + '/' + name + ".crl", issue_revocation_list(authority, now));
    }
}

void serve(const Options& options) {
    StateStore store(options.state_path);
    prepare_state(store, options);
    if (!options.export_directory.empty())
        export_certificates(store.state(), options.export_directory);
    const std::unique_ptr<Card> card = make_card(store.state().profile, store);

    EventLoop loop;
    ApduLog log(options.log_path);
    CardSession session(loop, options.reader, *card, store, log);
    std::optional<ControlServer> control;
    if (!options.control_path.empty())
        control.emplace(loop, options.control_path,
                        [&](std::string_view line) { return run_command(line, session, loop); });
    if (!options.no_card)
        session.insert();
    std::puts("ready");
    (void)std::fflush(stdout); // whoever waits for the line has gone if this fails
    loop.run();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("A smart card without hardware, for tests and for trying things out",
                 "digisign-virtual-card");
    app.set_version_flag("--version", DIGISIGN_VERSION);
    Options options;
    unsigned retry_seconds = static_cast<unsigned>(options.reader.retry_for.count());
    add_options(app, options, retry_seconds);
    std::string control_path;
    std::vector<std::string> control_words;
    CLI::App* const control = app.add_subcommand("control", "send a command to a running card");
    control->add_option("path", control_path, "its control socket")->required();
    control->add_option("command", control_words, "insert, remove, fault, latency, status, log clear, quit")
        ->required();
    CLI11_PARSE(app, argc, argv);
    options.reader.retry_for = std::chrono::seconds(retry_seconds);

    // sd-event takes the signals from a descriptor, so they must not interrupt anything else.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);

    try {
        if (control->parsed()) {
            const std::string answer = send_command(control_path, CLI::detail::join(control_words, " "));
            std::puts(answer.c_str());
            return answer.starts_with("ok") ? 0 : 1;
        }
        serve(options);
        return 0;
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "digisign-virtual-card: %s\n", error.what()); // nowhere else to say it
        return 1;
    }
}
