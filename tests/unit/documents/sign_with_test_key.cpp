// SPDX-License-Identifier: LGPL-2.1-or-later
// Drives the document library without a card, for tests and measurements:
//
//   sign_with_test_key make-pki rsa2048|p256|p384 DIRECTORY
//   sign_with_test_key sign DIRECTORY INPUT OUTPUT [KEY=VALUE…]
//
// The keys are mechanism, field, reason, location, contact, name, password and max-size. "sign" prints one
// line, "signed FIELD" or "refused CODE MESSAGE", then one "warning …" line each; its exit status is 0 in
// both cases and 1 if it was called wrongly.

#include "common/error.hpp"
#include "common/unique_fd.hpp"
#include "documents/cms/cms_builder.hpp"
#include "documents/pdf/pdf_signer.hpp"
#include "tests/unit/documents/test_pki.hpp"

#include <fcntl.h>

#include <cstdio>
#include <cstring>
#include <map>

namespace {

using namespace digisign;

test::KeyKind key_kind(const std::string& name) {
    if (name == "rsa2048")
        return test::KeyKind::Rsa2048;
    return name == "p256" ? test::KeyKind::P256 : test::KeyKind::P384;
}

UniqueFd open_or_throw(const char* path, int flags) {
    UniqueFd fd(::open(path, flags | O_CLOEXEC, 0600));
    if (!fd)
        throw error_from_errno(errno, path);
    return fd;
}

documents::PdfSigner sign(const test::TestPki& pki, int input, int output,
                          std::map<std::string, std::string> values) {
    documents::PdfSignOptions options;
    options.reason = values["reason"];
    options.location = values["location"];
    options.contact = values["contact"];
    options.name = values["name"];
    options.password = values["password"];
    options.signing_time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (values.contains("field"))
        options.field = values["field"];
    if (values.contains("max-size"))
        options.max_input_size = std::stoull(values["max-size"]);

    const Bytes certificate = pki.signer_certificate();
    const SignatureMechanism mechanism = values.contains("mechanism")
                                             ? mechanism_from_name(values["mechanism"]).value()
                                             : documents::default_mechanism(certificate);
    documents::CmsBuilder cms(certificate, pki.authorities(), mechanism);
    documents::PdfSigner pdf(input, options);
    const Bytes content_digest = pdf.prepare(output, cms.size_estimate(), cms.digest());
    pdf.embed(cms.finish(pki.sign(mechanism, cms.signed_attributes_digest(content_digest))));
    pdf.verify(certificate);
    return pdf;
}

int sign_command(int argc, char** argv) {
    std::map<std::string, std::string> values;
    for (int i = 5; i < argc; ++i) {
        const std::string argument = argv[i];
        values[argument.substr(0, argument.find('='))] = argument.substr(argument.find('=') + 1);
    }
    try {
        const UniqueFd input = open_or_throw(argv[3], O_RDONLY);
        const UniqueFd output = open_or_throw(argv[4], O_RDWR | O_CREAT | O_TRUNC);
        const documents::PdfSigner pdf =
            sign(test::TestPki::load(argv[2]), input.get(), output.get(), values);
        std::printf("signed %s\n", pdf.field_name().c_str());
        for (const std::string& warning : pdf.warnings())
            std::printf("warning %s\n", warning.c_str());
    } catch (const Error& error) {
        std::printf("refused %s %s\n", std::string(error_info(error.code()).name).c_str(), error.what());
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::strcmp(argv[1], "make-pki") == 0) {
        test::TestPki(key_kind(argv[2])).save(argv[3]);
        return 0;
    }
    if (argc >= 5 && std::strcmp(argv[1], "sign") == 0)
        return sign_command(argc, argv);
    std::fprintf(stderr, "usage: see the head of sign_with_test_key.cpp\n");
    return 1;
}
