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

namespace digisign::core {

/// Everything a person should see before typing a PIN.
struct PinPrompt {
    enum class Problem { None, Incorrect, Length, Characters };

    std::string purpose; ///< kind of the job: "sign", "verify-pin"
    std::string pin_label;
    std::string pin_role;
    std::string token_label;
    std::string reader;
    std::size_t min_length = 0;
    std::size_t max_length = 0;
    bool only_digits = true;
    std::optional<unsigned> tries_left;
    std::string key_label;           ///< empty unless a key is used
    std::string certificate_name;    ///< common name in the key's certificate
    std::string document;            ///< claimed by the requester
    Problem problem = Problem::None; ///< why it is asked again
    Requester requester;
};

/// The PIN as typed, or Error: Cancelled, TimedOut, AgentUnavailable (hung up, or answered nonsense).
using PinAnswer = std::variant<PinValue, Error>;

class Agent {
public:
    virtual ~Agent() = default;

    /// False for a PIN that comes from a file descriptor: it is offered once and never for the last try.
    virtual bool interactive() const = 0;

    /// Asks; `answer` is called exactly once, later, on the loop thread, unless cancel() came first.
    virtual void request_pin(const std::string& request_id, const PinPrompt& prompt,
                             std::function<void(PinAnswer)> answer) = 0;

    /// Takes the prompt away; its answer is not called any more. No effect once it was answered.
    virtual void cancel(const std::string& request_id, ErrorCode reason) = 0;
};

} // namespace digisign::core
