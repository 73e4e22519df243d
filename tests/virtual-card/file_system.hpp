// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree of dedicated and elementary files of ISO/IEC 7816-4 §7.2, all elementary files being transparent.

#pragma once

#include "common/bytes.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace digisign::virtual_card {

struct File {
    std::uint16_t id = 0;
    bool directory = false;
    Bytes name; ///< AID or other DF name; empty where the file has none
    Bytes content;
    File* parent = nullptr; ///< null for the MF only
    std::vector<std::unique_ptr<File>> children;

    /// Null where no child has that identifier.
    File* child(std::uint16_t child_id) const;
};

class FileSystem {
public:
    static constexpr std::uint16_t master_file = 0x3F00;

    FileSystem();

    File& root() { return *root_; }

    /// Both return the existing file where the identifier is taken already, with the new content.
    File& add_directory(File& parent, std::uint16_t id, Bytes name = {});
    File& add_file(File& parent, std::uint16_t id, Bytes content);

    /// Follows two-octet identifiers below `start`; null where one is missing.
    static File* find_path(File& start, ByteView path);

    /// SELECT by file identifier, ISO/IEC 7816-4 §11.2.2.4.1: MF, child, the DF itself, its siblings, its
    /// parent.
    File* find_near(File& current, std::uint16_t id);

    /// The first directory whose name starts with `name`.
    File* find_name(ByteView name);

private:
    std::unique_ptr<File> root_;
};

} // namespace digisign::virtual_card
