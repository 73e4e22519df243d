// SPDX-License-Identifier: LGPL-2.1-or-later
// What digisignd knows, as values: readers, cards, their PINs, keys and certificates.

#pragma once

#include "client/connection.hpp"
#include "common/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::client {

enum class PcscState { Starting, Available, Unavailable, AccessDenied };
enum class ReaderState { Empty, Reading, Present, Busy, Mute, Unrecognized, Error };
enum class TokenState { Ready, NeedsActivation };
enum class PinRole { Authentication, Signature, Organisation, Puk };
enum class PinState { Usable, Blocked, Factory, Unknown };

/// The words of the interfaces' XML, for output.
std::string_view to_name(PcscState state);
std::string_view to_name(ReaderState state);
std::string_view to_name(TokenState state);
std::string_view to_name(PinRole role);
std::string_view to_name(PinState state);

// Paths to other objects are empty where there is none.

struct Reader {
    std::string path;
    std::string name;
    ReaderState state = ReaderState::Error;
    std::string problem; ///< a sentence; empty where all is well
    bool has_pin_pad = false;
    std::string token;
};

struct Token {
    std::string path;
    std::string label;
    std::string issuer;
    std::string manufacturer;
    std::string model;
    std::string serial_number;
    std::string driver;
    std::string generation;
    TokenState state = TokenState::Ready;
    std::vector<std::string> warnings;
    std::string reader;
};

struct Pin {
    std::string path;
    std::string token;
    std::string reference; ///< two hex digits
    std::string label;
    PinRole role = PinRole::Authentication;
    PinState state = PinState::Unknown;
    std::optional<unsigned> tries_left;
    unsigned min_length = 0;
    unsigned max_length = 0;
    bool can_change = false;
    bool can_unblock = false;
    std::string puk;
};

struct Key {
    std::string path;
    std::string token;
    std::string label;
    Bytes id;
    std::string algorithm;
    unsigned bits = 0;
    std::vector<std::string> usage;
    std::vector<std::string> mechanisms;
    std::string pin;
    bool always_authenticate = false;
};

struct Certificate {
    std::string path;
    std::string token;
    std::string fingerprint; ///< SHA-256, upper-case hex digits
    std::string label;
    Bytes id;
    Bytes der;
    std::string subject;
    std::string issuer;
    std::string serial_number;
    std::int64_t not_before = 0; ///< seconds since 1970-01-01 UTC
    std::int64_t not_after = 0;
    std::vector<std::string> usage;
    std::string email;
    bool authority = false;
    std::string key;
};

/// Readers are sorted by name, keys by id, a card's certificates likewise with the authorities' at the end.
struct DaemonState {
    std::string version;
    PcscState pcsc = PcscState::Starting;
    bool agent_available = false;
    std::vector<Reader> readers;
    std::vector<Token> tokens;
    std::vector<Pin> pins;
    std::vector<Key> keys;
    std::vector<Certificate> certificates;

    const Reader* find_reader(std::string_view path) const;
    const Token* find_token(std::string_view path) const;
    const Pin* find_pin(std::string_view path) const;
    const Key* find_key(std::string_view path) const;

    /// False while pcscd has not been asked yet or a card is still being read.
    bool settled() const;
};

/// Starts the daemon if it does not run.
DaemonState load_state(Connection& session);

/// As load_state(), but waits until the state is settled; once the deadline has passed, returns what there
/// is.
DaemonState load_settled_state(Connection& session, Deadline deadline);

/// How long reading a strange card may reasonably take.
inline constexpr std::chrono::seconds settle_timeout{30};

/// Why the reader is of no use now, a sentence without its end; empty if its card is present.
std::string problem(const Reader& reader);

/// Throws the Error that says why there is no card to work with: PcscUnavailable, PcscAccessDenied, NoReader,
/// NoCard, CardBusy, CardMute, CardUnrecognized, CardDataInvalid, NeedsActivation. Returns if there is one
/// that is ready.
void require_ready_token(const DaemonState& state);

} // namespace digisign::client
