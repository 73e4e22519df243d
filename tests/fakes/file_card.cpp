// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/file_card.hpp"

#include <algorithm>

namespace digisign::fakes {

namespace {

Bytes status(unsigned word) {
    return {static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word & 0xFF)};
}

Bytes answer(Bytes data, unsigned word = 0x9000) {
    append(data, status(word));
    return data;
}

std::size_t from_le(std::uint8_t le) {
    return le == 0 ? 256 : le;
}

} // namespace

void FileCard::reset() {
    directory_.clear();
    file_.reset();
    waiting_.clear();
    pin_verified = false;
}

Bytes FileCard::transmit(ByteView command) {
    Bytes result = dispatch(command);
    const bool has_data = command.size() > 5;
    // Under T=0 an answer cannot come with a command that has data: it waits for GET RESPONSE.
    if (protocol_ == card::Protocol::T0 && has_data && result.size() > 2) {
        result.resize(result.size() - 2);
        waiting_ = std::move(result);
        return status(0x6100u + static_cast<unsigned>(std::min<std::size_t>(waiting_.size(), 255)));
    }
    return result;
}

Bytes FileCard::dispatch(ByteView command) {
    if (command.size() < 4)
        return status(0x6700);
    const std::uint8_t p1 = command[2];
    const std::uint8_t p2 = command[3];
    ByteView data;
    if (command.size() > 5)
        data = command.subspan(5, std::min<std::size_t>(command[4], command.size() - 5));
    switch (command[1]) {
    case 0xA4:
        return select(p1, p2, data);
    case 0xB0:
        return command.size() == 5 ? read_binary(static_cast<std::size_t>(p1 << 8 | p2), from_le(command[4]))
                                   : status(0x6700);
    case 0xC0:
        return command.size() == 5 ? get_response(from_le(command[4])) : status(0x6700);
    case 0x20:
        return verify(p2, data);
    }
    return status(0x6D00);
}

Bytes FileCard::select(std::uint8_t p1, std::uint8_t p2, ByteView data) {
    const std::string name = to_hex(data);
    if (p1 == 0x04) {
        const auto found = applications_.find(name);
        if (found == applications_.end())
            return status(0x6A82);
        directory_ = found->second;
        file_.reset();
        pin_verified = false;
        return status(0x9000);
    }
    if (p1 != 0x09 && (p1 != 0x08 || !selects_by_path))
        return status(0x6A86);
    const std::string path = p1 == 0x09 ? directory_ + name : name;
    const auto found = files_.find(path);
    if (found == files_.end()) {
        const bool is_directory = std::ranges::any_of(files_, [&](const auto& file) {
            return file.first.size() > path.size() && file.first.starts_with(path);
        });
        if (!is_directory)
            return status(0x6A82);
        directory_ = path;
        return status(0x9000);
    }
    file_ = path;
    if (p2 == 0x0C)
        return status(0x9000);
    Bytes control{static_cast<std::uint8_t>(p2 == 0x04 ? 0x62 : 0x6F), 0x00};
    if (tells_file_sizes) {
        const std::size_t size = found->second.size();
        append(control,
               Bytes{size_tag, 0x02, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    }
    control[1] = static_cast<std::uint8_t>(control.size() - 2);
    return answer(std::move(control));
}

Bytes FileCard::read_binary(std::size_t offset, std::size_t length) const {
    if (!file_)
        return status(0x6986);
    if (*file_ == protected_file_)
        return status(0x6982);
    const Bytes& content = files_.at(*file_);
    if (offset >= content.size())
        return status(0x6B00);
    const std::size_t available = std::min(content.size() - offset, read_limit);
    if (length > available && answers_wrong_le)
        return status(0x6C00u + static_cast<unsigned>(available & 0xFF));
    const ByteView piece = ByteView(content).subspan(offset, std::min(length, available));
    const bool end_reached = length > piece.size() && offset + piece.size() == content.size();
    return answer(to_bytes(piece), end_reached && length != 256 ? 0x6282 : 0x9000);
}

Bytes FileCard::get_response(std::size_t length) {
    if (waiting_.empty())
        return status(0x6985);
    const auto count = static_cast<std::ptrdiff_t>(std::min(length, waiting_.size()));
    Bytes piece(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    return waiting_.empty()
               ? answer(std::move(piece))
               : answer(std::move(piece), 0x6100u + static_cast<unsigned>(waiting_.size() & 0xFF));
}

Bytes FileCard::verify(std::uint8_t reference, ByteView data) {
    if (reference != 0x01)
        return status(0x6A88);
    if (tries_left == 0)
        return status(0x6983);
    if (data.empty())
        return pin_verified ? status(0x9000) : status(0x63C0u + tries_left);
    if (data.size() != 8)
        return status(0x6700);
    std::string padded = pin;
    padded.resize(8, '\xFF');
    pin_verified = std::ranges::equal(data, as_bytes(padded));
    if (!pin_verified)
        return status(0x63C0u + --tries_left);
    tries_left = 3;
    return status(0x9000);
}

} // namespace digisign::fakes
