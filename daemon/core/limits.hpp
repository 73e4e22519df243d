// SPDX-License-Identifier: LGPL-2.1-or-later
// Bounds on whatever a client or a card controls.

#pragma once

#include <chrono>
#include <cstddef>

namespace digisign::core::limits {

/// One request to the card, waiting for its turn included. A 4096-bit signature takes some 2 s on slow cards;
/// vendors' readers ask for more time (S-block WTX) without end, so there has to be one.
inline constexpr std::chrono::seconds card_timeout{30};

/// For typing a PIN. Slow typists and people who look for the letter with it need minutes.
inline constexpr std::chrono::minutes prompt_timeout{5};

inline constexpr std::size_t jobs_per_client = 64;
inline constexpr std::size_t jobs_in_all = 512;
inline constexpr std::size_t handle_length = 64;

/// Fewer tries left than this are a reason to worry.
inline constexpr unsigned alarming_tries = 3;

/// Data of a signature without a digest in its mechanism; an RSA-4096 modulus.
inline constexpr std::size_t sign_data = 512;

/// Text that others want shown in a prompt.
inline constexpr std::size_t shown_text = 512;

} // namespace digisign::core::limits
