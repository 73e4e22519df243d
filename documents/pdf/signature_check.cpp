// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/signature_check.hpp"

#include "common/error.hpp"
#include "documents/cms/cms_verifier.hpp"
#include "documents/pdf/document_io.hpp"
#include "documents/pdf/form.hpp"
#include "documents/pdf/pdf_document.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace digisign::documents {

namespace {

Error invalid(const std::string& why) {
    return {ErrorCode::SignatureInvalid, "the signed document is not right: " + why};
}

std::array<std::uint64_t, 4> read_byte_range(PdfDocument& document, QPDFObjectHandle signature) {
    std::array<std::uint64_t, 4> range{};
    const auto items = document.elements(document.get(signature, "/ByteRange"));
    if (items.size() != range.size())
        throw invalid("it has no /ByteRange");
    for (std::size_t i = 0; i < range.size(); ++i) {
        QPDFObjectHandle item = items[i];
        if (!item.isInteger() || item.getIntValue() < 0)
            throw invalid("its /ByteRange has something else than offsets");
        range[i] = static_cast<std::uint64_t>(item.getIntValue());
    }
    return range;
}

std::array<std::uint64_t, 4> open_and_find_byte_range(int fd, std::uint64_t size,
                                                      const std::string& field_name,
                                                      const std::string& password) {
    PdfDocument document(fd, size, password);
    if (document.is_repaired())
        throw invalid("its cross-references are broken");
    return document.guard([&] {
        const Form form = read_form(document);
        const auto field = std::ranges::find(form.signature_fields, field_name, &SignatureField::name);
        if (field == form.signature_fields.end() || !field->is_signed())
            throw invalid("the field is not signed");
        return read_byte_range(document, field->signature);
    });
}

// A document that cannot even be opened is as wrong as one that differs.
std::array<std::uint64_t, 4> find_byte_range(int fd, std::uint64_t size, const std::string& field_name,
                                             const std::string& password) {
    try {
        return open_and_find_byte_range(fd, size, field_name, password);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::InputUnreadable || error.code() == ErrorCode::SignatureInvalid)
            throw;
        throw invalid(error.what());
    }
}

} // namespace

Bytes check_written_signature(int fd, const std::string& field_name, ByteView signer_certificate,
                              const std::string& password) {
    const std::uint64_t size = FileState(fd).size();
    const auto [first, contents_begin, contents_end, length] =
        find_byte_range(fd, size, field_name, password);
    if (first != 0 || contents_begin >= contents_end || contents_end > size || length != size - contents_end)
        throw invalid("its /ByteRange does not cover the file");

    const std::string token =
        read_at(fd, contents_begin, static_cast<std::size_t>(contents_end - contents_begin));
    const std::optional<Bytes> message = token.size() >= 2 && token.front() == '<' && token.back() == '>'
                                             ? from_hex(std::string_view(token).substr(1, token.size() - 2))
                                             : std::nullopt;
    if (!message)
        throw invalid("its /ByteRange leaves out something else than /Contents");

    Hasher hasher(cms_digest_algorithm(*message));
    hash_range(fd, 0, contents_begin, hasher);
    hash_range(fd, contents_end, size, hasher);
    Bytes digest = hasher.finish();
    verify_detached_cms(*message, digest, signer_certificate);
    return digest;
}

} // namespace digisign::documents
