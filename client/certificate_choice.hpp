// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the certificate a person or program means, and the one to sign with when nobody said which.

#pragma once

#include "client/daemon_state.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::client {

/// Those that `selector` fits: an object path, hex digits of Certificate.Id, the start of the SHA-256
/// fingerprint (at least 6 digits), a label or the subject's common name. The first of these readings that
/// finds anything counts.
std::vector<const Certificate*> find_certificates(const DaemonState& state, std::string_view selector);

/// The one that find_certificates() finds; throws Error CertificateNotFound, CertificateAmbiguous (naming
/// them all). Where there is no card at all, the error of require_ready_token().
const Certificate& select_certificate(const DaemonState& state, std::string_view selector);

/// The certificate to sign documents with: a holder's one whose key is on the card; where some of these are
/// meant for non-repudiation, only they count; of several for one person on one card (an RSA and an EC key)
/// the one with the lowest id, which is the card's main one. Throws Error CertificateNotFound,
/// CertificateExpired if none is valid at `now`, CertificateAmbiguous if several are (naming them), or the
/// error of require_ready_token().
const Certificate& default_signing_certificate(const DaemonState& state, std::chrono::sys_seconds now);

/// Throws Error(CertificateExpired), also for one that is not valid yet.
void require_valid(const Certificate& certificate, std::chrono::sys_seconds now);

/// One line that tells certificates apart: id, common name, purpose, expiry, card and reader.
std::string describe(const DaemonState& state, const Certificate& certificate);

/// "signature", "authentication", "encryption" or "authority", by the certificate's usage.
std::string_view purpose(const Certificate& certificate);

/// "2030-12-31", UTC.
std::string date(std::int64_t seconds_since_1970);

} // namespace digisign::client
