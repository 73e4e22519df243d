// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/iso7816_card.hpp"

#include "tests/virtual-card/tlv.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t ins_get_challenge = 0x84;
constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_read_binary = 0xB0;
constexpr std::uint8_t ins_get_response = 0xC0;

constexpr std::uint8_t fci_template = 0x6F;
constexpr std::uint8_t fcp_template = 0x62;

/// Longest joined chain; an RSA-4096 cryptogram and then some.
constexpr std::size_t chain_limit = 2048;

} // namespace

Iso7816Card::Iso7816Card(Protocol protocol, Bytes atr)
    : protocol_(protocol), atr_(std::move(atr)), directory_(&files_.root()) {}

void Iso7816Card::reset() {
    directory_ = &files_.root();
    file_ = nullptr;
    chain_.reset();
    waiting_.clear();
    clear_security();
}

std::optional<Bytes> Iso7816Card::transmit(ByteView apdu) {
    std::optional<Command> command = parse_command(apdu);
    if (!command)
        return Response(Status::WrongLength).encode();
    if (command->ins == ins_get_response)
        return get_response(*command).encode();
    waiting_.clear();

    // ISO/IEC 7816-4 §5.3.3: the links of a chain differ in CLA and data only.
    if (chain_ && (chain_->ins != command->ins || chain_->p1 != command->p1 || chain_->p2 != command->p2))
        chain_.reset();
    if (command->chained() && !accepts_chain(*command)) {
        chain_.reset();
        return Response(chain_refusal()).encode();
    }
    if (chain_)
        command->data.insert(command->data.begin(), chain_->data.begin(), chain_->data.end());
    if (command->data.size() > chain_limit) {
        chain_.reset();
        return Response(Status::WrongLength).encode();
    }
    if (command->chained()) {
        chain_ = std::move(command);
        return Response().encode();
    }
    chain_.reset();
    return deliver(*command, dispatch(*command)).encode();
}

Response Iso7816Card::dispatch(const Command& command) {
    if (command.cla != 0x00)
        return Status::ClassNotSupported;
    switch (command.ins) {
    case ins_select:
        return select(command);
    case ins_read_binary:
        return read_binary(command);
    case ins_get_challenge:
        return get_challenge(command);
    default:
        return process(command);
    }
}

Response Iso7816Card::deliver(const Command& command, Response response) {
    if (response.data.empty())
        return response;
    if (protocol_ == Protocol::T0 && !command.data.empty()) {
        // A trailing Le cannot travel in a T=0 exchange; a reader that gets one drops it. The answer waits.
        waiting_ = std::move(response.data);
        return Response::more(waiting_.size());
    }
    const std::size_t expected = command.expected.value_or(256);
    if (response.data.size() > expected) {
        waiting_.assign(response.data.begin() + static_cast<std::ptrdiff_t>(expected), response.data.end());
        response.data.resize(expected);
        response.status = Response::more(waiting_.size()).status;
    }
    return response;
}

Response Iso7816Card::get_response(const Command& command) {
    if (waiting_.empty())
        return Status::ConditionsNotSatisfied;
    const std::size_t expected = command.expected.value_or(256);
    if (expected > waiting_.size() && expected != 256)
        return Response::wrong_le(waiting_.size());
    const auto count = static_cast<std::ptrdiff_t>(std::min(expected, waiting_.size()));
    Response response(Bytes(waiting_.begin(), waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    if (!waiting_.empty())
        response.status = Response::more(waiting_.size()).status;
    return response;
}

std::optional<Response> Iso7816Card::check_le(const Command& command, std::size_t length) const {
    if (protocol_ == Protocol::T1 || command.expected.value_or(256) == length)
        return std::nullopt;
    // More than one exchange can carry: Le = 00 is right, and the rest follows by GET RESPONSE.
    if (length > 256 && command.expected.value_or(256) == 256)
        return std::nullopt;
    return Response::wrong_le(std::min<std::size_t>(length, 256));
}

File* Iso7816Card::find(const Command& command) {
    const bool is_identifier = command.data.size() == 2;
    const auto id = static_cast<std::uint16_t>(is_identifier ? command.data[0] << 8 | command.data[1] : 0);
    File* found = nullptr;
    switch (command.p1) {
    case 0x00: // file identifier; without data the MF
        if (command.data.empty())
            return &files_.root();
        return is_identifier ? files_.find_near(*directory_, id) : nullptr;
    case 0x01:
        found = is_identifier ? directory_->child(id) : nullptr;
        return found != nullptr && found->directory ? found : nullptr;
    case 0x02:
        found = is_identifier ? directory_->child(id) : nullptr;
        return found != nullptr && !found->directory ? found : nullptr;
    case 0x03:
        return directory_->parent;
    case 0x04:
        return files_.find_name(command.data);
    case 0x08:
        return files_.find_path(files_.root(), command.data);
    case 0x09:
        return files_.find_path(*directory_, command.data);
    default:
        return nullptr;
    }
}

Response Iso7816Card::select(const Command& command) {
    const bool known_p1 = command.p1 <= 0x04 || command.p1 == 0x08 || command.p1 == 0x09;
    const std::uint8_t answer_kind = command.p2 & 0x0C;
    if (!known_p1 || (command.p2 & 0xF3) != 0 || answer_kind == 0x08)
        return Status::WrongP1P2;
    File* const found = find(command);
    if (found == nullptr)
        return Status::FileNotFound;
    if (found->directory) {
        directory_ = found;
        file_ = nullptr;
    } else {
        directory_ = found->parent;
        file_ = found;
    }
    const SelectedBy how = command.p1 == 0x04 ? SelectedBy::Name : SelectedBy::Identifier;
    if (how == SelectedBy::Name || found == &files_.root()) {
        end_application();
        on_application_selected(*found, how);
    }
    if (answer_kind == 0x0C)
        return Status::Ok;
    if (how == SelectedBy::Name)
        if (auto answer = application_answer(*found))
            return Response(std::move(*answer));
    return Response(tlv(answer_kind == 0x04 ? fcp_template : fci_template, control_parameters(*found)));
}

Response Iso7816Card::read_binary(const Command& command) const {
    if ((command.p1 & 0x80) != 0)
        return Status::WrongP1P2; // short file identifiers are not used
    if (file_ == nullptr)
        return Status::CommandNotAllowed;
    const Bytes& content = file_->content;
    const std::size_t offset = static_cast<std::size_t>(command.p1) << 8 | command.p2;
    if (offset >= content.size())
        return Status::OffsetOutsideFile;
    const std::size_t left = content.size() - offset;
    const std::size_t wanted = command.expected.value_or(256);
    const bool up_to_the_card = wanted == 256 || (command.extended && wanted == 65536);
    if (!up_to_the_card && wanted > left && protocol_ == Protocol::T0)
        return Response::wrong_le(left);
    const std::size_t count = std::min({left, wanted, up_to_the_card ? read_limit() : wanted});
    const auto start = content.begin() + static_cast<std::ptrdiff_t>(offset);
    Response response(Bytes(start, start + static_cast<std::ptrdiff_t>(count)));
    if (!up_to_the_card && count < wanted)
        response.status = static_cast<std::uint16_t>(Status::EndOfFile);
    return response;
}

Response Iso7816Card::get_challenge(const Command& command) const {
    if (command.p1 != 0 || command.p2 != 0)
        return Status::WrongP1P2;
    if (!command.expected || *command.expected > 256 || !command.data.empty())
        return Status::WrongLength;
    Bytes challenge(*command.expected);
    if (RAND_bytes(challenge.data(), static_cast<int>(challenge.size())) != 1)
        return Status::MemoryFailure;
    return Response(std::move(challenge));
}

} // namespace digisign::virtual_card
