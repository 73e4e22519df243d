#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Documents that are out to waste time or memory get an answer soon, with as little memory as the service has."""

import re
import resource
import zlib

import sample_pdfs
import tap_runner
from sample_pdfs import one_page
from signer_case import SignerCase


class Hostile(SignerCase):
    SECONDS = 5

    def answer(self, document):
        begin = self.processor_time()
        result = self.sign(document)
        self.assertLess(self.processor_time() - begin, self.SECONDS)
        return result

    def processor_time(self):
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # the clock would count what other programs take, too
        return usage.ru_utime + usage.ru_stime

    def require_answer(self, document, *errors):
        self.assertIn(self.answer(document).error, errors)

    def test_page_tree_in_a_circle(self):
        document = one_page()
        document.objects[2] = b"<< /Type /Pages /Kids [2 0 R 6 0 R] /Count 1 >>"
        document.objects[6] = b"<< /Type /Pages /Kids [2 0 R 6 0 R] /Count 1 >>"
        self.require_answer(document.table(), "PdfDamaged")

    def test_fields_in_a_circle(self):
        document = one_page(
            catalog=b"/AcroForm << /Fields [6 0 R] >>",
            o6=b"<< /T (a) /Kids [6 0 R 7 0 R] >>",
            o7=b"<< /T (b) /Kids [6 0 R] /Parent 6 0 R >>",
        )
        self.require_good(document.table(), self.answer(document.table()))

    def test_parents_without_end(self):
        fields = {f"o{n}": b"<< /T (a) /Kids [%d 0 R] >>" % (n + 1) for n in range(6, 20_006)}
        document = one_page(catalog=b"/AcroForm << /Fields [6 0 R] >>", **fields, o20006=b"<< /T (b) >>").table()
        self.answer(document)

    def test_more_fields_than_anybody_fills_in(self):
        kids = b"<< /T (a) >> " * 100_000
        self.require_answer(one_page(catalog=b"/AcroForm << /Fields [" + kids + b"] >>").table(), "PdfUnsupported")

    def test_arrays_in_arrays(self):
        for depth in (400, 100_000):
            self.answer(one_page(page=b"/Deep " + b"[" * depth + b"]" * depth).table())

    def test_array_without_end(self):
        self.answer(one_page(page=b"/Long [" + b"0 " * 20_000_000 + b"]").table())

    def test_more_objects_than_a_pdf_has(self):
        for size in (8_388_608, 2_147_483_647, 2_147_483_648, 10**18):
            self.require_answer(
                one_page().table().replace(b"/Size 6", b"/Size %d" % size), "PdfUnsupported", "PdfDamaged"
            )

    def test_size_that_is_no_size(self):
        for size in (b"-1", b"(x)", b"0", b"null", b"1.5"):
            self.answer(one_page().table().replace(b"/Size 6", b"/Size " + size))

    def test_generation_that_has_no_room(self):
        document = one_page().table().replace(b"1 0 obj", b"1 70000 obj").replace(b"/Root 1 0 R", b"/Root 1 70000 R")
        self.require_answer(document.replace(b"0000000015 00000 n", b"0000000015 70000 n"), "PdfDamaged")

    def test_object_number_at_the_end_of_the_range(self):
        document = one_page().table()
        table = b"xref\n2147483647 1\n0000000015 00000 n\r\ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\n"
        table = table % document.rindex(b"xref\n0 ") + b"startxref\n%d\n%%%%EOF" % len(document)
        self.require_answer(document + table, "PdfUnsupported", "PdfDamaged")

    def test_tables_in_a_circle(self):
        document = one_page().table()
        document = document.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % document.rindex(b"xref\n0 "))
        self.require_good(document, self.answer(document))  # with a table of all objects

    def test_table_that_claims_two_thousand_million_entries(self):
        self.answer(one_page().table().replace(b"xref\n0 6", b"xref\n0 2147483647"))

    def test_stream_that_claims_more_entries_than_there_are_bytes(self):
        for index in (b"[0 2147483647]", b"[-5 10]", b"[2147483640 100]", b"[0 9223372036854775807]"):
            self.require_answer(one_page().stream().replace(b"/W [1 4 2]", b"/W [1 4 2] /Index " + index), "PdfDamaged")

    def test_stream_with_impossible_widths(self):
        for widths in (b"[0 0 0]", b"[9 9 9]", b"[-1 4 2]", b"[1 4]"):
            self.require_answer(one_page().stream().replace(b"/W [1 4 2]", b"/W " + widths), "PdfDamaged")

    def bomb(self, dictionary, data):
        return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data)

    def repeated(self, pattern, megabytes):
        deflate = zlib.compressobj(9)
        block = pattern * ((1 << 20) // len(pattern))
        return b"".join(deflate.compress(block) for _ in range(megabytes)) + deflate.flush()

    def require_refused_bomb(self, dictionary, data):
        out = bytearray(sample_pdfs.HEADER)
        position = len(out)
        out += b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF" % (self.bomb(dictionary, data), position)
        self.require_answer(bytes(out), "PdfDamaged", "PdfUnsupported")

    def test_cross_reference_stream_that_unpacks_to_two_gigabytes(self):
        self.require_refused_bomb(b"/Type /XRef /W [1 1 1] /Size 700000000 /Root 2 0 R", self.repeated(b"\0", 2048))

    def test_cross_reference_stream_with_twenty_million_entries(self):
        self.require_refused_bomb(b"/Type /XRef /W [1 1 0] /Size 20971520 /Root 2 0 R", self.repeated(b"\x01\x0f", 40))

    def test_objects_that_all_lie_on_the_same_long_array(self):
        count = 3000
        heads = b" ".join(b"%d 0" % number for number in range(10, 10 + count)) + b"\n"
        data = zlib.compress(heads + b"[" + b"0 " * 400_000 + b"]")
        document = one_page(catalog=b"/AcroForm 10 0 R")
        out = bytearray(document.header)
        offsets = document._write_objects(sorted(document.objects), out)
        offsets[6] = len(out)
        out += b"6 0 obj\n%s\nendobj\n" % self.bomb(b"/Type /ObjStm /N %d /First %d" % (count, len(heads)), data)
        entries = {number: (1, offset, 0) for number, offset in offsets.items()}
        entries.update({10 + i: (2, 6, i) for i in range(count)})
        position = len(out)
        entries[7] = (1, position, 0)
        out += b"7 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF" % (
            document._xref_stream(7, entries, 10 + count),
            position,
        )
        self.require_answer(bytes(out), "PdfDamaged", "PdfUnsupported")

    def test_length_that_refers_to_the_stream_itself(self):
        document = one_page()
        document.objects[4] = b"<< /Length 4 0 R >>\nstream\nx\nendstream"
        self.answer(document.table())

    def test_pointers_beyond_every_range(self):
        for position in (b"99999999999999999999999", b"-1", b"18446744073709551615", b"9223372036854775807"):
            self.require_answer(
                re.sub(rb"startxref\n\d+", b"startxref\n" + position, one_page().stream()), "PdfDamaged"
            )

    def test_broken_streams_without_number(self):
        streams = {f"o{n}": b"<< /Length 1 >>\nstream\nxx" for n in range(6, 7_900)}
        data = one_page(**streams).table().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%more\n")
        self.answer(data)


if __name__ == "__main__":
    tap_runner.main()
