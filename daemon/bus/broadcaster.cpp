// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/broadcaster.hpp"

#include "common/log.hpp"
#include "common/names.hpp"
#include "daemon/bus/object_path.hpp"

#include <cerrno>

namespace digisign::bus {

namespace {

void report(int result) {
    if (result < 0 && result != -ENOTCONN && result != -ECONNRESET)
        log::warning(error_from_errno(-result, "cannot send a signal").what());
}

} // namespace

template <typename Emit>
void Broadcaster::on_each_bus(Emit emit) const {
    if (session_ == nullptr)
        return;
    report(emit(session_->bus()));
    for (const PrivateEndpoint& peer : peers_->endpoints())
        if (!peer.is_module())
            report(emit(peer.bus()));
}

void Broadcaster::on_default_agent_changed() const {
    on_each_bus([](sd_bus* bus) {
        return sd_bus_emit_properties_changed(bus, names::daemon_root, names::manager_interface,
                                              "AgentAvailable", nullptr);
    });
}

void Broadcaster::on_slots_changed() const {
    if (peers_ == nullptr)
        return;
    peers_->on_slots_changed();
}

void Broadcaster::on_pcsc_state_changed() {
    if (peers_ != nullptr)
        peers_->answer_waiting_snapshots();
    on_each_bus([](sd_bus* bus) {
        return sd_bus_emit_properties_changed(bus, names::daemon_root, names::manager_interface, "PcscState",
                                              nullptr);
    });
}

void Broadcaster::on_reader_added(const core::Reader& reader) {
    const std::string path = object_path::of(reader);
    on_each_bus([&](sd_bus* bus) { return sd_bus_emit_object_added(bus, path.c_str()); });
}

void Broadcaster::on_reader_changed(const core::Reader& reader) {
    const std::string path = object_path::of(reader);
    on_each_bus([&](sd_bus* bus) {
        return sd_bus_emit_properties_changed(bus, path.c_str(), names::reader_interface, "State", "Problem",
                                              "Token", nullptr);
    });
}

void Broadcaster::on_reader_removing(const core::Reader& reader) {
    const std::string path = object_path::of(reader);
    on_each_bus([&](sd_bus* bus) { return sd_bus_emit_object_removed(bus, path.c_str()); });
}

void Broadcaster::on_token_added(const core::Token& token) {
    const auto paths = object_path::of_token_and_contents(token);
    on_each_bus([&](sd_bus* bus) {
        int result = 0;
        for (const std::string& path : paths)
            if (const int sent = sd_bus_emit_object_added(bus, path.c_str()); sent < 0)
                result = sent;
        return result;
    });
}

void Broadcaster::on_token_changed(const core::Token& token) {
    const std::string path = object_path::of(token);
    on_each_bus([&](sd_bus* bus) {
        return sd_bus_emit_properties_changed(bus, path.c_str(), names::token_interface, "State", nullptr);
    });
    if (!token.needs_activation())
        return;
    log::notice(token.description().label + ": the card is new and has to be activated before use");
    on_each_bus([&](sd_bus* bus) {
        return sd_bus_emit_signal(bus, names::daemon_root, names::manager_interface, "TokenNeedsActivation",
                                  "o", path.c_str());
    });
}

void Broadcaster::on_logins_changed() const {
    on_each_bus([](sd_bus* bus) {
        return sd_bus_emit_signal(bus, names::daemon_root, names::manager_interface, "LoginsChanged", "");
    });
}

void Broadcaster::on_login_ended(const core::Login& login, core::LoginEnd reason) const {
    switch (reason) {
    case core::LoginEnd::Client:
    case core::LoginEnd::Used:    // which it was there for
    case core::LoginEnd::Removed: // which the slots tell
        return;
    case core::LoginEnd::Idle:
    case core::LoginEnd::Ended:
    case core::LoginEnd::Lost:
        break;
    }
    if (peers_ == nullptr)
        return;
    for (const PrivateEndpoint& peer : peers_->endpoints())
        peer.on_login_ended(login);
}

void Broadcaster::on_pin_changed(const core::Pin& pin) {
    const std::string path = object_path::of(pin);
    on_each_bus([&](sd_bus* bus) {
        return sd_bus_emit_properties_changed(bus, path.c_str(), names::pin_interface, "State", "TriesLeft",
                                              nullptr);
    });
}

void Broadcaster::on_token_removing(const core::Token& token) {
    const auto paths = object_path::of_token_and_contents(token);
    on_each_bus([&](sd_bus* bus) {
        int result = 0;
        for (auto path = paths.rbegin(); path != paths.rend(); ++path) // contents before their card
            if (const int sent = sd_bus_emit_object_removed(bus, path->c_str()); sent < 0)
                result = sent;
        return result;
    });
}

} // namespace digisign::bus
