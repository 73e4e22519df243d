// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a document to be signed. They are refused with an Error, or signed so that the signature
// verifies; anything else is a finding.

#include "common/error.hpp"
#include "documents/cms/cms_builder.hpp"
#include "documents/pdf/pdf_signer.hpp"
#include "tests/unit/documents/temporary_file.hpp"
#include "tests/unit/documents/test_pki.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace digisign;

constexpr SignatureMechanism mechanism{SignatureScheme::Ecdsa, Digest::Sha256};

void sign(documents::PdfSigner& pdf, int output) {
    static const test::TestPki pki(test::KeyKind::P256);
    documents::CmsBuilder cms(pki.signer_certificate(), pki.authorities(), mechanism);
    const Bytes content_digest = pdf.prepare(output, cms.size_estimate(), cms.digest());
    pdf.embed(cms.finish(pki.sign(mechanism, cms.signed_attributes_digest(content_digest))));
    try {
        pdf.verify(pki.signer_certificate());
    } catch (const Error& error) {
        std::fprintf(stderr, "what was signed does not verify: %s\n", error.what());
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const test::TemporaryFile input(std::string_view(reinterpret_cast<const char*>(data), size));
    const test::TemporaryFile output;
    try {
        documents::PdfSigner pdf(input.fd(), {});
        sign(pdf, output.fd());
    } catch (const Error&) {
        // the document is refused
    }
    return 0;
}
