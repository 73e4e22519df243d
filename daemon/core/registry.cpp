// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/registry.hpp"

#include "common/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace digisign::core {

namespace {

bool is_path_safe(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

} // namespace

const Reader* Registry::find_reader(const ReaderName& name) const {
    const auto found = readers_.find(name);
    return found == readers_.end() ? nullptr : &found->second;
}

const Token* Registry::find_token(std::string_view id) const {
    for (const auto& [name, reader] : readers_)
        if (reader.token && reader.token->id() == id)
            return reader.token.get();
    return nullptr;
}

const Token* Registry::find_token(CardSessionId session) const {
    for (const auto& [name, reader] : readers_)
        if (reader.token && reader.token->session() == session)
            return reader.token.get();
    return nullptr;
}

Token* Registry::find_token_mutable(CardSessionId session) {
    return const_cast<Token*>(find_token(session)); // ours, and not const where it lives
}

std::string Registry::new_token_id(const card::CardDescription& description) const {
    std::string base = description.driver + "_";
    for (const char c : description.serial_number)
        base += is_path_safe(c) ? c : '_';
    std::string id = base;
    for (int copy = 2; find_token(id) != nullptr; ++copy) // two cards that claim the same number
        id = fmt::format("{}_{}", base, copy);
    return id;
}

void Registry::update_pin_status(CardSessionId session, std::uint8_t reference,
                                 const card::PinStatus& status) {
    Token* token = find_token_mutable(session);
    if (token != nullptr && token->update_pin(reference, status))
        tell<const Pin&>(&RegistryObserver::on_pin_changed, *token->find_pin(reference));
}

void Registry::on_pcsc_state(PcscState state, const std::string& message) {
    pcsc_state_ = state;
    pcsc_message_ = message;
    if (!message.empty())
        log::notice(message);
    tell<>(&RegistryObserver::on_pcsc_state_changed);
}

void Registry::on_reader_added(const ReaderName& name, PinPad pin_pad) {
    const auto [entry, inserted] = readers_.try_emplace(name);
    if (!inserted)
        return;
    Reader& reader = entry->second;
    reader.name = name;
    reader.pin_pad = pin_pad;
    tell<const Reader&>(&RegistryObserver::on_reader_added, reader);
}

void Registry::on_reader_removed(const ReaderName& name) {
    const auto found = readers_.find(name);
    if (found == readers_.end())
        return;
    remove_token(found->second);
    tell<const Reader&>(&RegistryObserver::on_reader_removing, found->second);
    readers_.erase(found);
}

void Registry::on_reader_state(const ReaderName& name, ReaderState state, const std::string& detail) {
    const auto found = readers_.find(name);
    if (found == readers_.end())
        return;
    Reader& reader = found->second;
    if (reader.state == state && reader.problem == detail)
        return;
    reader.state = state;
    reader.problem = detail;
    if (!detail.empty())
        log::notice(fmt::format("{}: {}", name.value, detail));
    tell<const Reader&>(&RegistryObserver::on_reader_changed, reader);
}

void Registry::on_card_inserted(const ReaderName& name, CardSessionId session,
                                const card::CardDescription& description) {
    const auto found = readers_.find(name);
    if (found == readers_.end())
        return;
    Reader& reader = found->second;
    remove_token(reader);
    reader.token = std::make_unique<Token>(new_token_id(description), session, name, description);
    for (const std::string& warning : description.warnings)
        log::warning(fmt::format("{}: {}", name.value, warning));
    tell<const Token&>(&RegistryObserver::on_token_added, *reader.token);
    tell<const Reader&>(&RegistryObserver::on_reader_changed, reader);
}

void Registry::on_pin_statuses(CardSessionId session, const std::vector<card::PinStatus>& statuses,
                               card::ActivationState activation) {
    Token* token = find_token_mutable(session);
    if (token == nullptr)
        return;
    const bool needed_activation = token->needs_activation();
    const std::vector<const Pin*> changed = token->update(statuses, activation);
    for (const Pin* pin : changed)
        tell<const Pin&>(&RegistryObserver::on_pin_changed, *pin);
    if (token->needs_activation() != needed_activation)
        tell<const Token&>(&RegistryObserver::on_token_changed, *token);
}

void Registry::on_login_lost(CardSessionId session) {
    if (const Token* token = find_token(session))
        tell<const Token&>(&RegistryObserver::on_login_lost, *token);
}

void Registry::on_card_removed(const ReaderName& name, CardSessionId session) {
    const auto found = readers_.find(name);
    if (found != readers_.end() && found->second.token && found->second.token->session() == session)
        remove_token(found->second);
}

void Registry::remove_token(Reader& reader) {
    if (!reader.token)
        return;
    tell<const Token&>(&RegistryObserver::on_token_removing, *reader.token);
    reader.token.reset();
    tell<const Reader&>(&RegistryObserver::on_reader_changed, reader);
}

} // namespace digisign::core
