// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/cards/transcript.hpp"

#include "daemon/iso7816/sensitive_apdu.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace digisign::test {

namespace {

constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_read_binary = 0xB0;
constexpr std::uint8_t select_path_from_mf = 0x08;
constexpr std::size_t read_limit = 0xB5; // what the recorded cards give at once

bool is_select_by_path(ByteView command) {
    return command[1] == ins_select && command[2] == select_path_from_mf;
}

std::string path_of(ByteView select) {
    return to_hex(select.subspan(5, select[4]));
}

/// 00 2A 9E 9A Le, without the Le.
ByteView without_signature_le(ByteView command) {
    constexpr std::uint8_t compute_signature[] = {0x00, 0x2A, 0x9E, 0x9A};
    const bool is_one = command.size() == 5 && std::ranges::equal(command.first(4), compute_signature);
    return is_one ? command.first(4) : command;
}

Bytes parse_hex(const std::string& text) {
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() < 2)
        throw std::runtime_error("not an APDU: " + text);
    return std::move(*bytes);
}

} // namespace

std::optional<std::filesystem::path> transcript_folder() {
    std::filesystem::path folder = DIGISIGN_SOURCE_ROOT "/../shared";
    if (const char* shared = std::getenv("DIGISIGN_SHARED"))
        folder = shared;
    folder /= "cards";
    return std::filesystem::is_directory(folder) ? std::optional(folder) : std::nullopt;
}

std::vector<Transcript> read_transcripts(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::vector<Transcript> transcripts;
    std::string title;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("# ")) {
            title = line.substr(2);
        } else if (line.starts_with("> ")) {
            if (transcripts.empty() || transcripts.back().title != title)
                transcripts.push_back({title, {}});
            transcripts.back().exchanges.push_back({parse_hex(line.substr(2)), {}});
        } else if (line.starts_with("< ")) {
            if (transcripts.empty())
                throw std::runtime_error("an answer without a command");
            transcripts.back().exchanges.back().answer = parse_hex(line.substr(2));
        }
    }
    if (transcripts.empty())
        throw std::runtime_error("no recordings in " + file.string());
    return transcripts;
}

TranscriptChannel::TranscriptChannel(const std::vector<Transcript>& recordings, const std::string& title) {
    for (const Transcript& recording : recordings) {
        add_files(recording);
        if (recording.title != title)
            continue;
        for (const Exchange& exchange : recording.exchanges)
            if (exchange.command[1] != ins_select && exchange.command[1] != ins_read_binary)
                script_.push_back(exchange);
    }
}

void TranscriptChannel::add_files(const Transcript& recording) {
    File* selected = nullptr;
    for (const Exchange& exchange : recording.exchanges) {
        const ByteView command = exchange.command;
        const ByteView data = ByteView(exchange.answer).first(exchange.answer.size() - 2);
        if (is_select_by_path(command)) {
            selected = &files_[path_of(command)];
            selected->control = to_bytes(data);
        } else if (command[1] == ins_read_binary && selected != nullptr) {
            append(selected->content, data);
        }
    }
}

Bytes TranscriptChannel::exchange(ByteView command) {
    if (command[1] == ins_select)
        return select(command);
    if (command[1] == ins_read_binary)
        return read_binary(command);
    return next_of_script(command);
}

Bytes TranscriptChannel::exchange_sensitive(const iso7816::SensitiveApdu& command) {
    return next_of_script(command.secret());
}

SecureBuffer TranscriptChannel::exchange_for_secret(ByteView command) {
    SecureBuffer answer(card::secret_answer_max);
    answer.append(exchange(command));
    return answer;
}

Bytes TranscriptChannel::exchange_on_pin_pad(const iso7816::PinPadCommand&) {
    throw std::logic_error("nothing was recorded on a reader with keys");
}

Bytes TranscriptChannel::select(ByteView command) {
    selected_ = nullptr;
    if (!is_select_by_path(command))
        return {0x90, 0x00}; // the application
    const auto found = files_.find(path_of(command));
    if (found == files_.end())
        return {0x6A, 0x82};
    selected_ = &found->second;
    Bytes answer = selected_->control;
    append(answer, Bytes{0x90, 0x00});
    return answer;
}

Bytes TranscriptChannel::read_binary(ByteView command) const {
    const auto offset = static_cast<std::size_t>(command[2] << 8 | command[3]);
    if (selected_ == nullptr || offset >= selected_->content.size())
        return {0x6B, 0x00};
    const std::size_t wanted = command[4] == 0 ? read_limit : command[4];
    const std::size_t count = std::min(wanted, selected_->content.size() - offset);
    Bytes answer = to_bytes(ByteView(selected_->content).subspan(offset, count));
    append(answer, Bytes{0x90, 0x00});
    return answer;
}

Bytes TranscriptChannel::next_of_script(ByteView command) {
    if (finished() || !std::ranges::equal(without_signature_le(command),
                                          without_signature_le(script_[position_].command))) {
        if (deviation_.empty())
            deviation_ = to_hex(command);
        return {0x6D, 0x00};
    }
    return script_[position_++].answer;
}

} // namespace digisign::test
