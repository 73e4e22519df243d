// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the certificate a person or program means, and the one to sign with when nobody said which.

#pragma once

#include "client/daemon_state.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::client {

/// Those that `selector` fits: an object path, hex digits of Certificate.Id, the start of the SHA-256
/// fingerprint (at least 6 digits), a label or the subject's common name. The first of these readings that
/// finds anything counts.
std::vector<const Certificate*> find_certificates(const DaemonState& state, std::string_view selector);

/// The one that find_certificates() finds; throws Error CertificateNotFound, CertificateAmbiguous (naming
/// them all).
const Certificate& select_certificate(const DaemonState& state, std::string_view selector);

/// The certificate to sign documents with: a holder's one with a key on the card, of non-repudiation usage
/// where there is such a one, and not expired at `now` (seconds since 1970) where another one is not. Throws
/// Error CertificateNotFound, CertificateAmbiguous (naming the candidates).
const Certificate& default_signing_certificate(const DaemonState& state, std::int64_t now);

/// Common name of an RFC 4514 distinguished name; the whole name where it has none.
std::string common_name(std::string_view distinguished_name);

/// One line that tells certificates apart: common name, purpose, expiry, card, reader, how to select it.
std::string describe(const DaemonState& state, const Certificate& certificate);

} // namespace digisign::client
