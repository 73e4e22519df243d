// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/settings.hpp"

#include "common/error.hpp"

#include <charconv>
#include <fstream>

namespace digisign::pin_pad_reader {

namespace {

template <typename Number>
bool read_number(const std::string& text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool apply(Settings& settings, const std::string& name, const std::string& value) {
    if (name == "port")
        return read_number(value, settings.port);
    if (name == "min-length")
        return read_number(value, settings.limits.min_length);
    if (name == "max-length")
        return read_number(value, settings.limits.max_length);
    if (name == "keypad")
        settings.keypad = value;
    else if (name == "feature")
        settings.features.insert(value);
    else
        return false;
    return true;
}

} // namespace

Settings read_settings(const std::string& path) {
    std::ifstream file(path);
    Settings settings;
    std::string name;
    std::string value;
    while (file >> name >> value)
        if (!apply(settings, name, value))
            throw Error(ErrorCode::ConfigurationInvalid, path + ": " + name + ' ' + value);
    if (settings.port == 0)
        throw Error(ErrorCode::ConfigurationInvalid, path + ": there is no port");
    return settings;
}

} // namespace digisign::pin_pad_reader
