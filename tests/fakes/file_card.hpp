// SPDX-License-Identifier: LGPL-2.1-or-later
// A card of files and one PIN, as plain as ISO 7816-4 allows: for what a virtual card of a real kind would be
// too much.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/channel.hpp"
#include "tests/fakes/card_channel.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace digisign::fakes {

class FileCard {
public:
    explicit FileCard(card::Protocol protocol) : protocol_(protocol) {}

    FileCard(const FileCard&) = delete;
    FileCard& operator=(const FileCard&) = delete;

    /// A file by its path from the MF without 3F00, in hexadecimal: "50155031".
    void add_file(const std::string& path, Bytes content) { files_[path] = std::move(content); }
    const Bytes& file(const std::string& path) const { return files_.at(path); }
    /// The application SELECT finds by name, with its DF.
    void add_application(ByteView aid, const std::string& path) { applications_[to_hex(aid)] = path; }
    /// A file that READ BINARY refuses with 6982.
    void protect_file(const std::string& path) { protected_file_ = path; }

    // Habits of a card.
    std::size_t read_limit = 256;  ///< most that READ BINARY gives at once
    bool answers_wrong_le = false; ///< 6Cxx instead of fewer bytes than Le
    bool tells_file_sizes = true;  ///< in the answer to SELECT
    std::uint8_t size_tag = 0x80;  ///< 80 or 81
    bool selects_by_path = true;   ///< P1 = 08

    // The PIN, reference 01, eight bytes padded with FF.
    std::string pin = "1234";
    unsigned tries_left = 3;
    bool pin_verified = false;

    Bytes transmit(ByteView command);
    void reset();

    CardModel model() {
        return {[this](ByteView command) { return transmit(command); }, [this] { reset(); }};
    }

private:
    Bytes dispatch(ByteView command);
    Bytes select(std::uint8_t p1, std::uint8_t p2, ByteView data);
    Bytes read_binary(std::size_t offset, std::size_t length) const;
    Bytes get_response(std::size_t length);
    Bytes verify(std::uint8_t reference, ByteView data);

    const card::Protocol protocol_;
    std::map<std::string, Bytes> files_;
    std::map<std::string, std::string> applications_;
    std::string protected_file_;
    std::string directory_;
    std::optional<std::string> file_;
    Bytes waiting_; ///< for GET RESPONSE
};

} // namespace digisign::fakes
