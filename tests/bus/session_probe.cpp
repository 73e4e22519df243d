// SPDX-License-Identifier: LGPL-2.1-or-later
// The daemon's watch of the login session alone: says on stdout what it reports, one word a line, and obeys
// lines on stdin.
//
//   ready    calls what the last on_suspending() brought
//   ping     "pong": everything before it is done

#include "daemon/bus/logind_watch.hpp"
#include "daemon/bus/screen_saver_watch.hpp"

#include <iostream>
#include <string>
#include <thread>

using namespace digisign;

namespace {

class Speaker final : public core::SessionEvents {
public:
    std::function<void()> ready;

    void on_suspending(std::function<void()> when_ready) override {
        ready = std::move(when_ready);
        say("suspending");
    }
    void on_locked() override { say("locked"); }
    void on_active() override { say("active"); }

    static void say(const char* word) { std::cout << word << std::endl; }
};

void obey(Speaker& speaker, const std::string& line) {
    if (line == "ready")
        speaker.ready();
    else if (line == "ping")
        Speaker::say("pong");
}

sdbus::BusPtr open_session_bus(const sdbus::EventLoop& loop) {
    sd_bus* bus = nullptr;
    sdbus::check(sd_bus_open_user(&bus), "cannot connect to the session bus");
    sdbus::check(sd_bus_attach_event(bus, loop.handle(), SD_EVENT_PRIORITY_NORMAL), "cannot set up the bus");
    return sdbus::BusPtr(bus);
}

} // namespace

int main() {
    sdbus::EventLoop loop;
    Speaker speaker;
    const sdbus::BusPtr session_bus = open_session_bus(loop);
    const bus::LogindWatch logind(loop, speaker);
    const bus::ScreenSaverWatch screen_savers(session_bus.get(), speaker);
    std::thread input([&] {
        for (std::string line; std::getline(std::cin, line);)
            loop.post([&speaker, line] { obey(speaker, line); });
        loop.post([&loop] { loop.quit(); });
    });
    loop.run();
    input.join();
}
