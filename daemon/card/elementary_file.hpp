// SPDX-License-Identifier: LGPL-2.1-or-later
// Selecting and reading transparent files with the fewest commands (ISO 7816-4 sections 7.3, 11.1 and 11.2).

#pragma once

#include "daemon/card/transaction.hpp"

#include <cstddef>
#include <optional>

namespace digisign::card {

/// READ BINARY has an offset of 15 bits; nothing public on a card is longer.
inline constexpr std::size_t file_size_max = 0x8000;

/// What SELECT told of a file.
struct FileControl {
    /// Empty where the card does not say.
    std::optional<std::size_t> size;
};

/// From the FCP (62) or FCI (6F) template of an answer, whichever there is.
FileControl parse_file_control(ByteView answer);

/// Sends a SELECT. Empty if the card has no such file; throws StatusError for other refusals.
std::optional<FileControl> select_file(Transaction& transaction, const iso7816::CommandApdu& select);

/// Reads from the selected file. It notices how much the card gives at once (181 bytes on FINEID cards) and
/// asks for no more afterwards, so one reader is best kept for all files of a card.
class BinaryReader {
public:
    explicit BinaryReader(Transaction& transaction) : transaction_(transaction) {}

    /// Bytes `offset` to `offset + length`; fewer where the file ends before. Throws StatusError.
    Bytes read(std::size_t offset, std::size_t length);

    /// The whole file.
    Bytes read_file(const FileControl& control);

    /// A file that holds one DER object, such as a certificate, and perhaps filler after it: reads the object
    /// only.
    Bytes read_der_file(const FileControl& control);

private:
    /// One READ BINARY towards the `length` bytes from `offset`; false when there is nothing more to read.
    bool read_some(std::size_t offset, std::size_t length, Bytes& content);

    Transaction& transaction_;
    std::size_t chunk_ = iso7816::CommandApdu::short_le_max;
};

} // namespace digisign::card
