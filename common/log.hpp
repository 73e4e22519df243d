// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages for the journal: one line on stderr, with the level in the form sd-daemon(3) describes.

#pragma once

#include <string_view>

namespace digisign::log {

enum class Level { Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

/// Messages above `level` are dropped. The default is Info; DIGISIGN_LOG=debug|info|notice|warning|error changes it.
void set_level(Level level);
void set_level_from_environment();
bool enabled(Level level);

/// Takes text only: there is no overload for a PIN, a buffer or an APDU, and there shall be none.
void write(Level level, std::string_view message);

inline void error(std::string_view message) { write(Level::Error, message); }
inline void warning(std::string_view message) { write(Level::Warning, message); }
inline void notice(std::string_view message) { write(Level::Notice, message); }
inline void info(std::string_view message) { write(Level::Info, message); }
inline void debug(std::string_view message) { write(Level::Debug, message); }

} // namespace digisign::log
