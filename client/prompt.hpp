// SPDX-License-Identifier: LGPL-2.1-or-later
// What digisignd tells an agent with each question, as a value.

#pragma once

#include "client/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::client {

/// Details of the questions of Agent, see its XML; empty or absent where not given.
struct Prompt {
    /// Why the same thing is asked again.
    enum class Problem {
        None,
        Incorrect,
        Length,
        Characters,
        KnownWrong, ///< it was wrong before, so it was not sent
        Rejected,   ///< the card does not take this new PIN
        PadTimedOut,
        PadMismatch,
    };

    struct Requester {
        std::optional<unsigned> pid{};
        std::string executable{};
        std::string unit{};    ///< systemd unit or scope
        std::string sandbox{}; ///< "flatpak:ID", "snap:NAME"
        std::string terminal{};
        bool verified = false; ///< the above is certain
        std::string claims{};  ///< what a service says about the program behind it
    };

    std::string id;      ///< of the question
    std::string job;     ///< the same in all questions of one job
    std::string purpose; ///< Job.Kind
    std::string pin;     ///< label
    std::string role;    ///< Pin.Role, or "activation-code"
    std::string target;  ///< label of the PIN that gets a new value
    std::string token;
    std::string reader;
    unsigned min_length = 0;
    unsigned max_length = 0;
    bool only_digits = false;
    std::optional<unsigned> tries_left;
    std::string key;
    std::string certificate;            ///< common name
    std::vector<std::string> documents; ///< claimed
    unsigned signatures = 0;            ///< that one entry of the PIN serves
    Problem problem = Problem::None;
    Requester requester;
};

/// What Agent.Confirm asks.
enum class Question {
    LastTry,    ///< another wrong value blocks the PIN, or with a PUK the card for good
    TrivialPin, ///< the new PIN is easy to guess
    SamePin,    ///< the new PIN is the old one
    Batch,      ///< one entry of the PIN serves several signatures
};

/// Empty for a word that a newer service may have.
std::optional<Question> question_from_name(std::string_view name);

Prompt make_prompt(std::string id, const Dictionary& details);

} // namespace digisign::client
