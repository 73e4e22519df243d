// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/card_users.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace digisign::pcsc {

namespace {

/// A sentence with more names helps nobody.
constexpr std::size_t names_max = 3;

bool has_loaded_pcsc(const std::filesystem::path& process) {
    std::ifstream maps(process / "maps"); // readable only for processes of the same user
    for (std::string line; std::getline(maps, line);)
        if (line.find("/libpcsclite") != std::string::npos)
            return true;
    return false;
}

std::vector<std::string> other_users_of_pcsc() {
    std::vector<std::string> names;
    const std::string own = std::to_string(::getpid());
    std::error_code error; // a hint that cannot be had is no fault
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string pid = entry->path().filename();
        if (pid == own || !std::ranges::all_of(pid, [](unsigned char c) { return std::isdigit(c) != 0; }) ||
            !has_loaded_pcsc(entry->path()))
            continue;
        std::ifstream comm(entry->path() / "comm");
        std::string name;
        std::getline(comm, name);
        names.push_back(name + " (process " + pid + ")");
    }
    return names;
}

} // namespace

std::string describe_card_holder() {
    std::string sentence = "another program holds the card";
    std::vector<std::string> names = other_users_of_pcsc();
    if (names.empty())
        return sentence;
    names.resize(std::min(names.size(), names_max));
    sentence += ", perhaps ";
    for (std::size_t i = 0; i < names.size(); ++i)
        sentence += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return sentence;
}

} // namespace digisign::pcsc
