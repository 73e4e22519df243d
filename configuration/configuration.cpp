// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/configuration.hpp"

#include "common/runtime_dir.hpp"
#include "common/utf8.hpp"
#include "config.hpp"
#include "configuration/config_file.hpp"
#include "configuration/ini_file.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace digisign::configuration {

namespace {

using Layer = Origin::Layer;

/// A file that is no configuration at all shall not fill the log.
constexpr std::size_t max_warnings_per_file = 10;

constexpr std::size_t max_quoted = 60;

std::string quoted(std::string_view text) {
    const bool cut = text.size() > max_quoted;
    return "\"" + printable_utf8(as_bytes(text.substr(0, max_quoted))) + (cut ? "…\"" : "\"");
}

Owner owner_of(Layer layer) {
    return layer == Layer::User ? Owner::UserOrRoot : Owner::Anybody;
}

} // namespace

Directories installed_directories() {
    return {.vendor = DIGISIGN_VENDOR_CONFIG_DIR,
            .administrator = DIGISIGN_SYSTEM_CONFIG_DIR,
            .user = user_config_dir()};
}

std::string Origin::text() const {
    if (layer == Layer::Default)
        return "default";
    return line == 0 ? file : file + ":" + std::to_string(line);
}

class Configuration::Loader {
public:
    explicit Loader(Configuration& target) : target_(target) {
        for (const Key& key : keys())
            target_.entries_.push_back({&key, {}});
    }

    void add_directory(const std::string& path, Layer layer) {
        for (const ConfigFile& file : read_config_directory(path, owner_of(layer)))
            add(file, layer);
    }

    void add_main_file_and_drop_ins(const std::string& directory, Layer layer) {
        add(read_config_file(directory + "/digisign.conf", owner_of(layer)), layer);
        add_directory(directory + "/conf.d", layer);
    }

private:
    void add(const ConfigFile& file, Layer layer) {
        if (std::holds_alternative<ConfigFile::Absent>(file.content))
            return;
        Origin origin{layer, file.path};
        warnings_of_file_ = 0;
        if (const auto* unreadable = std::get_if<ConfigFile::Unreadable>(&file.content)) {
            distrust_file(origin, "cannot be read: " + unreadable->reason);
            return;
        }
        for (const IniLine& line : read_ini(std::get<std::string>(file.content))) {
            origin.line = line.number;
            if (line.kind == IniLine::Kind::Assignment) {
                assign(origin, line);
                continue;
            }
            distrust_file(origin, "neither [section] nor key = value below one");
            if (layer == Layer::Policy)
                return;
        }
    }

    void assign(const Origin& origin, const IniLine& line) {
        const Key* key = find_key(line.section, line.name);
        if (key == nullptr) {
            // Not a reason to distrust a policy: it may be written for a newer version.
            warn(origin, "there is no key " + quoted(line.name) + " in section " + quoted(line.section));
            return;
        }
        std::optional<Value> value = parse_value(*key, line.value);
        if (!value) {
            const std::string what =
                quoted(line.value) + " is no value of " + full_name(*key) + " (" + allowed_values(*key) + ")";
            if (origin.layer != Layer::Policy) {
                warn(origin, what + "; the line is ignored");
                return;
            }
            warn(origin, what + "; its strictest value holds, " + value_text(key->strictest));
            value = key->strictest;
        }
        set(entry_of(*key), *value, origin);
    }

    void distrust_file(const Origin& origin, const std::string& what) {
        if (origin.layer != Layer::Policy) {
            warn(origin, what + "; " + (origin.line == 0 ? "it" : "the line") + " is ignored");
            return;
        }
        warn(origin, what + "; as it is a policy file, the strictest value of every key holds");
        for (Entry& entry : target_.entries_)
            set(entry, entry.key->strictest, origin);
    }

    void set(Entry& entry, const Value& value, const Origin& origin) {
        if (origin.layer == Layer::Policy && entry.origin.layer == Layer::User &&
            value != target_.value(entry))
            warn(entry.origin, full_name(*entry.key) + " is held by the administrator's policy (" +
                                   origin.text() + "); the line has no effect");
        entry.key->set(target_.settings_, value);
        entry.origin = origin;
    }

    Entry& entry_of(const Key& key) {
        return *std::ranges::find(target_.entries_, &key, &Entry::key); // there is one per key
    }

    void warn(const Origin& origin, const std::string& what) {
        if (++warnings_of_file_ <= max_warnings_per_file)
            target_.warnings_.push_back(origin.text() + ": " + what);
        else if (warnings_of_file_ == max_warnings_per_file + 1)
            target_.warnings_.push_back(origin.file + ": there is more wrong with it");
    }

    Configuration& target_;
    std::size_t warnings_of_file_ = 0;
};

Configuration Configuration::load(const Directories& directories) {
    Configuration configuration;
    Loader loader(configuration);
    loader.add_directory(directories.vendor, Layer::Vendor);
    loader.add_main_file_and_drop_ins(directories.administrator, Layer::Administrator);
    if (!directories.user.empty())
        loader.add_main_file_and_drop_ins(directories.user, Layer::User);
    loader.add_directory(directories.administrator + "/policy.d", Layer::Policy);
    return configuration;
}

} // namespace digisign::configuration
