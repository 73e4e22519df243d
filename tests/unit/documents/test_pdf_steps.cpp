// SPDX-License-Identifier: LGPL-2.1-or-later
// The steps of PdfSigner when something goes wrong between them. What it makes of documents:
// test_pdf_signer.py.

#include "common/error.hpp"
#include "documents/cms/cms_builder.hpp"
#include "documents/cms/hasher.hpp"
#include "documents/pdf/document_io.hpp"
#include "documents/pdf/pdf_signer.hpp"
#include "tests/unit/documents/temporary_file.hpp"
#include "tests/unit/documents/test_pki.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <functional>

using namespace digisign;
using namespace digisign::documents;
using digisign::test::TemporaryFile;
using digisign::test::TestPki;

namespace {

constexpr SignatureMechanism ecdsa{SignatureScheme::Ecdsa, Digest::Sha256};
constexpr std::size_t reserved = 4096;

const std::string document =
    "%PDF-1.4\n"
    "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
    "xref\n0 4\n"
    "0000000000 65535 f\r\n0000000009 00000 n\r\n0000000058 00000 n\r\n0000000115 00000 n\r\n"
    "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n182\n%%EOF\n";

const TestPki& pki() {
    static const TestPki made(test::KeyKind::P256);
    return made;
}

Bytes sign_cms(const Bytes& content_digest) {
    CmsBuilder builder(pki().signer_certificate(), pki().authorities(), ecdsa);
    return builder.finish(pki().sign(ecdsa, builder.signed_attributes_digest(content_digest)));
}

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        UNSCOPED_INFO(error.what());
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::Internal;
}

std::string content_of(const TemporaryFile& file) {
    return read_at(file.fd(), 0, 100'000);
}

} // namespace

TEST_CASE("pdf_signer__all_steps__verifies_and_the_input_is_a_prefix") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    CHECK(signer.field_name() == "Signature1");
    CHECK(signer.warnings().empty());
    signer.embed(sign_cms(signer.prepare(output.fd(), reserved, Digest::Sha256)));
    CHECK_NOTHROW(signer.verify(pki().signer_certificate()));
    CHECK(content_of(output).starts_with(document));
    CHECK(content_of(input) == document);
}

TEST_CASE("pdf_signer__digest_returned__is_that_of_all_but_the_contents") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    const Bytes digest = signer.prepare(output.fd(), reserved, Digest::Sha384);
    std::string signed_part = content_of(output);
    const std::string token = '<' + std::string(2 * reserved, '0') + '>';
    const std::size_t at = signed_part.find(token);
    REQUIRE(at != std::string::npos);
    CHECK(hash(Digest::Sha384, as_bytes(signed_part.erase(at, token.size()))) == digest);
}

TEST_CASE("pdf_signer__input_grows_before_prepare__is_input_changed") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    write_all(input.fd(), as_bytes("more"));
    CHECK(code_of([&] { signer.prepare(output.fd(), reserved, Digest::Sha256); }) == ErrorCode::InputChanged);
}

TEST_CASE("pdf_signer__input_shrinks_before_prepare__is_input_changed") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    REQUIRE(::ftruncate(input.fd(), 300) == 0);
    CHECK(code_of([&] { signer.prepare(output.fd(), reserved, Digest::Sha256); }) == ErrorCode::InputChanged);
}

TEST_CASE("pdf_signer__input_written_to_while_the_card_signs__is_input_changed") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    signer.embed(sign_cms(signer.prepare(output.fd(), reserved, Digest::Sha256)));
    write_all(input.fd(), as_bytes("more"));
    CHECK(code_of([&] { signer.verify(pki().signer_certificate()); }) == ErrorCode::InputChanged);
}

TEST_CASE("pdf_signer__output_written_to_by_somebody__is_signature_invalid") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    signer.embed(sign_cms(signer.prepare(output.fd(), reserved, Digest::Sha256)));
    const std::size_t offset = GENERATE(0U, 170U, 500U, 20'000U);
    write_at(output.fd(), offset, as_bytes("?"));
    CHECK(code_of([&] { signer.verify(pki().signer_certificate()); }) == ErrorCode::SignatureInvalid);
}

TEST_CASE("pdf_signer__message_over_something_else__is_signature_invalid") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    signer.prepare(output.fd(), reserved, Digest::Sha256);
    CHECK(code_of([&] { signer.verify(pki().signer_certificate()); }) == ErrorCode::SignatureInvalid);
    signer.embed(sign_cms(Bytes(32)));
    CHECK(code_of([&] { signer.verify(pki().signer_certificate()); }) == ErrorCode::SignatureInvalid);
}

TEST_CASE("pdf_signer__message_larger_than_reserved__is_refused_and_nothing_written") {
    const TemporaryFile input(document);
    const TemporaryFile output;
    PdfSigner signer(input.fd(), {});
    signer.prepare(output.fd(), 100, Digest::Sha256);
    const std::string before = content_of(output);
    CHECK(code_of([&] { signer.embed(Bytes(101)); }) == ErrorCode::Internal);
    CHECK(content_of(output) == before);
    CHECK_NOTHROW(signer.embed(Bytes(100)));
}

TEST_CASE("pdf_signer__output_not_empty__is_refused") {
    const TemporaryFile input(document);
    const TemporaryFile output("something");
    PdfSigner signer(input.fd(), {});
    CHECK(code_of([&] { signer.prepare(output.fd(), reserved, Digest::Sha256); }) ==
          ErrorCode::InvalidArgument);
    CHECK(content_of(output) == "something");
}

TEST_CASE("pdf_signer__offset_of_the_descriptors__does_not_matter") {
    const TemporaryFile input(document); // its offset is at its end
    const TemporaryFile output;
    REQUIRE(::lseek(output.fd(), 77, SEEK_SET) == 77);
    PdfSigner signer(input.fd(), {});
    signer.embed(sign_cms(signer.prepare(output.fd(), reserved, Digest::Sha256)));
    CHECK_NOTHROW(signer.verify(pki().signer_certificate()));
}
