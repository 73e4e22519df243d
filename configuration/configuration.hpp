// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings in force, put together from all configuration files, and where each comes from.

#pragma once

#include "configuration/key.hpp"
#include "configuration/settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace digisign::configuration {

/// Where the layers are; without a slash at the end. Each layer overrides those before it, and the
/// administrator's policy all of them.
struct Directories {
    std::string vendor;        ///< *.conf
    std::string administrator; ///< digisign.conf, conf.d/*.conf; policy.d/*.conf, the policy
    std::string user;          ///< digisign.conf, conf.d/*.conf; empty if there is none
};

/// Of this installation and of the user who runs the program.
Directories installed_directories();

/// Where a value comes from.
struct Origin {
    enum class Layer { Default, Vendor, Administrator, User, Policy };

    Layer layer = Layer::Default;
    std::string file;     ///< empty with Default
    std::size_t line = 0; ///< 0 for the file as a whole, and with Default

    /// "default", "FILE:LINE" or "FILE".
    std::string text() const;
};

class Configuration {
public:
    struct Entry {
        const Key* key;
        Origin origin; ///< with Layer::Policy, nobody but the administrator can change it
    };

    /// Never fails: what is wrong with a file ends up in warnings(), and what the files before it say stays
    /// in force. A policy file is different: instead of a value that cannot be understood the key's strictest
    /// value holds; and if the file cannot be read or has a malformed line, that of every key.
    static Configuration load(const Directories& directories);

    const Settings& settings() const { return settings_; }
    /// One per key, in the order of keys().
    const std::vector<Entry>& entries() const { return entries_; }
    Value value(const Entry& entry) const { return entry.key->get(settings_); }
    /// "FILE:LINE: what is wrong and what holds instead", with text of the files in it.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    class Loader;

    Configuration() = default;

    Settings settings_;
    std::vector<Entry> entries_;
    std::vector<std::string> warnings_;
};

} // namespace digisign::configuration
