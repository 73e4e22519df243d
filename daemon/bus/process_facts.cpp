// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/process_facts.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace digisign::bus {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

template <typename Number>
bool to_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

/// Flatpak's ids are D-Bus names, those of snaps have no more characters.
bool is_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    });
}

/// "snap.NAME.…"
std::string snap_name(std::string_view text) {
    const auto parts = split(text, '.');
    return parts.size() >= 3 && parts[0] == "snap" && is_id(parts[1]) ? std::string(parts[1]) : std::string();
}

} // namespace

std::optional<ProcessStat> parse_stat(std::string_view stat) {
    // The name in field 2 may hold anything, also blanks and parentheses; what follows are numbers.
    const std::size_t name_end = stat.rfind(") ");
    if (name_end == std::string_view::npos)
        return std::nullopt;
    const auto fields = split(stat.substr(name_end + 2), ' '); // from field 3 on
    constexpr std::size_t tty_nr = 7 - 3;
    constexpr std::size_t starttime = 22 - 3;
    std::int32_t terminal = 0; // printed with a sign
    ProcessStat result;
    if (fields.size() <= starttime || !to_number(fields[tty_nr], terminal) ||
        !to_number(fields[starttime], result.start_time))
        return std::nullopt;
    result.terminal = static_cast<std::uint32_t>(terminal);
    return result;
}

std::string pseudo_terminal(std::uint32_t device) {
    // new_encode_dev() of the kernel; 136 to 143 are the majors of Unix98 pseudo-terminals.
    const std::uint32_t major = device >> 8 & 0xFFF;
    const std::uint32_t minor = (device & 0xFF) | (device >> 12 & 0xFFF00);
    if (major < 136 || major > 143)
        return {};
    return "pts/" + std::to_string((major - 136) * 256 + minor);
}

std::string flatpak_from_info(std::string_view info) {
    bool in_application = false;
    for (const std::string_view line : split(info, '\n')) {
        constexpr std::string_view key = "name=";
        if (line.starts_with('['))
            in_application = line == "[Application]";
        else if (in_application && line.starts_with(key) && is_id(line.substr(key.size())))
            return std::string(line.substr(key.size()));
    }
    return {};
}

std::string flatpak_from_unit(std::string_view unit) {
    constexpr std::string_view prefix = "app-flatpak-";
    const std::size_t number = unit.rfind('-');
    if (!unit.starts_with(prefix) || !unit.ends_with(".scope") || number < prefix.size())
        return {};
    std::string id(unit.substr(prefix.size(), number - prefix.size()));
    constexpr std::string_view escaped_dash = "\\x2d"; // systemd-escape(1)
    for (std::size_t at = 0; (at = id.find(escaped_dash, at)) != std::string::npos; ++at)
        id.replace(at, escaped_dash.size(), "-");
    return is_id(id) ? id : std::string();
}

std::string snap_from_label(std::string_view label) {
    return snap_name(label.substr(0, label.find_first_of(" \n")));
}

std::string snap_from_cgroup(std::string_view cgroup) {
    for (const std::string_view line : split(cgroup, '\n'))
        if (std::string name = snap_name(line.substr(line.rfind('/') + 1)); !name.empty())
            return name;
    return {};
}

} // namespace digisign::bus
