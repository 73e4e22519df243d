// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl sign

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/document.hpp"
#include "cli/document_password.hpp"
#include "cli/pin_job.hpp"
#include "client/certificate_choice.hpp"
#include "client/documents.hpp"
#include "common/error.hpp"
#include "common/file.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <optional>
#include <string>

namespace digisign::cli {

namespace {

struct SignArguments {
    std::string file;
    std::string output;
    std::string certificate;
    std::string reason;
    std::string location;
    std::string contact;
    std::string name;
    bool overwrite = false;
    PinDescriptors descriptors;
    std::optional<int> password_fd;
};

/// D-Bus carries UTF-8 only, and the PDF shall say what was typed.
const std::string& require_utf8(const std::string& text, const char* option) {
    if (printable(text) != text)
        throw Error(ErrorCode::InvalidArgument,
                    std::string(option) + " is not plain UTF-8 text without control characters");
    return text;
}

/// The service chooses where the person did not.
std::string resolve_certificate(PinJob& job, const std::string& selector) {
    return selector.empty() ? "" : client::select_certificate(job.load_state(), selector).path;
}

void print_result(const std::string& path, const client::SignedPdf& result) {
    const std::size_t id = result.certificate.rfind('/') + 1;
    print("Signed:      " + colored(Color::Bold, printable(path)) + "\n");
    print("Signer:      " + printable(result.signer) + "\n");
    print("Certificate: " + printable(result.certificate.substr(id)) + "\n");
    print("Level:       PAdES B-B\n");
}

void sign(const SignArguments& arguments) {
    if (arguments.output == "-")
        throw Error(ErrorCode::InvalidArgument,
                    "a signed document cannot go to standard output; name a file");
    const InputDocument input = open_document(arguments.file);
    OutputFile output(arguments.output.empty() ? default_output_path(arguments.file) : arguments.output,
                      arguments.overwrite ? OutputFile::IfExists::Replace : OutputFile::IfExists::Refuse,
                      input.mode);
    client::SignPdfOptions options{.reason = require_utf8(arguments.reason, "--reason"),
                                   .location = require_utf8(arguments.location, "--location"),
                                   .contact = require_utf8(arguments.contact, "--contact"),
                                   .name = require_utf8(arguments.name, "--name"),
                                   .document = document_name(arguments.file)};
    if (arguments.password_fd)
        options.password = read_document_password(*arguments.password_fd);

    PinJob job("Signing", arguments.descriptors);
    options.agent = job.connect().agent;
    options.certificate = resolve_certificate(job, arguments.certificate);

    const client::SignedPdf result =
        client::sign_pdf(job.session(), input.fd.get(), output.fd(), options, job.on_status());
    output.commit();
    job.finish();
    print_result(output.path(), result);
    flush_output(); // before a signal that came too late ends the program
}

} // namespace

void add_sign(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb = add_verb(parser, "sign", "Sign a PDF document");
    const auto arguments = std::make_shared<SignArguments>();
    verb.add_option("FILE", arguments->file, "The document; it stays as it is")->required();
    verb.add_option("-o,--output", arguments->output,
                    "Where the signed copy goes (default: FILE-signed.pdf)");
    verb.add_option("-c,--certificate", arguments->certificate,
                    "Sign with this one: id, start of the fingerprint (6 digits or more), label or name");
    verb.add_option("--reason", arguments->reason, "Why it is signed, stated in the signature");
    verb.add_option("--location", arguments->location, "Where it is signed");
    verb.add_option("--contact", arguments->contact, "How the signer can be reached");
    verb.add_option("--name", arguments->name, "Name of the signer (the certificate tells it anyway)");
    verb.add_flag("--overwrite", arguments->overwrite, "Replace the output if it exists");
    add_pin_fd(verb, arguments->descriptors);
    verb.add_option(
            "--document-password-fd", arguments->password_fd,
            "Read the password of an encrypted document from this file descriptor, up to the end of the line")
        ->check(CLI::NonNegativeNumber);
    verb.callback([&command_line, arguments] { command_line.action = [arguments] { sign(*arguments); }; });
}

} // namespace digisign::cli
