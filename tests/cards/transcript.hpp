// SPDX-License-Identifier: LGPL-2.1-or-later
// Recorded exchanges with a real card, and a channel on which they happen again.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/channel.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace digisign::test {

struct Exchange {
    Bytes command;
    Bytes answer;
};

struct Transcript {
    std::string title;
    std::vector<Exchange> exchanges;
};

/// Where the recordings are, if this machine has them: $DIGISIGN_SHARED/cards, or ../shared/cards beside the
/// sources.
std::optional<std::filesystem::path> transcript_folder();

/// A file of lines "# title", "> command" and "< answer with status word". Throws std::runtime_error.
std::vector<Transcript> read_transcripts(const std::filesystem::path& file);

/// The card of one file of recordings. Files are there for whoever selects and reads them, in any order and
/// in pieces of any size. Every other command must be the next one of a recording, byte for byte, but for the
/// Le of PSO COMPUTE DIGITAL SIGNATURE, which is the host's choice.
class TranscriptChannel : public card::Channel {
public:
    /// The files are those of all recordings, the other commands those of the one with this title.
    TranscriptChannel(const std::vector<Transcript>& recordings, const std::string& title);

    /// The recordings come from a host that gave Le to every command with an answer, as T=1 has it.
    card::Protocol protocol() const override { return card::Protocol::T1; }
    Bytes exchange(ByteView command) override;
    Bytes exchange_sensitive(const iso7816::SensitiveApdu& command) override;
    SecureBuffer exchange_for_secret(ByteView command) override;
    Bytes exchange_on_pin_pad(const iso7816::PinPadCommand& command) override;

    /// What was sent instead of the recording's next command; empty if all went well.
    const std::string& deviation() const { return deviation_; }
    bool finished() const { return position_ == script_.size(); }

private:
    struct File {
        Bytes control;
        Bytes content;
    };

    void add_files(const Transcript& transcript);
    Bytes select(ByteView command);
    Bytes read_binary(ByteView command) const;
    Bytes next_of_script(ByteView command);

    std::map<std::string, File> files_; ///< by path from the MF
    const File* selected_ = nullptr;
    std::vector<Exchange> script_; ///< the commands that do not select or read
    std::size_t position_ = 0;
    std::string deviation_;
};

} // namespace digisign::test
