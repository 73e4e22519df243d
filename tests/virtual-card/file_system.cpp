// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/file_system.hpp"

#include <algorithm>

namespace digisign::virtual_card {

namespace {

File& child_of(File& parent, std::uint16_t id) {
    if (File* const existing = parent.child(id))
        return *existing;
    File& file = *parent.children.emplace_back(std::make_unique<File>());
    file.id = id;
    file.parent = &parent;
    return file;
}

File* find_name_below(File& directory, ByteView name) {
    if (directory.name.size() >= name.size() &&
        std::ranges::equal(ByteView(directory.name).first(name.size()), name))
        return &directory;
    for (const auto& child : directory.children)
        if (child->directory)
            if (File* const found = find_name_below(*child, name))
                return found;
    return nullptr;
}

} // namespace

File* File::child(std::uint16_t child_id) const {
    const auto found = std::ranges::find_if(children, [&](const auto& file) { return file->id == child_id; });
    return found != children.end() ? found->get() : nullptr;
}

FileSystem::FileSystem() : root_(std::make_unique<File>()) {
    root_->id = master_file;
    root_->directory = true;
}

File& FileSystem::add_directory(File& parent, std::uint16_t id, Bytes name) {
    File& file = child_of(parent, id);
    file.directory = true;
    file.name = std::move(name);
    return file;
}

File& FileSystem::add_file(File& parent, std::uint16_t id, Bytes content) {
    File& file = child_of(parent, id);
    file.content = std::move(content);
    return file;
}

File* FileSystem::find_path(File& start, ByteView path) {
    if (path.empty() || path.size() % 2 != 0)
        return nullptr;
    File* file = &start;
    for (std::size_t i = 0; i < path.size() && file != nullptr; i += 2) {
        const auto id = static_cast<std::uint16_t>(path[i] << 8 | path[i + 1]);
        file = file->child(id);
    }
    return file;
}

File* FileSystem::find_near(File& current, std::uint16_t id) {
    if (id == master_file)
        return root_.get();
    if (File* const child = current.child(id))
        return child;
    if (current.id == id)
        return &current;
    if (current.parent == nullptr)
        return nullptr;
    if (current.parent->id == id)
        return current.parent;
    return current.parent->child(id);
}

File* FileSystem::find_name(ByteView name) {
    return name.empty() ? nullptr : find_name_below(*root_, name);
}

} // namespace digisign::virtual_card
