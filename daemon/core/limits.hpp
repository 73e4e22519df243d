// SPDX-License-Identifier: LGPL-2.1-or-later
// Bounds on whatever a client or a card controls.

#pragma once

#include <chrono>
#include <cstddef>

namespace digisign::core::limits {

/// A program's threads may all wait for the card at a time.
inline constexpr std::size_t jobs_per_client = 256;
inline constexpr std::size_t jobs_in_all = 1024;
inline constexpr std::size_t handle_length = 64;

/// Fewer tries left than this are a reason to worry.
inline constexpr unsigned alarming_tries = 3;

/// Data of a signature without a digest in its mechanism; an RSA-4096 modulus.
inline constexpr std::size_t sign_data = 512;

/// Data of one call that a digest or a key in software is applied to.
inline constexpr std::size_t software_data = 0x10000;

/// A public key that somebody wants used: longer ones take tens of milliseconds, in which everybody waits.
inline constexpr std::size_t public_key_bits = 8192;
inline constexpr std::size_t public_exponent = 8;
inline constexpr std::size_t public_key = 1200; ///< SubjectPublicKeyInfo

/// Answers and signals that one client has not read. It cannot have more calls under way than threads.
inline constexpr std::size_t unread_messages = 1024;

/// Digests that one client has begun.
inline constexpr std::size_t digest_streams = 1024;

/// How long a login outlives the last session of a PKCS#11 program, see Cryptoki.Logout.
inline constexpr std::chrono::seconds login_linger{2};

/// Documents of one batch: more than a person can look through is no consent.
inline constexpr std::size_t batch_items = 100;

/// Text that others want shown in a prompt.
inline constexpr std::size_t shown_text = 512;

} // namespace digisign::core::limits
