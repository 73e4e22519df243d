// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/contract/interface_description.hpp"

#include "tests/contract/member_text.hpp"

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace digisign::test {

namespace {

/// Takes one single complete type (D-Bus specification, "Type System") off the front.
std::string take_type(std::string_view& signature) {
    std::size_t length = 0;
    while (length < signature.size() && signature[length] == 'a')
        ++length;
    unsigned depth = 0;
    while (length < signature.size()) {
        const char c = signature[length++];
        if (c == '(' || c == '{')
            ++depth;
        else if (c == ')' || c == '}')
            --depth;
        if (depth == 0)
            break;
    }
    std::string type(signature.substr(0, length));
    signature.remove_prefix(length);
    return type;
}

/// `names` are the parameters' names, each with a NUL behind it, as SD_BUS_METHOD_WITH_ARGS lays them out.
std::vector<Argument> take_arguments(std::string_view signature, const char*& names) {
    std::vector<Argument> arguments;
    while (!signature.empty()) {
        const std::string name = names;
        if (name.empty())
            throw std::runtime_error("a vtable has fewer names than parameters");
        names += name.size() + 1;
        arguments.push_back({take_type(signature), name});
    }
    return arguments;
}

void require_end(const char* names, const char* member) {
    if (*names != '\0')
        throw std::runtime_error(std::string("the vtable has more names than parameters for ") + member);
}

std::string changes_text(std::uint64_t flags) {
    if ((flags & SD_BUS_VTABLE_PROPERTY_CONST) != 0)
        return "const";
    if ((flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0)
        return "invalidates";
    return (flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) != 0 ? "true" : "false";
}

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

} // namespace

InterfaceDescription describe_vtable(const sd_bus_vtable* vtable) {
    InterfaceDescription members;
    for (; vtable->type != _SD_BUS_VTABLE_END; ++vtable) {
        const bool deprecated = (vtable->flags & SD_BUS_VTABLE_DEPRECATED) != 0;
        switch (vtable->type) {
        case _SD_BUS_VTABLE_METHOD: {
            const auto& method = vtable->x.method;
            const char* names = method.names;
            const auto in = take_arguments(text_or_empty(method.signature), names);
            const auto out = take_arguments(text_or_empty(method.result), names);
            require_end(names, method.member);
            members.insert(method_text(method.member, in, out, deprecated));
            break;
        }
        case _SD_BUS_VTABLE_SIGNAL: {
            const char* names = vtable->x.signal.names;
            const auto arguments = take_arguments(text_or_empty(vtable->x.signal.signature), names);
            require_end(names, vtable->x.signal.member);
            members.insert(signal_text(vtable->x.signal.member, arguments, deprecated));
            break;
        }
        case _SD_BUS_VTABLE_PROPERTY:
        case _SD_BUS_VTABLE_WRITABLE_PROPERTY:
            members.insert(property_text(vtable->x.property.member, vtable->x.property.signature,
                                         vtable->type == _SD_BUS_VTABLE_PROPERTY ? "read" : "readwrite",
                                         changes_text(vtable->flags), deprecated));
            break;
        default: // the start
            break;
        }
    }
    return members;
}

} // namespace digisign::test
