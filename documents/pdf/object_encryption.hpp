// SPDX-License-Identifier: LGPL-2.1-or-later
// Encrypts what is added to an encrypted document (ISO 32000-1 section 7.6); QPDF does that only for files it
// writes itself.

#pragma once

#include <qpdf/QPDF.hh>

#include <string>

namespace digisign::documents {

class ObjectEncryption {
public:
    /// For a document that is open, or not encrypted at all. Throws Error(PdfUnsupported) for an unknown
    /// method.
    explicit ObjectEncryption(QPDF& document);

    /// The bytes of a string or a stream that belongs to the indirect object `owner`, as they stand in the
    /// file.
    std::string encrypt_string(const std::string& plain, QPDFObjGen owner) const;
    std::string encrypt_stream(const std::string& plain, QPDFObjGen owner) const;

private:
    std::string encrypt(QPDF::encryption_method_e method, const std::string& plain, QPDFObjGen owner) const;

    std::string file_key_;
    int revision_ = 0;
    int version_ = 0;
    QPDF::encryption_method_e string_method_ = QPDF::e_none;
    QPDF::encryption_method_e stream_method_ = QPDF::e_none;
};

} // namespace digisign::documents
