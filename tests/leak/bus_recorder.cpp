// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes down everything that passes over a session bus, the content of file descriptors included, as a
// malicious program of the same user could. Runs until its standard input is closed.
//
// usage: bus_recorder FILE      (prints "ready" once it hears everything)

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"
#include "sdbus/handles.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

using namespace digisign;

namespace {

void record_descriptor(std::FILE* file, int fd) {
    std::array<char, 65536> block{};
    off_t offset = 0;
    while (true) {
        const ssize_t got = ::pread(fd, block.data(), block.size(), offset);
        if (got <= 0)
            break; // the end, or a pipe: the reader of a pipe would take its content from the receiver
        std::fwrite(block.data(), 1, static_cast<std::size_t>(got), file);
        offset += got;
    }
}

/// Every value of the message, strings and byte arrays as they are.
void record_values(std::FILE* file, sd_bus_message* message) {
    while (true) {
        char type = 0;
        const char* contents = nullptr;
        if (sd_bus_message_peek_type(message, &type, &contents) <= 0)
            return;
        if (type == 'a' && std::string_view(contents) == "y") {
            const void* data = nullptr;
            std::size_t size = 0;
            sdbus::check(sd_bus_message_read_array(message, 'y', &data, &size), "read");
            std::fwrite(data, 1, size, file);
        } else if (type == 'a' || type == 'r' || type == 'e' || type == 'v') {
            sdbus::check(sd_bus_message_enter_container(message, type, contents), "enter");
            record_values(file, message);
            sdbus::check(sd_bus_message_exit_container(message), "exit");
        } else if (type == 's' || type == 'o' || type == 'g') {
            const char* text = nullptr;
            sdbus::check(sd_bus_message_read_basic(message, type, &text), "read");
            std::fputs(text, file);
        } else if (type == 'h') {
            int fd = -1;
            sdbus::check(sd_bus_message_read_basic(message, type, &fd), "read");
            record_descriptor(file, fd);
        } else {
            std::uint64_t number = 0;
            sdbus::check(sd_bus_message_read_basic(message, type, &number), "read");
            std::fprintf(file, "%llu", static_cast<unsigned long long>(number));
        }
        std::fputc('\n', file);
    }
}

int on_message(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto* file = static_cast<std::FILE*>(userdata);
    const auto text = [](const char* value) { return value != nullptr ? value : "-"; };
    std::fprintf(file, "# %s %s.%s\n", text(sd_bus_message_get_path(message)),
                 text(sd_bus_message_get_interface(message)), text(sd_bus_message_get_member(message)));
    record_values(file, message);
    std::fflush(file);
    return 1; // handled: sd-bus must not answer calls that were meant for others
}

void become_monitor(sd_bus* bus) {
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_call(bus, &raw, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                "org.freedesktop.DBus.Monitoring", "BecomeMonitor"),
                 "monitor");
    const sdbus::MessagePtr call(raw);
    sdbus::check(sd_bus_message_append(raw, "asu", 0, 0), "monitor");
    sdbus::check(sd_bus_call(bus, raw, 0, nullptr, nullptr), "monitor");
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2)
        return 2;
    std::FILE* file = std::fopen(argv[1], "wbe");
    if (file == nullptr)
        return 1;
    sd_bus* raw = nullptr;
    sdbus::check(sd_bus_new(&raw), "connect");
    const sdbus::BusPtr bus(raw);
    const char* address = ::secure_getenv("DBUS_SESSION_BUS_ADDRESS");
    sdbus::check(sd_bus_set_address(raw, address), "connect");
    sdbus::check(sd_bus_set_bus_client(raw, 1), "connect");
    sdbus::check(sd_bus_set_monitor(raw, 1), "connect");
    sdbus::check(sd_bus_negotiate_fds(raw, 1), "connect");
    sdbus::check(sd_bus_start(raw), "connect");
    sdbus::check(sd_bus_add_filter(raw, nullptr, on_message, file), "listen");
    become_monitor(raw);
    std::puts("ready");
    std::fflush(stdout);

    while (true) {
        while (sdbus::check(sd_bus_process(raw, nullptr), "listen") > 0) {
        }
        std::array<pollfd, 2> polled{pollfd{sd_bus_get_fd(raw), POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
        if (::poll(polled.data(), polled.size(), -1) < 0 || polled[1].revents != 0)
            break;
    }
    std::fclose(file);
    return 0;
}
