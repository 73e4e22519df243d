// SPDX-License-Identifier: LGPL-2.1-or-later
// Who asks a person for a PIN, and what they are told. Implemented by daemon/bus for programs on the private
// socket.

#pragma once

#include "common/error.hpp"
#include "common/pin_value.hpp"
#include "daemon/core/requester.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace digisign::core {

/// Everything a person should see before typing a PIN or agreeing to something.
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

    std::string job;     ///< the same in all questions of one job
    std::string purpose; ///< kind of the job: "sign", "verify-pin", "change-pin" …
    std::string pin_label;
    std::string pin_role; ///< name of PinRole, or "activation-code"
    std::string target;   ///< label of the PIN that gets a new value, where another one is asked for
    std::string token_label;
    std::string reader;
    std::size_t min_length = 0;
    std::size_t max_length = 0;
    bool only_digits = true;
    std::optional<unsigned> tries_left;
    std::string key_label;              ///< empty unless a key is used
    std::string certificate_name;       ///< common name in the key's certificate
    std::vector<std::string> documents; ///< claimed by the requester
    std::size_t signatures = 0; ///< how many one entry of the PIN is to serve; 0 where nothing is signed
    Problem problem = Problem::None;
    Requester requester;
};

/// What a person has to agree to before the job goes on.
enum class Question {
    LastTry,    ///< another wrong value blocks the PIN, or with a PUK the card for good
    TrivialPin, ///< the new PIN is easy to guess
    SamePin,    ///< the new PIN is the old one
    Batch,      ///< one entry of the PIN serves several signatures
};

/// The PIN as typed, or Error: Cancelled, TimedOut, AgentUnavailable (hung up, or answered nonsense).
using PinAnswer = std::variant<PinValue, Error>;
/// Whether the person agrees, or Error as above.
using ConfirmAnswer = std::variant<bool, Error>;

/// Every question has an id of its own and is answered exactly once, later, on the loop thread, unless
/// cancel() came first.
class Agent {
public:
    virtual ~Agent() = default;

    /// False for a PIN that comes from a file descriptor: it is asked once per job for each thing it has to
    /// give, never for the last try, and never to agree to something.
    virtual bool interactive() const = 0;

    virtual void request_pin(const std::string& id, const Prompt& prompt,
                             std::function<void(PinAnswer)> answer) = 0;

    /// A new value, which the agent lets the person repeat.
    virtual void request_new_pin(const std::string& id, const Prompt& prompt,
                                 std::function<void(PinAnswer)> answer) = 0;

    virtual void confirm(const std::string& id, Question question, const Prompt& prompt,
                         std::function<void(ConfirmAnswer)> answer) = 0;

    /// "Type on the reader", from now until the next question of the same job or its release(). `declined` is
    /// called at most once, if the person does not want to.
    virtual void show_pin_pad(const std::string& id, const Prompt& prompt,
                              std::function<void(Error)> declined) = 0;

    /// Takes a question away; its answer is not called any more. No effect once it was answered.
    virtual void cancel(const std::string& id, ErrorCode reason) = 0;

    /// Nothing more will be asked for this job, and no answer is called any more.
    virtual void release(const std::string& job) = 0;
};

} // namespace digisign::core
