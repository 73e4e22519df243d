// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignd: puts the parts together, in the order that systemd and the bus need, and runs the loop.

#include "common/log.hpp"
#include "common/process.hpp"
#include "common/runtime_dir.hpp"
#include "config.hpp"
#include "configuration/configuration.hpp"
#include "daemon/bus/broadcaster.hpp"
#include "daemon/bus/core_event_loop.hpp"
#include "daemon/bus/logind_watch.hpp"
#include "daemon/bus/screen_saver_watch.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/core/session_guard.hpp"
#include "daemon/pcsc/reader_service.hpp"
#include "daemon/pcsc/service_watch.hpp"

#include <systemd/sd-daemon.h>

#include <cstdio>
#include <cstring>
#include <memory>

using namespace digisign;

namespace {

configuration::Settings load_settings() {
    const auto configuration = configuration::Configuration::load(configuration::installed_directories());
    for (const std::string& warning : configuration.warnings())
        log::warning(warning);
    return configuration.settings();
}

void serve() {
    const configuration::Settings settings = load_settings();
    sdbus::EventLoop loop;
    bus::CoreEventLoop core_loop(loop);
    core::Registry registry;
    // Shared with the reader threads, one of which may have to be left behind, hanging in a reader.
    const auto cache = std::make_shared<card::PublicDataCache>(user_cache_dir());
    pcsc::ReaderService readers(core_loop, registry,
                                {{[cache](card::Transaction& transaction, ByteView atr) {
                                     return card::open_card(transaction, atr, *cache);
                                 }},
                                 pcsc::service_socket_path()});
    bus::Broadcaster signals;
    core::WrongPins wrong_pins;
    core::LoginTable logins(core_loop, registry, readers, settings,
                            {[&signals] { signals.on_logins_changed(); },
                             [&signals](const core::Login& login, core::LoginEnd reason) {
                                 signals.on_login_ended(login, reason);
                             }});
    core::JobTable jobs({core_loop, registry, readers, logins, wrong_pins, settings});
    core::SlotTable slots(core_loop, registry, [&signals] { signals.on_slots_changed(); });
    core::AgentBroker agents([&signals, &slots] {
        signals.on_default_agent_changed();
        slots.touch(); // whether somebody can be asked is shown with each slot
    });

    const bus::Core core{registry, jobs, agents, logins, slots, core_loop, readers, settings};
    bus::PrivateSocket private_socket(core, loop.handle());
    bus::SessionEndpoint session(core, loop.handle());
    signals.send_to(session, private_socket);
    registry.add_observer(signals);
    core::SessionGuard guard(jobs, logins, readers, settings);
    const bus::LogindWatch logind(loop, guard);
    const bus::ScreenSaverWatch screen_savers(session.bus(), guard);

    session.acquire_name();
    (void)sd_notify(0, "READY=1"); // started by hand or by dbus-daemon there is nobody to tell
    loop.run();
    (void)sd_notify(0, "STOPPING=1");
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
        std::puts("digisignd " DIGISIGN_VERSION);
        return 0;
    }
    if (argc > 1) {
        std::fputs("usage: digisignd [--version]\nD-Bus or systemd start the service; see digisignd(8).\n",
                   stderr);
        return static_cast<int>(ExitCode::Usage);
    }
    harden_service();
    log::set_level_from_environment();
    try {
        serve();
        return 0;
    } catch (const Error& error) {
        log::error(error.what());
        return static_cast<int>(error_info(error.code()).exit_code);
    } catch (const std::exception& error) {
        log::error(error.what());
        return static_cast<int>(ExitCode::Failure);
    }
}
