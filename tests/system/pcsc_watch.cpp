// SPDX-License-Identifier: LGPL-2.1-or-later
// The reader service alone, on the real pcscd: says on stdout what it sees, one line each, and obeys lines on
// stdin.
//
//   status MILLISECONDS         asks for the first PIN's tries within that time;
//                               "status 5", "status error CardBusy …"
//   pad verify|change|unblock   has the first PIN typed on the reader, and changed or unblocked;
//                               "pad accepted", "pad wrong 4", "pad cancelled", "pad error NotSupported …"
//   retry                       ReaderPort::retry_access()
//   quit                        ends the service; "stopped" when its destructor has returned
//
// Arguments: how long an unused card stays connected, in milliseconds.

#include "daemon/bus/core_event_loop.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/core/names.hpp"
#include "daemon/pcsc/reader_service.hpp"
#include "daemon/pcsc/service_watch.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

using namespace digisign;

namespace {

void say(const std::string& line) {
    std::cout << line << std::endl;
}

class Speaker final : public core::ReaderEvents {
public:
    std::optional<core::CardSessionId> session; ///< last inserted
    std::uint8_t pin_reference = 0;             ///< its first PIN

    void on_pcsc_state(core::PcscState state, const std::string& message) override {
        say("pcsc " + std::string(name_of(state)) + (message.empty() ? "" : ": " + message));
    }
    void on_reader_added(const core::ReaderName& reader, core::PinPad pin_pad) override {
        say("added " + reader.value + (pin_pad.verify ? " verifies" : "") +
            (pin_pad.modify ? " modifies" : ""));
    }
    void on_reader_removed(const core::ReaderName& reader) override { say("lost " + reader.value); }
    void on_reader_state(const core::ReaderName& reader, core::ReaderState state,
                         const std::string& detail) override {
        say("state " + reader.value + " " + std::string(name_of(state)) +
            (detail.empty() ? "" : ": " + detail));
    }
    void on_card_inserted(const core::ReaderName& reader, core::CardSessionId new_session,
                          const card::CardDescription& description) override {
        session = new_session;
        pin_reference = description.pins.at(0).reference;
        say("inserted " + reader.value + " " + description.driver);
    }
    void on_pin_statuses(core::CardSessionId, const std::vector<card::PinStatus>& statuses,
                         card::ActivationState) override {
        say("pins " + std::to_string(statuses.size()));
    }
    void on_login_lost(core::CardSessionId) override { say("login lost"); }
    void on_card_removed(const core::ReaderName& reader, core::CardSessionId) override {
        say("removed " + reader.value);
    }
};

struct Watch {
    sdbus::EventLoop loop;
    bus::CoreEventLoop core_loop{loop};
    Speaker speaker;
    std::unique_ptr<pcsc::ReaderService> readers;

    void obey(const std::string& line) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        if (command == "status") {
            std::chrono::milliseconds::rep timeout = 0;
            words >> timeout;
            ask_status(std::chrono::milliseconds(timeout));
        } else if (command == "pad") {
            words >> command;
            ask_on_pin_pad(command);
        } else if (command == "retry") {
            readers->retry_access();
        } else if (command == "quit") {
            loop.quit();
        }
    }

    void ask_on_pin_pad(const std::string& what) {
        const auto session = speaker.session.value();
        const card::OnPinPad keys{std::chrono::seconds(45)};
        const std::chrono::seconds deadline(60);
        if (what == "verify") {
            readers->verify(session, {{speaker.pin_reference, keys}, {}}, deadline, say_outcome);
            return;
        }
        const auto proof =
            what == "change" ? core::SetPinRequest::Proof::OldPin : core::SetPinRequest::Proof::Puk;
        readers->set_pin(session, {proof, speaker.pin_reference, keys, {}}, deadline, say_outcome);
    }

    static void say_outcome(const core::PinResult& result) {
        constexpr const char* kinds[]{"accepted",  "wrong",     "blocked", "bad-length",
                                      "timed-out", "cancelled", "mismatch"};
        if (const auto* error = std::get_if<Error>(&result)) {
            say("pad error " + std::string(error_info(error->code()).name) + " " + error->what());
            return;
        }
        const auto& outcome = std::get<card::PinOutcome>(result);
        say(std::string("pad ") + kinds[static_cast<std::size_t>(outcome.kind)] +
            (outcome.tries_left ? " " + std::to_string(*outcome.tries_left) : ""));
    }

    void ask_status(std::chrono::milliseconds timeout) {
        readers->read_pin_status(
            speaker.session.value(), {speaker.pin_reference}, timeout, [](core::PinStatusResult result) {
                if (const auto* error = std::get_if<Error>(&result))
                    say("status error " + std::string(error_info(error->code()).name) + " " + error->what());
                else
                    say("status " + std::to_string(*std::get<0>(result).tries_left));
            });
    }
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 2)
        return 2;
    Watch watch;
    const auto cache = std::make_shared<card::PublicDataCache>("");
    pcsc::ReaderService::Settings settings;
    settings.worker.open_card = [cache](card::Transaction& transaction, ByteView atr) {
        return card::open_card(transaction, atr, *cache);
    };
    settings.worker.linger = std::chrono::milliseconds(std::atol(argv[1]));
    settings.service_socket = pcsc::service_socket_path();
    watch.readers = std::make_unique<pcsc::ReaderService>(watch.core_loop, watch.speaker, settings);

    std::thread input([&watch] {
        for (std::string line; std::getline(std::cin, line);)
            watch.loop.post([&watch, line] { watch.obey(line); });
        watch.loop.post([&watch] { watch.loop.quit(); });
    });
    watch.loop.run();
    watch.readers.reset();
    say("stopped");
    input.join(); // whoever said "quit" also closes stdin
    return 0;
}
