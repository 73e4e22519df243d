// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/sign_pdf_call.hpp"

#include "common/error.hpp"
#include "sdbus/handles.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace digisign::documents {

namespace {

constexpr std::size_t max_text =
    512; // what digisignd takes for the prompt, and plenty for a reason or a place
constexpr std::string_view reading = "cannot read the message";

struct Option {
    std::string_view name;
    std::string SignPdfRequest::*field;
};

constexpr std::array options{
    Option{"certificate", &SignPdfRequest::certificate},
    Option{"reason", &SignPdfRequest::reason},
    Option{"location", &SignPdfRequest::location},
    Option{"contact", &SignPdfRequest::contact},
    Option{"name", &SignPdfRequest::name},
    Option{"document", &SignPdfRequest::document},
    Option{"password", &SignPdfRequest::password},
    Option{"agent", &SignPdfRequest::agent},
    Option{"handle", &SignPdfRequest::handle},
};

UniqueFd read_descriptor(sd_bus_message* call) {
    int borrowed = -1;
    sdbus::check(::sd_bus_message_read_basic(call, 'h', &borrowed), reading);
    UniqueFd own(::fcntl(borrowed, F_DUPFD_CLOEXEC, 3));
    if (!own)
        throw error_from_errno(errno, "cannot keep the document open");
    return own;
}

std::string read_text_variant(sd_bus_message* call, std::string_view option) {
    if (::sd_bus_message_enter_container(call, 'v', "s") <= 0)
        throw Error(ErrorCode::InvalidArgument, fmt::format("the option \"{}\" has to be a string", option));
    const char* text = nullptr;
    sdbus::check(::sd_bus_message_read_basic(call, 's', &text), reading);
    sdbus::check(::sd_bus_message_exit_container(call), reading);
    if (std::string_view(text).size() > max_text)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("the option \"{}\" is longer than {} octets", option, max_text));
    return text;
}

void read_options(sd_bus_message* call, SignPdfRequest& request) {
    std::set<std::string> seen;
    sdbus::check(::sd_bus_message_enter_container(call, 'a', "{sv}"), reading);
    while (sdbus::check(::sd_bus_message_enter_container(call, 'e', "sv"), reading) > 0) {
        const char* text = nullptr;
        sdbus::check(::sd_bus_message_read_basic(call, 's', &text), reading);
        const std::string name = text;
        const auto option = std::ranges::find(options, std::string_view(name), &Option::name);
        if (option == options.end())
            throw Error(ErrorCode::InvalidArgument, fmt::format("there is no option \"{}\"", name));
        if (!seen.insert(name).second)
            throw Error(ErrorCode::InvalidArgument, fmt::format("the option \"{}\" comes twice", name));
        request.*option->field = read_text_variant(call, name);
        sdbus::check(::sd_bus_message_exit_container(call), reading);
    }
    sdbus::check(::sd_bus_message_exit_container(call), reading);
}

/// The input is judged by the job, which has a named error for each kind of wrong input.
void require_usable_output(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        throw Error(ErrorCode::InvalidArgument, "the output has to be an ordinary file");
    if (info.st_size != 0)
        throw Error(ErrorCode::InvalidArgument, "the output has to be empty");
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) != O_RDWR || (flags & (O_APPEND | O_PATH)) != 0)
        throw Error(ErrorCode::InvalidArgument, "the output has to be open for reading and writing");
}

} // namespace

SignPdfRequest read_sign_pdf_call(sd_bus_message* call) {
    SignPdfRequest request;
    request.input = read_descriptor(call);
    request.output = read_descriptor(call);
    read_options(call, request);
    require_usable_output(request.output.get());
    request.caller = ::sd_bus_message_get_sender(call);
    return request;
}

} // namespace digisign::documents
