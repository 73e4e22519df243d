// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/revision.hpp"

#include "documents/pdf/object_serializer.hpp"

#include <array>
#include <cstdio>
#include <iterator>
#include <vector>

namespace digisign::documents {

namespace {

// What belongs to one cross-reference section or its stream and must not be taken over into the next one. A
// copied /XRefStm would let the old stream of a hybrid file override the new table.
constexpr std::array section_keys{"/Prev",         "/XRefStm", "/W",   "/Index", "/Filter",
                                  "/DecodeParms",  "/Length",  "/DL",  "/F",     "/FFilter",
                                  "/FDecodeParms", "/Type",    "/Size"};

// Four offsets of at most ten digits, see write_signature().
constexpr std::size_t byte_range_width = 4 * 10 + 3;

// Runs of consecutive object numbers: the subsections of a table, /Index of a stream.
template <typename Map>
std::vector<std::pair<int, int>> runs_of(const Map& entries) {
    std::vector<std::pair<int, int>> runs;
    for (const auto& [number, entry] : entries) {
        if (!runs.empty() && runs.back().first + runs.back().second == number)
            ++runs.back().second;
        else
            runs.emplace_back(number, 1);
    }
    return runs;
}

// Both kinds of section have room for five digits or two octets.
int valid_generation(QPDFObjGen id) {
    constexpr int last_generation = 65535;
    if (id.getGen() > last_generation)
        throw Error(ErrorCode::PdfDamaged,
                    "the document is damaged: object " + id.unparse(' ') + " cannot be");
    return id.getGen();
}

void append_big_endian(std::string& out, std::uint64_t value, int octets) {
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift & 0xFF));
}

} // namespace

Revision::Revision(PdfDocument& document)
    : document_(document), encryption_(document.qpdf()), next_number_(document.next_object_number()) {}

QPDFObjectHandle Revision::add(QPDFObjectHandle object) {
    const QPDFObjGen id(next_number_++, 0);
    document_.qpdf().replaceObject(id, object);
    entries_[id.getObj()] = {};
    return document_.qpdf().getObject(id);
}

QPDFObjectHandle Revision::add_stream(QPDFObjectHandle dictionary, const std::string& data) {
    QPDFObjectHandle reference = add(dictionary);
    std::string encrypted = encryption_.encrypt_stream(data, reference.getObjGen());
    reference.replaceKey("/Length", QPDFObjectHandle::newInteger(static_cast<long long>(encrypted.size())));
    stream_data_[reference.getObjectID()] = std::move(encrypted);
    return reference;
}

QPDFObjectHandle Revision::add_signature(QPDFObjectHandle dictionary) {
    QPDFObjectHandle reference = add(dictionary);
    signature_number_ = reference.getObjectID();
    return reference;
}

void Revision::change(QPDFObjectHandle object) {
    const QPDFObjGen id = object.getObjGen();
    if (entries_.contains(id.getObj()))
        return;
    if (object.getParsedOffset() < 0)
        throw Error(ErrorCode::Internal, "object " + id.unparse(' ') + " does not come from the document");
    document_.require_well_formed(object);
    // The generation stays: strict readers reject an object whose number was never free and whose generation
    // rises.
    entries_[id.getObj()] = {valid_generation(id), 0};
}

std::uint64_t Revision::offset_of(const std::string& out) const {
    return document_.layout().size + out.size();
}

SerializedRevision Revision::serialize(std::size_t reserved_contents, const std::string& id) {
    SerializedRevision result;
    std::string& out = result.bytes;
    if (!document_.layout().ends_with_eol)
        out += '\n';
    for (auto& [number, entry] : entries_) {
        entry.offset = offset_of(out);
        write_object(number, out, reserved_contents, result);
    }
    const std::uint64_t section = offset_of(out);
    if (document_.layout().kind == XrefKind::Table)
        write_table(out, id);
    else
        write_xref_stream(out, id);
    out += "startxref\n" + std::to_string(section) + "\n%%EOF\n";

    const std::uint64_t end = offset_of(out);
    constexpr std::uint64_t largest_offset = 9'999'999'999; // of a table
    if (end > largest_offset)
        throw Error(ErrorCode::DocumentTooLarge, "the document is too large for its cross-reference table");
    const std::string byte_range = "0 " + std::to_string(result.contents_begin) + ' ' +
                                   std::to_string(result.contents_end) + ' ' +
                                   std::to_string(end - result.contents_end);
    out.replace(byte_range_at_, byte_range.size(), byte_range);
    return result;
}

void Revision::write_object(int number, std::string& out, std::size_t reserved_contents,
                            SerializedRevision& result) {
    const QPDFObjGen id(number, entries_[number].generation);
    QPDFObjectHandle object = document_.qpdf().getObject(id);
    out += id.unparse(' ') + " obj\n";
    if (number == signature_number_)
        write_signature(object, out, reserved_contents, result);
    else
        ObjectSerializer(out, encryption_, id).write(object);
    if (const auto data = stream_data_.find(number); data != stream_data_.end())
        out += "\nstream\n" + data->second + "\nendstream";
    out += "\nendobj\n";
}

void Revision::write_signature(QPDFObjectHandle dictionary, std::string& out, std::size_t reserved_contents,
                               SerializedRevision& result) {
    out += "<<\n";
    ObjectSerializer(out, encryption_, dictionary.getObjGen()).write_entries(dictionary);
    // The numbers are known only when all else is written. What they leave of the room stays blank, inside
    // the brackets.
    out += "/ByteRange [";
    byte_range_at_ = out.size();
    out += std::string(byte_range_width, ' ') + "]\n/Contents ";
    result.contents_begin = offset_of(out);
    out += '<' + std::string(2 * reserved_contents, '0') + '>';
    result.contents_end = offset_of(out);
    out += "\n>>";
}

QPDFObjectHandle Revision::trailer_dictionary(const std::string& id) {
    document_.require_well_formed_trailer();
    QPDFObjectHandle trailer = document_.trailer().shallowCopy();
    for (const char* key : section_keys)
        trailer.removeKey(key);
    trailer.replaceKey("/Size", QPDFObjectHandle::newInteger(next_number_));
    if (const auto section = document_.layout().newest_section)
        trailer.replaceKey("/Prev", QPDFObjectHandle::newInteger(static_cast<long long>(*section)));

    // ISO 32000-1 section 14.4: the first element stays for good, the second one is new with each revision.
    // Of an encrypted document the first element is part of the key, a missing one too.
    QPDFObjectHandle old_id = trailer.getKey("/ID");
    const bool has_id = old_id.isArray() && old_id.getArrayNItems() == 2 && old_id.getArrayItem(0).isString();
    if (!has_id && document_.qpdf().isEncrypted())
        return trailer;
    QPDFObjectHandle new_part = QPDFObjectHandle::newString(id);
    trailer.replaceKey("/ID",
                       QPDFObjectHandle::newArray({has_id ? old_id.getArrayItem(0) : new_part, new_part}));
    return trailer;
}

// The table that begins a file is one run from 0, its unused numbers a chain that ends at 0 (section 7.5.4).
void Revision::list_old_objects() {
    std::map<int, Entry> old; // of several generations the last one counts
    for (const auto& [id, entry] : document_.qpdf().getXRefTable())
        old[id.getObj()] = {valid_generation(id), static_cast<std::uint64_t>(entry.getOffset())};
    entries_.merge(old);

    constexpr int never_used_again = 65535;
    int next_unused = 0;
    for (int number = next_number_ - 1; number >= 0; --number)
        if (entries_
                .try_emplace(number, Entry{never_used_again, static_cast<std::uint64_t>(next_unused), false})
                .second)
            next_unused = number;
}

void Revision::write_table(std::string& out, const std::string& id) {
    if (!document_.layout().newest_section)
        list_old_objects();
    out += "xref\n";
    for (const auto& [first, count] : runs_of(entries_)) {
        out += std::to_string(first) + ' ' + std::to_string(count) + '\n';
        for (int number = first; number < first + count; ++number) {
            const Entry& entry = entries_[number];
            // Exactly 20 bytes; Acrobat calls the signature's byte range invalid if they are 19.
            char line[32];
            std::snprintf(line, sizeof line, "%010llu %05d %c\r\n",
                          static_cast<unsigned long long>(entry.offset), entry.generation,
                          entry.in_use ? 'n' : 'f');
            out += line;
        }
    }
    out += "trailer\n";
    ObjectSerializer(out).write(trailer_dictionary(id));
    out += '\n';
}

void Revision::write_xref_stream(std::string& out, const std::string& id) {
    const int own_number = next_number_++;
    entries_[own_number] = {0, offset_of(out)};

    QPDFObjectHandle dictionary = trailer_dictionary(id);
    std::vector<QPDFObjectHandle> index;
    for (const auto& [first, count] : runs_of(entries_)) {
        index.push_back(QPDFObjectHandle::newInteger(first));
        index.push_back(QPDFObjectHandle::newInteger(count));
    }
    std::string data;
    for (const auto& [number, entry] : entries_) {
        append_big_endian(data, 1, 1); // "in use, not compressed"
        append_big_endian(data, entry.offset, 8);
        append_big_endian(data, static_cast<std::uint64_t>(entry.generation), 2);
    }
    dictionary.replaceKey("/Type", QPDFObjectHandle::newName("/XRef"));
    dictionary.replaceKey("/W", QPDFObjectHandle::parse("[ 1 8 2 ]"));
    dictionary.replaceKey("/Index", QPDFObjectHandle::newArray(index));
    dictionary.replaceKey("/Length", QPDFObjectHandle::newInteger(static_cast<long long>(data.size())));

    out += std::to_string(own_number) + " 0 obj\n";
    ObjectSerializer(out).write(dictionary);
    out += "\nstream\n" + data + "\nendstream\nendobj\n";
}

} // namespace digisign::documents
