// SPDX-License-Identifier: LGPL-2.1-or-later
// Signs a PDF by appending a revision (ISO 32000-1 section 7.5.6): the input stays a prefix of the output, so
// that earlier signatures keep their meaning. The signature follows PAdES baseline B-B (EN 319 142-1).

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace digisign::documents {

struct PdfSignOptions {
    // UTF-8; an empty one is left out of the signature dictionary.
    std::string reason;
    std::string location;
    std::string contact;
    std::string name;

    /// Fully qualified name of the empty signature field to sign. Without one, a field that waits for a
    /// signature is used if there is exactly one, else an invisible field is added.
    std::optional<std::string> field;

    /// Opens an encrypted document; the owner's lifts restrictions on signing. Many such documents need none.
    std::string password;

    /// The time claimed in /M.
    std::chrono::sys_seconds signing_time;

    /// Offsets in a cross-reference table have ten digits; this leaves some room for what is appended.
    std::uint64_t max_input_size = 9'900'000'000;
};

/// The steps in their order: construct (looks at the input, writes nothing), prepare(), embed(), verify().
/// Memory use does not grow with the document. Neither descriptor is closed; both must stay open as long as
/// the object lives.
class PdfSigner {
public:
    /// `input` is an ordinary file open for reading. Throws Error: InputNotRegularFile, InputEmpty,
    /// DocumentTooLarge, NotPdf, PdfDamaged, PdfEncrypted, PdfSigningForbidden, PdfUnsupported,
    /// InvalidArgument (an option).
    PdfSigner(int input, PdfSignOptions options);
    ~PdfSigner();
    PdfSigner(PdfSigner&&) noexcept;
    PdfSigner& operator=(PdfSigner&&) noexcept;

    /// The fully qualified name of the field that will hold the signature.
    const std::string& field_name() const;

    /// What other programs may object to in the result although it is valid; sentences for people.
    const std::vector<std::string>& warnings() const;

    /// Writes the document with room for a CMS message of at most `reserved` octets to `output`, an empty
    /// ordinary file open for reading and writing, and returns the digest of what the signature covers.
    /// Throws Error: InputChanged, DiskFull, IoError, PdfUnsupported (the field demands another digest).
    Bytes prepare(int output, std::size_t reserved, Digest digest);

    /// Puts the CMS message into its place. Throws Error: Internal (it is larger than reserved), DiskFull,
    /// IoError.
    void embed(ByteView cms);

    /// Reads the output as a stranger would: opens it anew, finds the signature in it, hashes what it covers
    /// and checks all this against the certificate. Throws Error: SignatureInvalid, InputChanged.
    void verify(ByteView signer_certificate);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace digisign::documents
