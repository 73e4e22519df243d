// SPDX-License-Identifier: LGPL-2.1-or-later
// A PDF opened for looking at and for collecting what is to be appended to it.

#pragma once

#include "common/error.hpp"
#include "documents/pdf/fd_input_source.hpp"
#include "documents/pdf/file_layout.hpp"

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>

#include <cstdint>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace digisign::documents {

/// Objects are read when they are first asked for. What is changed in them stays in memory: QPDF cannot
/// append to a file, see Revision for how the changes get there.
///
/// A file whose cross-references are broken is taken all the same if what is appended can put them right for
/// every reader: if only the pointer to the newest section is wrong, or if all objects can be found again
/// without it.
class PdfDocument {
public:
    /// `password` may be the user's or the owner's; many encrypted documents open with an empty one. Throws
    /// Error: NotPdf, PdfDamaged, PdfEncrypted (another password is needed), PdfUnsupported, InputUnreadable.
    PdfDocument(int fd, std::uint64_t size, const std::string& password = {});

    const FileLayout& layout() const { return layout_; }
    QPDF& qpdf() { return *qpdf_; }

    /// The cross-references in the file are broken.
    bool is_repaired() const { return is_repaired_; }

    QPDFObjectHandle trailer() { return qpdf_->getTrailer(); }
    QPDFObjectHandle catalog() { return trailer().getKey("/Root"); }

    /// The first page in reading order. Throws Error(PdfDamaged) if there is none.
    QPDFObjectHandle first_page();

    /// The value of a key, null if there is none. Throws Error(PdfDamaged) if it refers to an object that
    /// cannot be read: QPDF takes such an object for null, and to build on that would throw away what other
    /// programs see there.
    QPDFObjectHandle get(QPDFObjectHandle dictionary, const char* key);

    /// The same for a value that can only be an array. Throws Error(PdfDamaged) if it is something else.
    QPDFObjectHandle get_array(QPDFObjectHandle dictionary, const char* key);

    /// All elements of an array, checked in the same way; nothing for any other kind of object.
    std::vector<QPDFObjectHandle> elements(QPDFObjectHandle array);

    /// Throws Error(PdfDamaged) if QPDF had to guess what is in an indirect object: to write it again would
    /// make its guess everybody's.
    void require_well_formed(QPDFObjectHandle object);
    void require_well_formed_trailer();

    /// The object number after all that are in use, were, or are referred to in what was looked at so far.
    int next_object_number();

    /// Runs what uses QPDF and turns everything QPDF throws into Error.
    template <typename Action>
    std::invoke_result_t<Action> guard(Action&& action);

private:
    void open(int fd, const std::string& password);
    void open_sound(int fd, std::uint64_t size, const std::string& password);
    void open_with_misplaced_table(int fd, std::uint64_t size);
    void open_without_table(int fd, std::uint64_t size);
    void require_repairable();
    void require_only_root(int fd);
    void note_ill_formed();
    void note_reference(QPDFObjectHandle object);
    QPDFObjectHandle checked(QPDFObjectHandle object);
    void require_readable() const;
    static Error translate(const QPDFExc& exception);
    static Error too_complex();

    FileLayout layout_;
    bool is_repaired_ = false;
    /// A number that something refers to is not free even if there is no such object: what was nothing must
    /// not turn into what is appended.
    int highest_reference_ = 0;
    /// What QPDF's warnings so far were about, as it names things: "object 12 0".
    std::set<std::string> ill_formed_;
    std::shared_ptr<FdInputSource> source_;
    std::unique_ptr<QPDF> qpdf_;
};

template <typename Action>
std::invoke_result_t<Action> PdfDocument::guard(Action&& action) {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Action>>) {
            action();
            require_readable();
        } else {
            auto result = action();
            require_readable();
            return result;
        }
    } catch (const Error&) {
        require_readable();
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

} // namespace digisign::documents
