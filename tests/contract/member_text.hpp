// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of InterfaceDescription.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace digisign::test {

struct Argument {
    std::string type;
    std::string name;
};

inline std::string arguments_text(const std::vector<Argument>& arguments) {
    std::string text = "(";
    for (const Argument& argument : arguments)
        text += (text.size() > 1 ? ", " : "") + argument.type + " " + argument.name;
    return text + ")";
}

inline std::string method_text(const std::string& name, const std::vector<Argument>& in,
                               const std::vector<Argument>& out, bool deprecated) {
    return "method " + name + arguments_text(in) + " → " + arguments_text(out) +
           (deprecated ? ", deprecated" : "");
}

inline std::string signal_text(const std::string& name, const std::vector<Argument>& arguments,
                               bool deprecated) {
    return "signal " + name + arguments_text(arguments) + (deprecated ? ", deprecated" : "");
}

/// `changes` is a value of the annotation org.freedesktop.DBus.Property.EmitsChangedSignal.
inline std::string property_text(const std::string& name, const std::string& type, const std::string& access,
                                 const std::string& changes, bool deprecated) {
    return "property " + name + " " + type + ", " + access + ", changes: " + changes +
           (deprecated ? ", deprecated" : "");
}

} // namespace digisign::test
