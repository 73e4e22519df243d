// SPDX-License-Identifier: LGPL-2.1-or-later
// A PDF opened for looking at and for collecting what is to be appended to it.

#pragma once

#include "common/error.hpp"
#include "documents/pdf/fd_input_source.hpp"
#include "documents/pdf/file_layout.hpp"

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>

#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace digisign::documents {

/// Objects are read when they are first asked for. What is changed in them stays in memory: QPDF cannot
/// append to a file, see Revision for how the changes get there.
class PdfDocument {
public:
    /// Throws Error: NotPdf, PdfDamaged, PdfEncrypted, PdfUnsupported, InputUnreadable.
    PdfDocument(int fd, std::uint64_t size);

    const FileLayout& layout() const { return layout_; }
    QPDF& qpdf() { return *qpdf_; }

    QPDFObjectHandle trailer() { return qpdf_->getTrailer(); }
    QPDFObjectHandle catalog();

    /// The first page in reading order. Throws Error(PdfDamaged) if there is none.
    QPDFObjectHandle first_page();

    /// The value of a key, null if there is none. Throws Error(PdfDamaged) if it refers to an object that
    /// cannot be read: QPDF takes such an object for null, and to build on that would throw away what other
    /// programs see there.
    QPDFObjectHandle get(QPDFObjectHandle dictionary, const char* key);

    /// All elements of an array, checked in the same way; nothing for any other kind of object.
    std::vector<QPDFObjectHandle> elements(QPDFObjectHandle array);

    /// The object number after all that are in use or were.
    int next_object_number();

    /// Runs what uses QPDF and turns everything QPDF throws into Error.
    template <typename Action>
    auto guard(Action&& action) {
        try {
            if constexpr (std::is_void_v<decltype(action())>) {
                action();
                require_readable();
            } else {
                auto result = action();
                require_readable();
                return result;
            }
        } catch (const Error&) {
            throw;
        } catch (const QPDFExc& exception) {
            require_readable();
            throw translate(exception);
        } catch (const std::bad_alloc&) {
            throw too_complex();
        } catch (const std::exception& exception) {
            require_readable();
            throw Error(ErrorCode::PdfDamaged, std::string("the document is damaged: ") + exception.what());
        }
    }

private:
    void open();
    QPDFObjectHandle checked(QPDFObjectHandle object);
    void require_readable() const;
    static Error translate(const QPDFExc& exception);
    static Error too_complex();

    FileLayout layout_;
    std::shared_ptr<FdInputSource> source_;
    std::unique_ptr<QPDF> qpdf_;
};

} // namespace digisign::documents
