// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/pdf_signer.hpp"

#include "common/error.hpp"
#include "documents/cms/random.hpp"
#include "documents/pdf/document_io.hpp"
#include "documents/pdf/field_choice.hpp"
#include "documents/pdf/form.hpp"
#include "documents/pdf/objections.hpp"
#include "documents/pdf/pdf_document.hpp"
#include "documents/pdf/revision.hpp"
#include "documents/pdf/seed_value.hpp"
#include "documents/pdf/signature_check.hpp"
#include "documents/pdf/signature_objects.hpp"
#include "documents/pdf/signing_policy.hpp"

namespace digisign::documents {

namespace {

FileState checked_input(int input, std::uint64_t max_size) {
    const FileState state(input);
    if (state.size() == 0)
        throw Error(ErrorCode::InputEmpty, "the document is empty");
    if (state.size() > max_size)
        throw Error(ErrorCode::DocumentTooLarge,
                    "the document is larger than " + std::to_string(max_size) + " bytes");
    return state;
}

// The document and what was found out about it.
struct Analysis {
    Analysis(int input, std::uint64_t size, const PdfSignOptions& options)
        : document(input, size, options.password) {
        document.guard([&] {
            form = read_form(document);
            const SigningPolicy policy(document, form);
            choice = choose_field(document, form, policy, options.field, options.reason);
        });
    }

    void require_digest(Digest digest) {
        if (choice.existing &&
            !allows_digest(document, document.get(choice.existing->dictionary, "/SV"), digest))
            throw Error(ErrorCode::PdfUnsupported,
                        "the signature field \"" + choice.name +
                            "\" demands of a signature that it uses another digest than " +
                            std::string(digest_name(digest)));
    }

    SerializedRevision make_revision(const PdfSignOptions& options, std::size_t reserved, Digest digest) {
        return document.guard([&] {
            require_digest(digest);
            Revision revision(document);
            add_signature_objects(document, revision, form, choice, options);
            return revision.serialize(reserved, to_string(random_bytes(16)));
        });
    }

    PdfDocument document;
    Form form;
    FieldChoice choice;
};

} // namespace

struct PdfSigner::State {
    State(int input_fd, PdfSignOptions sign_options)
        : input(input_fd),
          options(std::move(sign_options)),
          input_state(checked_input(input, options.max_input_size)),
          analysis(std::make_unique<Analysis>(input, input_state.size(), options)),
          field_name(analysis->choice.name) {
        analysis->document.guard(
            [this] { warnings = expected_objections(analysis->document, analysis->form, analysis->choice); });
    }

    int input;
    PdfSignOptions options;
    FileState input_state;
    std::unique_ptr<Analysis>
        analysis; ///< until prepare(): a document with many objects takes its share of memory
    std::string field_name;
    std::vector<std::string> warnings;

    // From prepare() on.
    int output = -1;
    std::uint64_t contents_begin = 0;
    std::uint64_t contents_end = 0;
    Bytes content_digest;
};

PdfSigner::PdfSigner(int input, PdfSignOptions options)
    : state_(std::make_unique<State>(input, std::move(options))) {}

PdfSigner::~PdfSigner() = default;
PdfSigner::PdfSigner(PdfSigner&&) noexcept = default;
PdfSigner& PdfSigner::operator=(PdfSigner&&) noexcept = default;

const std::string& PdfSigner::field_name() const {
    return state_->field_name;
}

const std::vector<std::string>& PdfSigner::warnings() const {
    return state_->warnings;
}

Bytes PdfSigner::prepare(int output, std::size_t reserved, Digest digest) {
    State& state = *state_;
    if (!state.analysis)
        throw Error(ErrorCode::Internal, "a document is prepared for signing only once");
    const SerializedRevision revision = state.analysis->make_revision(state.options, reserved, digest);
    state.analysis.reset();

    if (FileState(output).size() != 0)
        throw Error(ErrorCode::InvalidArgument, "the output is not empty");
    state.output = output;
    state.contents_begin = revision.contents_begin;
    state.contents_end = revision.contents_end;

    // One pass over the document: what is hashed is what is written.
    const std::uint64_t base = state.input_state.size();
    const ByteView appended = as_bytes(revision.bytes);
    Hasher hasher(digest);
    copy_and_hash(state.input, output, base, hasher);
    hasher.update(appended.first(revision.contents_begin - base));
    hasher.update(appended.subspan(revision.contents_end - base));
    write_at(output, base, appended);
    state.input_state.require_unchanged(state.input);
    state.content_digest = hasher.finish();
    return state.content_digest;
}

void PdfSigner::embed(ByteView cms) {
    const std::string digits = to_hex(cms);
    // Between "<" and ">"; the zeros that are there already fill up the rest.
    if (digits.size() > state_->contents_end - state_->contents_begin - 2)
        throw Error(ErrorCode::Internal, "the CMS message is larger than the room reserved for it");
    write_at(state_->output, state_->contents_begin + 1, as_bytes(digits));
}

void PdfSigner::verify(ByteView signer_certificate) {
    const Bytes digest = check_written_signature(state_->output, state_->field_name, signer_certificate,
                                                 state_->options.password);
    // The same digest over the same range: the input is a prefix of the output.
    if (digest != state_->content_digest)
        throw Error(ErrorCode::SignatureInvalid, "the signed document is not what was to be signed");
    state_->input_state.require_unchanged(state_->input);
}

} // namespace digisign::documents
