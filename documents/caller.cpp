// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/caller.hpp"

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "common/utf8.hpp"

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace digisign::documents {

namespace {

/// Programs that protect their memory, our own among them, hide their path as well.
std::string program_name(const std::string& process_dir) {
    std::error_code hidden;
    const auto executable = std::filesystem::read_symlink(process_dir + "/exe", hidden);
    if (!hidden)
        return executable.string();
    constexpr std::size_t comm_length = 16; // proc(5): TASK_COMM_LEN
    const auto name = read_small_file(process_dir + "/comm", comm_length);
    return name && !name->empty() ? to_string(ByteView(*name).first(name->size() - 1)) : "unknown program";
}

} // namespace

std::string describe_caller(client::Connection& session, const std::string& unique_name) {
    std::uint32_t pid = 0;
    try {
        client::Message call = session.new_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                "org.freedesktop.DBus", "GetConnectionCredentials");
        call.append(unique_name);
        pid = client::value_or<std::uint32_t>(session.call(call).read_dictionary(), "ProcessID", 0);
    } catch (const Error&) {
        return {}; // it has left the bus, so its job is about to be cancelled
    }
    if (pid == 0)
        return {};
    const std::string number = std::to_string(pid);
    return printable_utf8(as_bytes(program_name("/proc/" + number))) + " (process " + number + ")";
}

} // namespace digisign::documents
