// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/sign_pdf_job.hpp"

#include "client/certificate_choice.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"
#include "client/distinguished_name.hpp"
#include "client/key.hpp"
#include "common/log.hpp"
#include "documents/caller.hpp"
#include "documents/cms/cms_builder.hpp"
#include "documents/pdf/pdf_signer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <vector>

namespace digisign::documents {

namespace {

using std::chrono::system_clock;

/// Steps of a job as far as they can be told apart; hashing and copying are most of the time without the
/// person.
constexpr double document_read = 0.1;
constexpr double document_prepared = 0.5;
constexpr double card_has_signed = 0.7;
constexpr double signature_embedded = 0.8;

/// Empties the output unless all went well: what it holds then is of no use to anybody.
class OutputGuard {
public:
    explicit OutputGuard(int fd) : fd_(fd) {}
    ~OutputGuard() {
        if (!kept_ && ::ftruncate(fd_, 0) != 0)
            log::warning("cannot empty the output of a document that was not signed");
    }
    OutputGuard(const OutputGuard&) = delete;
    OutputGuard& operator=(const OutputGuard&) = delete;

    void keep() { kept_ = true; }

private:
    int fd_;
    bool kept_ = false;
};

std::uint64_t file_size(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0)
        throw error_from_errno(errno, "cannot tell the size of the signed document");
    return static_cast<std::uint64_t>(info.st_size);
}

const client::Certificate& choose_certificate(const client::DaemonState& state, const std::string& selector) {
    const auto now = std::chrono::floor<std::chrono::seconds>(system_clock::now());
    if (selector.empty())
        return client::default_signing_certificate(state, now);
    const client::Certificate& certificate = client::select_certificate(state, selector);
    if (certificate.key.empty())
        throw Error(ErrorCode::CertificateNotFound,
                    "the card has no key for the certificate " + client::describe(state, certificate));
    client::require_valid(certificate, now);
    return certificate;
}

void require_mechanism(const client::DaemonState& state, const client::Certificate& certificate,
                       const SignatureMechanism& mechanism) {
    const client::Key* key = state.find_key(certificate.key);
    const std::string name = mechanism_name(mechanism);
    if (key == nullptr || std::ranges::find(key->mechanisms, name) == key->mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported, "the key on the card cannot sign with " + name);
}

/// Authorities on the same card, from which the chain is built.
std::vector<Bytes> authorities(const client::DaemonState& state, const std::string& token) {
    std::vector<Bytes> found;
    for (const client::Certificate& certificate : state.certificates)
        if (certificate.authority && certificate.token == token)
            found.push_back(certificate.der);
    return found;
}

PdfSignOptions pdf_options(const SignPdfRequest& request) {
    PdfSignOptions options;
    options.reason = request.reason;
    options.location = request.location;
    options.contact = request.contact;
    options.name = request.name;
    options.password = request.password;
    options.signing_time = std::chrono::floor<std::chrono::seconds>(system_clock::now());
    return options;
}

} // namespace

client::Dictionary sign_pdf(const SignPdfRequest& request, JobControl& control) {
    OutputGuard output(request.output.get());
    const auto reached = [&control](double progress) {
        control.throw_if_cancelled();
        control.report({.queued = false, .waiting_for = client::JobWait::None, .progress = progress});
    };
    const auto waiting = [&control](const client::JobStatus& key_job) {
        const client::JobWait waiting_for = key_job.queued ? client::JobWait::Card : key_job.waiting_for;
        control.report({.queued = false, .waiting_for = waiting_for, .progress = document_prepared});
    };

    // The document first: whoever is asked for a PIN should not learn afterwards that it cannot be signed.
    PdfSigner pdf(request.input.get(), pdf_options(request));
    reached(document_read);

    client::PollLoop loop;
    client::SessionConnection session(loop);
    const client::DaemonState state =
        client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
    const client::Certificate& certificate = choose_certificate(state, request.certificate);
    const SignatureMechanism mechanism = default_mechanism(certificate.der);
    require_mechanism(state, certificate, mechanism);

    CmsBuilder cms(certificate.der, authorities(state, certificate.token), mechanism);
    const Bytes content_digest = pdf.prepare(request.output.get(), cms.size_estimate(), cms.digest());
    reached(document_prepared);

    const client::RequestOptions options{.agent = request.agent,
                                         .document = request.document,
                                         .requester = describe_caller(session, request.caller)};
    const Bytes signature =
        client::sign(session, certificate.key, mechanism, cms.signed_attributes_digest(content_digest),
                     options, waiting, &control.cancel_token());
    reached(card_has_signed);

    pdf.embed(cms.finish(signature));
    reached(signature_embedded);
    pdf.verify(certificate.der);
    const std::uint64_t size = file_size(request.output.get());
    reached(1);
    output.keep();
    return {{"certificate", client::ObjectPath{certificate.path}},
            {"signer", client::common_name(certificate.subject)},
            {"field", pdf.field_name()},
            {"size", size}};
}

} // namespace digisign::documents
