// SPDX-License-Identifier: LGPL-2.1-or-later
// What a job is to do, and what came of it.

#pragma once

#include "daemon/core/agent.hpp"
#include "daemon/core/ports.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace digisign::core {

/// Presents the PIN to test it; with `login` it stays verified for the client.
struct VerifyPinWork {
    std::uint8_t pin = 0; ///< PinDescription::reference
    bool login = false;
    bool again = false; ///< also if the client is logged in already
};

struct SignWork {
    struct Item {
        std::string document; ///< claimed by the requester, for the prompt; may be empty
        Bytes data;
    };

    enum class Kind { One, Batch, Test };

    Kind kind = Kind::One;
    Bytes key_id;
    SignatureMechanism mechanism{};
    std::vector<Item> items; ///< one, unless it is a batch
};

struct DecryptWork {
    Bytes key_id;
    DecipherMechanism mechanism{};
    Bytes cryptogram;
};

/// ECDH (SP 800-56A section 5.7.1.2), and a key derivation after it.
struct DeriveWork {
    Bytes key_id;
    Bytes peer_point;          ///< uncompressed
    Digest kdf = Digest::None; ///< of ANSI X9.63; None for the shared X coordinate itself
    Bytes shared_info;         ///< of the key derivation
    std::size_t length = 0;    ///< of the secret; 0 for the whole X coordinate
};

struct SetPinWork {
    SetPinRequest::Proof proof{};
    std::uint8_t pin = 0; ///< the PIN that gets a new value
};

struct ActivateWork {};

struct JobRequest {
    ClientId client{};
    std::string client_handle; ///< last element of the job's object path
    CardSessionId session{};
    std::variant<VerifyPinWork, SignWork, DecryptWork, DeriveWork, SetPinWork, ActivateWork> work;
    std::shared_ptr<Agent> agent; ///< null where nobody can be asked
    std::string requester_claims;
};

/// "sign", "sign-batch", "test-key", "decrypt", "derive", "verify-pin", "login", "change-pin", "unblock-pin",
/// "activate".
std::string_view kind_of(const JobRequest& request);

/// Of a job that is done.
struct JobResult {
    std::vector<Bytes> signatures; ///< parallel to SignWork::items
    /// Of DecryptWork and DeriveWork. Results are copied on their way, a secret is not.
    std::shared_ptr<const SecureBuffer> secret;
    std::vector<std::string> warnings; ///< "trivial-pin", "same-pin"
};

struct JobOutcome {
    enum class Kind { Done, Failed, Cancelled };

    Kind kind = Kind::Done;
    std::optional<Error> error;         ///< with Failed and Cancelled
    std::optional<unsigned> tries_left; ///< with PinIncorrect, where the card tells
    JobResult result;                   ///< with Done
};

} // namespace digisign::core
