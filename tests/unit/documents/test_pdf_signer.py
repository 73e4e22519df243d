#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signs documents of every structure with a key in memory and asks other programs what they think of the result."""

import os
import pathlib
import re
import subprocess

import judge
import sample_pdfs
import tap_runner
from sample_pdfs import one_page, with_field
from signer_case import SignerCase


class Structures(SignerCase):
    def test_table__is_continued_by_a_table(self):
        document = one_page().table()
        added = self.appended(document, self.require_signed(document))
        self.assertRegex(added, rb"\nxref\n")
        self.assertNotIn(b"/XRef", added)
        self.assertIn(b"/Prev %d\n" % document.rindex(b"xref\n0 "), added)

    def test_table__every_entry_has_twenty_bytes(self):
        document = one_page().table()
        added = self.appended(document, self.require_signed(document))
        table = added[added.index(b"\nxref\n") + 6 : added.index(b"trailer")]
        while table:
            head, _, table = table.partition(b"\n")
            count = int(head.split()[1])
            for entry in (table[20 * i : 20 * i + 20] for i in range(count)):
                self.assertRegex(entry, rb"^\d{10} \d{5} n\r\n$")
                offset = int(entry[:10]) - len(document)
                self.assertRegex(added[offset:], rb"^\d+ 0 obj\n")
            table = table[20 * count :]

    def test_stream__is_continued_by_a_stream(self):
        document = one_page().stream()
        added = self.appended(document, self.require_signed(document))
        self.assertIn(b"/XRef", added)
        self.assertNotIn(b"\nxref\n", added)

    def test_hybrid__is_continued_by_a_table_without_the_old_stream(self):
        document = one_page(o6=b"<< /Title (in the object stream) >>", trailer=b"/Info 6 0 R").hybrid()
        added = self.appended(document, self.require_signed(document))
        self.assertIn(b"\nxref\n", added)
        self.assertNotIn(b"/XRefStm", added)

    def test_linearized__is_signed(self):
        for streams in (False, True):
            with self.subTest(object_streams=streams):
                self.require_signed(sample_pdfs.linearized(one_page().table(), streams))

    def test_no_line_end_after_eof__gets_one(self):
        document = one_page().table(end=b"")
        self.assertTrue(self.appended(document, self.require_signed(document)).startswith(b"\n"))

    def test_bytes_after_eof__are_kept(self):
        self.require_signed(one_page().table(end=b"\n\n  \n"))

    def test_signed_five_times__all_signatures_stay_valid(self):
        for name, document in (("table", one_page().table()), ("stream", one_page().stream())):
            with self.subTest(name):
                for count in range(5):
                    result = self.sign(document, reason=f"number {count + 1}")
                    self.require_good(document, result, earlier=count)
                    self.assertEqual(result.field, f"Signature{count + 1}")
                    document = result.signed

    def test_every_key_and_mechanism__is_valid(self):
        for kind, mechanism in (
            ("rsa2048", "RSA-PKCS1-SHA256"),
            ("rsa2048", "RSA-PSS-SHA256"),
            ("p256", "ECDSA-SHA256"),
            ("p384", "ECDSA-SHA256"),
            ("p384", "ECDSA-SHA384"),
            ("rsa2048", "RSA-PKCS1-SHA512"),
        ):
            with self.subTest(kind=kind, mechanism=mechanism):
                self.require_signed(one_page().table(), kind=kind, mechanism=mechanism)

    def test_object_of_a_higher_generation__keeps_it(self):
        document = one_page()
        document.generations[3] = 2
        document.objects[2] = b"<< /Type /Pages /Kids [3 2 R] /Count 1 >>"
        data = document.table()
        self.assertIn(b"\n3 2 obj\n", self.appended(data, self.require_signed(data)))

    def test_private_trailer_keys__are_kept(self):
        for structure in ("table", "stream"):
            data = getattr(one_page(trailer=b"/Info 6 0 R /DocChecksum /ABCD", o6=b"<< /Title (T) >>"), structure)()
            added = self.appended(data, self.require_signed(data))
            self.assertIn(b"/Info 6 0 R", added)
            self.assertIn(b"/DocChecksum /ABCD", added)

    def test_identifier__first_half_stays_and_second_half_is_new(self):
        document = one_page().table()
        first, second = re.search(
            rb"/ID \[ <([0-9a-f]+)> <([0-9a-f]+)> \]", self.appended(document, self.require_signed(document))
        ).groups()
        self.assertEqual(first, b"00112233445566778899aabbccddeeff")
        self.assertNotEqual(second, first)

    def test_no_identifier__gets_one(self):
        document = one_page(trailer=b"").table()
        self.assertIn(b"/ID [", self.appended(document, self.require_signed(document)))

    def test_number_that_is_referred_to_but_not_in_use__stays_nothing(self):
        for document in (
            one_page(trailer=b"/Encrypt 6 0 R"),
            one_page(catalog=b"/Perms 6 0 R"),
            one_page(page=b"/Annots 6 0 R"),
        ):
            data = document.table()
            self.assertNotIn(b"\n6 0 obj", self.appended(data, self.require_signed(data)))

    def test_size_in_trailer_too_small__new_objects_come_after_all_old_ones(self):
        document = one_page().table().replace(b"/Size 6 ", b"/Size 4 ")
        added = self.appended(document, self.require_signed(document))
        self.assertNotIn(b"\n4 0 obj", added)
        self.assertNotIn(b"\n5 0 obj", added)


class Pages(SignerCase):
    def test_no_annotations__page_gets_an_array(self):
        document = one_page().table()
        added = self.appended(document, self.require_signed(document))
        self.assertRegex(added, rb"\n3 0 obj\n<<\n/Annots \[ \d 0 R \]\n/Contents 4 0 R\n")

    def test_annotations_in_an_object_of_their_own__only_that_object_changes(self):
        document = one_page(
            page=b"/Annots 6 0 R", o6=b"[7 0 R]", o7=b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /F 4 >>"
        )
        for data in (document.table(), document.stream()):
            added = self.appended(data, self.require_signed(data))
            self.assertRegex(added, rb"\n6 0 obj\n\[ 7 0 R \d+ 0 R \]\n")
            self.assertNotIn(b"\n3 0 obj", added)

    def test_first_page_deep_in_the_tree__is_found(self):
        document = one_page()
        document.objects[2] = b"<< /Type /Pages /Kids [6 0 R 7 0 R] /Count 1 >>"
        document.objects[6] = b"<< /Type /Pages /Kids [] /Count 0 /Parent 2 0 R >>"
        document.objects[7] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>"
        data = document.table()
        self.assertIn(b"\n3 0 obj", self.appended(data, self.require_signed(data)))

    def test_entries_that_are_strings_names_and_numbers__are_written_as_they_were(self):
        data = one_page(page=rb"/Mine [(a\)b\\) <fe00> /A#20B 1.50 -3 true null (\344)] /Rotate 90").table()
        added = self.appended(data, self.require_signed(data))
        self.assertIn(rb"/Mine [ (a\)b\\) ", added)
        self.assertIn(b"/A#20B 1.50 -3 true null", added)

    def test_no_page__is_damaged(self):
        document = one_page()
        document.objects[2] = b"<< /Type /Pages /Kids [] /Count 0 >>"
        self.require_refused(document.table(), "PdfDamaged")


class Forms(SignerCase):
    def test_form_in_the_catalog__stays_there(self):
        data = one_page(catalog=b"/AcroForm << /Fields [] /DA (/F1 0 Tf) /DR << /Font << /F1 5 0 R >> >> >>").table()
        added = self.appended(data, self.require_signed(data))
        self.assertRegex(added, rb"^1 0 obj\n<<\n/AcroForm <<\n/DA \(/F1 0 Tf\)\n/DR <<\n")
        self.assertIn(b"/SigFlags 3", added)

    def test_form_and_fields_are_objects__only_those_that_change_are_written(self):
        data = one_page(catalog=b"/AcroForm 6 0 R", o6=b"<< /Fields 7 0 R /SigFlags 3 >>", o7=b"[]").table()
        added = self.appended(data, self.require_signed(data))
        self.assertRegex(added, rb"\n7 0 obj\n\[ \d+ 0 R \]\n")
        self.assertNotIn(b"\n6 0 obj", added)
        self.assertNotIn(b"\n1 0 obj", added)

    def test_name_in_use__the_next_one_is_taken(self):
        data = one_page(catalog=b"/AcroForm << /Fields [6 0 R] >>", o6=b"<< /FT /Tx /T (Signature1) >>").table()
        self.assertEqual(self.require_signed(data).field, "Signature2")

    def test_field_waits_for_a_signature__is_used(self):
        document = with_field()
        for data in (document.table(), document.stream(), document.hybrid()):
            result = self.require_signed(data)
            self.assertEqual(result.field, "Seller")
            self.assertRegex(self.appended(data, result), rb"/Rect \[ 100 100 300 150 \]")
            self.assertRegex(self.appended(data, result), rb"/BBox \[ 0 0 200 50 \]")

    def test_field_with_a_widget_of_its_own__value_and_looks_go_where_they_belong(self):
        data = one_page(
            page=b"/Annots [7 0 R]",
            catalog=b"/AcroForm << /Fields [6 0 R] >>",
            o6=b"<< /FT /Sig /T (Seller) /Kids [7 0 R] >>",
            o7=b"<< /Type /Annot /Subtype /Widget /Rect [9 9 99 99] /F 4 /Parent 6 0 R /P 3 0 R >>",
        ).table()
        result = self.sign(data)
        verdict = self.judge(result.signed)[-1]
        self.assertEqual(verdict.openssl, "valid")
        self.assertEqual((verdict.pdfsig, len(result.warnings)), ("not found", 1))  # poppler knows no such fields
        added = self.appended(data, result)
        field = re.search(rb"\n6 0 obj\n(.*?)endobj", added, re.DOTALL)[1]
        widget = re.search(rb"\n7 0 obj\n(.*?)endobj", added, re.DOTALL)[1]
        self.assertTrue(b"/V " in field and b"/AP" not in field)
        self.assertTrue(b"/AP " in widget and b"/V " not in widget)

    def test_field_that_inherits_its_type__is_used(self):
        data = one_page(
            page=b"/Annots [7 0 R]",
            catalog=b"/AcroForm << /Fields [6 0 R] >>",
            o6=b"<< /FT /Sig /T (Contract) /Kids [7 0 R] >>",
            o7=b"<< /Type /Annot /Subtype /Widget /T (Seller) /Rect [9 9 99 99] /F 4 /Parent 6 0 R /P 3 0 R >>",
        ).table()
        self.assertEqual(self.require_signed(data).field, "Contract.Seller")

    def two_fields(self):
        field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 4 /Rect [1 1 9 9] /P 3 0 R >>"
        return one_page(
            page=b"/Annots [6 0 R 7 0 R]",
            catalog=b"/AcroForm << /Fields [6 0 R 7 0 R] >>",
            o6=field % b"Seller",
            o7=field % b"Buyer",
        ).table()

    def test_several_fields_wait__none_is_taken_unasked(self):
        self.assertEqual(self.require_signed(self.two_fields()).field, "Signature1")

    def test_field_named__is_used(self):
        self.assertEqual(self.require_signed(self.two_fields(), field="Buyer").field, "Buyer")

    def test_field_named_that_is_not_there_or_signed__is_invalid_argument(self):
        self.require_refused(self.two_fields(), "InvalidArgument", field="Witness")
        self.require_refused(self.sign(self.two_fields(), field="Buyer").signed, "InvalidArgument", field="Buyer")

    def test_need_appearances__is_left_alone_with_a_warning(self):
        data = one_page(catalog=b"/AcroForm << /Fields [] /NeedAppearances true >>").table()
        result = self.require_signed(data)
        self.assertIn(b"/NeedAppearances true", self.appended(data, result))
        self.assertEqual(len(result.warnings), 1)

    def test_dynamic_xfa__is_unsupported(self):
        self.require_refused(one_page(catalog=b"/NeedsRendering true").table(), "PdfUnsupported")

    def test_static_xfa__stays(self):
        data = one_page(
            catalog=b"/AcroForm << /Fields [] /XFA 6 0 R >>", o6=b"<< /Length 6 >>\nstream\n<xdp/>\nendstream"
        ).table()
        self.assertIn(b"/XFA 6 0 R", self.appended(data, self.require_signed(data)))


class Dictionary(SignerCase):
    """What stands in the signature dictionary."""

    def dictionary(self, **options):
        document = one_page().table()
        added = self.appended(document, self.require_signed(document, **options))
        return re.search(rb"obj\n(<<\n(?:/ContactInfo [^\n]*\n)?/Filter /Adobe.PPKLite.*?)endobj", added, re.DOTALL)[1]

    def test_entries__are_those_of_pades(self):
        dictionary = self.dictionary()
        self.assertIn(b"/SubFilter /ETSI.CAdES.detached\n", dictionary)
        self.assertRegex(dictionary, rb"/M \(D:\d{14}Z\)\n")
        for key in (b"/Cert", b"/Reason", b"/Location", b"/ContactInfo", b"/Name"):
            self.assertNotIn(key, dictionary)
        self.assertRegex(dictionary, rb"/ByteRange \[0 \d+ \d+ \d+ *\]\n")

    def test_options__are_there(self):
        dictionary = self.dictionary(reason="I agree", location="Oulu", contact="a@b.example", name="TEST Signer")
        for entry in (b"/Reason (I agree)", b"/Location (Oulu)", b"/ContactInfo (a@b.example)", b"/Name (TEST Signer)"):
            self.assertIn(entry, dictionary)

    def test_text_beyond_ascii__is_utf16(self):
        self.assertIn(
            b"/Location <" + ("\ufeffJyväskylä".encode("utf-16-be").hex().encode()) + b">",
            self.dictionary(location="Jyväskylä"),
        )

    def test_text_that_is_none__is_invalid_argument(self):
        self.require_refused(one_page().table(), "InvalidArgument", reason=b"\xff\xfe")

    def test_cms__has_no_signing_time_and_holds_the_chain(self):
        document = one_page().table()
        result = self.require_signed(document)
        cms = judge.contents(result.signed, judge.byte_ranges(result.signed)[0])
        text = subprocess.run(
            ["openssl", "cms", "-cmsout", "-print", "-inform", "DER"], input=cms, capture_output=True, check=True
        ).stdout.decode()
        self.assertNotIn("signingTime", text)
        self.assertIn("signingCertificateV2", text.replace("id-smime-aa-", ""))
        self.assertEqual(sorted(set(re.findall(r"subject: CN=(.*)", text))), ["TEST Issuing Authority", "TEST Signer"])


class Permissions(SignerCase):
    def test_certified__first_level_forbids_and_the_others_allow(self):
        self.require_refused(sample_pdfs.certified(1).table(), "PdfSigningForbidden")
        for level in (2, 3):
            data = sample_pdfs.certified(level).table()
            result = self.sign(data)
            self.assertEqual(result.verdict, "signed")
            self.assertTrue(self.judge(result.signed)[-1].valid)

    def lock(self, lock):
        return with_field(b"/Lock << /Type /SigFieldLock %s >>" % lock).table()

    def test_field_with_a_lock__the_signature_repeats_it(self):
        data = self.lock(b"/Action /Include /Fields [(Price)]")
        added = self.appended(data, self.require_signed(data))
        self.assertIn(b"/TransformMethod /FieldMDP", added)
        self.assertRegex(
            added, rb"/TransformParams <<\n/Action /Include\n/Fields \[ \(Price\) \]\n/Type /TransformParams\n"
        )
        self.assertIn(b"/Data 1 0 R", added)

    def test_lock_on_everything__forbids_the_next_signature(self):
        for lock in (
            b"/Action /All",
            b"/Action /Exclude /Fields [(Price)]",
            b"/Action /Include /Fields [(Price) (Signature1)]",
            b"/Action /Include /Fields [] /P 1",
        ):
            with self.subTest(lock):
                self.require_refused(self.require_signed(self.lock(lock)).signed, "PdfSigningForbidden")

    def test_lock_on_other_fields__allows_the_next_signature(self):
        for lock in (b"/Action /Include /Fields [(Price)]", b"/Action /Exclude /Fields [(Signature1)]"):
            with self.subTest(lock):
                data = self.require_signed(self.lock(lock)).signed
                self.require_good(data, self.sign(data), earlier=1)

    def test_demands_that_can_be_met__field_is_used(self):
        for demand in (
            b"/SubFilter [/ETSI.CAdES.detached /adbe.pkcs7.detached] /Ff 2",
            b"/SubFilter [/adbe.pkcs7.sha1] /Ff 0",
            b"/DigestMethod [(SHA256)] /Ff 64",
            b"/Filter /Adobe.PPKLite /Ff 1",
            b"/MDP << /P 0 >>",
            b"/Reasons [(yes)] /Ff 0",
        ):
            with self.subTest(demand):
                self.assertEqual(self.require_signed(with_field(b"/SV << %s >>" % demand).table()).field, "Seller")

    def test_demands_that_cannot_be_met__field_is_left_empty(self):
        for demand in (
            b"/SubFilter [/adbe.pkcs7.sha1] /Ff 2",
            b"/Filter /Other /Ff 1",
            b"/MDP << /P 2 >>",
            b"/Ff 16",
            b"/Reasons [(yes) (no)] /Ff 8",
            b"/TimeStamp << /URL (http://example.invalid) /Ff 1 >>",
            b"/Cert << /Ff 2 /Issuer [(00)] >>",
            b"/AddRevInfo true /Ff 32",
            b"/V 3 /Ff 4",
            b"/LockDocument /true /Ff 128",
        ):
            with self.subTest(demand):
                data = with_field(b"/SV << %s >>" % demand).table()
                self.assertEqual(self.require_signed(data).field, "Signature1")
                self.require_refused(data, "PdfUnsupported", field="Seller")

    def test_reason_that_the_field_lists__is_accepted(self):
        data = with_field(b"/SV << /Reasons [(yes) (no)] /Ff 8 >>").table()
        self.assertEqual(self.require_signed(data, reason="no").field, "Seller")

    def test_other_digest_demanded__is_unsupported(self):
        self.require_refused(with_field(b"/SV << /DigestMethod [(SHA512)] /Ff 64 >>").table(), "PdfUnsupported")
        self.require_signed(with_field(b"/SV << /DigestMethod [(SHA512)] /Ff 64 >>").table(), mechanism="ECDSA-SHA512")

    def test_usage_rights__are_kept_with_a_warning(self):
        result = self.require_signed(one_page(catalog=b"/Perms << /UR3 << /Type /Sig >> >>").table())
        self.assertEqual(len(result.warnings), 1)


class Encryption(SignerCase):
    METHODS = ((40, ()), (128, ("--use-aes=n",)), (128, ("--use-aes=y",)), (256, ()), (256, ("--cleartext-metadata",)))

    def reason_in(self, signed, password=""):
        path = self.path("reason.pdf")
        pathlib.Path(path).write_bytes(signed)
        text = subprocess.run(
            ["qpdf", f"--password={password}", "--qdf", "--decrypt", path, "-"], capture_output=True
        ).stdout
        return re.findall(rb"/Reason \((.*)\)", text)

    def test_empty_user_password__is_signed_with_encrypted_strings(self):
        for bits, options in self.METHODS:
            for object_streams in (False, True):
                with self.subTest(bits=bits, options=options, object_streams=object_streams):
                    plain = with_field(b"/TU (a secret hint)").table()
                    document = sample_pdfs.encrypted(plain, bits=bits, options=options, object_streams=object_streams)
                    result = self.require_signed(document, reason="none of your business")
                    added = self.appended(document, result)
                    self.assertNotIn(b"none of your business", added)
                    self.assertNotIn(b"a secret hint", added)
                    self.assertEqual(self.reason_in(result.signed), [b"none of your business"])
                    again = self.sign(result.signed, reason="again")
                    self.require_good(result.signed, again, earlier=1)

    def test_user_password__is_needed_and_suffices(self):
        document = sample_pdfs.encrypted(one_page().table(), user="user", owner="owner")
        self.require_refused(document, "PdfEncrypted")
        self.require_refused(document, "PdfEncrypted", password="wrong")
        result = self.require_signed(document, password="user", reason="why")
        self.assertEqual(self.reason_in(result.signed, "user"), [b"why"])

    def test_author_permits_no_changes__is_forbidden_but_for_the_author(self):
        document = sample_pdfs.encrypted(one_page().table(), options=("--modify=none",))
        self.require_refused(document, "PdfSigningForbidden")
        self.assertEqual(self.sign(document, password="owner").verdict, "signed")

    def test_author_permits_to_fill_fields__a_field_that_waits_is_signed_and_no_other(self):
        options = ("--modify=form",)
        self.assertEqual(
            self.require_signed(sample_pdfs.encrypted(with_field().table(), options=options)).field, "Seller"
        )
        self.require_refused(sample_pdfs.encrypted(one_page().table(), options=options), "PdfSigningForbidden")

    def test_unknown_handler__is_a_named_error(self):
        document = one_page(trailer=b"/Encrypt << /Filter /Other /V 1 >> /ID [(a) (b)]").table()
        self.assertIn(self.sign(document).error, ("PdfEncrypted", "PdfUnsupported"))


class Refusals(SignerCase):
    def test_not_a_pdf__is_a_named_error(self):
        for data in (
            b"\x89PNG\r\n\x1a\n" + bytes(5000),
            b"x",
            b"<html>%%EOF</html>",
            os.urandom(3000).replace(b"%", b"x"),
        ):
            self.require_refused(data, "NotPdf")

    def test_empty__is_a_named_error(self):
        self.require_refused(b"", "InputEmpty")

    def test_directory_and_device__are_not_regular_files(self):
        self.require_refused(self.directory.name, "InputNotRegularFile")
        self.require_refused("/dev/zero", "InputNotRegularFile")

    def test_over_the_limit__is_too_large(self):
        document = one_page().table()
        self.require_refused(document, "DocumentTooLarge", max_size=str(len(document) - 1))
        self.assertEqual(self.sign(document, max_size=str(len(document))).verdict, "signed")

    def test_something_before_the_header__is_unsupported(self):
        self.require_refused(b"\n" + one_page().table(), "PdfUnsupported")

    def test_truncated_anywhere__is_refused_or_still_a_whole_document(self):
        for structure in (one_page().table(), one_page().stream()):
            end = structure.rindex(b"startxref")
            for length in range(9, end, 37):
                result = self.sign(structure[:length])
                if result.verdict == "signed":  # what is left can be put together without the table
                    self.require_good(structure[:length], result)
                else:
                    self.assertEqual(result.error, "PdfDamaged", length)

    def test_first_object_does_not_parse__is_damaged(self):
        self.require_refused(one_page().table().replace(b"/Type /Catalog", b"/Type ((((((((")[:900], "PdfDamaged")

    def test_ill_formed_object_that_would_be_written_again__is_damaged(self):
        for page in (b"/Rotate 90 /Rotate 0", b"/Rotate", b"stray", b"/A [1 2 >>"):
            with self.subTest(page):
                self.require_refused(one_page(page=page).table(), "PdfDamaged")

    def test_ill_formed_object_that_stays__does_no_harm(self):
        self.require_signed(one_page(o6=b"<< /A /B stray >>", page=b"/Mine 6 0 R").table())

    def test_ill_formed_trailer__is_damaged(self):
        self.require_refused(one_page(trailer=b"/Info 1 0 R stray").table(), "PdfDamaged")
        self.require_refused(one_page(trailer=b"/Info 1 0 R stray").stream(), "PdfDamaged")

    def test_object_in_use_cannot_be_read__is_damaged_and_not_taken_for_absent(self):
        data = one_page(catalog=b"/AcroForm 6 0 R", o6=b"<< /Fields [] >>").table()
        self.require_refused(data.replace(b"6 0 obj\n<<", b"6 0 obj\n>>"), "PdfDamaged")


class Repairs(SignerCase):
    def pointing_elsewhere(self, document):
        position = int(re.findall(rb"startxref\n(\d+)", document)[-1])
        return document.replace(b"startxref\n%d" % position, b"startxref\n%d" % (position + 30))

    def test_pointer_to_the_table_is_wrong__is_signed_with_a_pointer_that_is_right(self):
        document = self.pointing_elsewhere(one_page().table())
        result = self.require_signed(document)
        self.assertEqual(len(result.warnings), 1)
        self.assertIn(b"/Prev %d\n" % document.rindex(b"xref\n0 "), self.appended(document, result))
        self.assertEqual(self.qpdf_check(result.signed), 0)

    def test_offsets_are_wrong__is_signed_with_a_table_of_all_objects(self):
        def moved(match):
            return b"%010d 00000 n" % (int(match[1]) + 3)

        for document in (
            one_page().table().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%one line too many\n"),
            re.sub(rb"(\d{10}) 00000 n", moved, one_page().table()),
            one_page().table().partition(b"xref\n")[0] + b"trailer\n<< /Root 1 0 R /Size 6 >>\n",
        ):
            result = self.require_signed(document)
            added = self.appended(document, result)
            self.assertNotIn(b"/Prev", added)
            self.assertRegex(added, rb"\nxref\n0 \d+\n0{10} 65535 f\r\n\d{10} 00000 n\r\n")
            self.assertEqual(self.qpdf_check(result.signed), 0)
            self.require_good(result.signed, self.sign(result.signed), earlier=1)

    def test_unused_numbers__are_a_chain(self):
        document = one_page(o8=b"null", o12=b"null").table().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%more\n")
        added = self.appended(document, self.require_signed(document))
        entries = re.findall(rb"(\d{10}) \d{5} ([nf])\r\n", added)
        number, unused = int(entries[0][0]), []
        while number:
            self.assertEqual(entries[number][1], b"f")
            unused.append(number)
            number = int(entries[number][0])
        self.assertEqual(unused, [6, 7, 9, 10, 11])

    def test_broken_and_signed__is_damaged(self):
        signed = self.require_signed(one_page().table()).signed
        self.require_refused(self.pointing_elsewhere(signed), "PdfDamaged")
        self.require_refused(signed.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%more\n"), "PdfDamaged")

    def test_broken_with_compressed_objects__is_damaged(self):
        self.require_refused(one_page().stream().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%more\n"), "PdfDamaged")

    def test_broken_with_two_catalogs__is_damaged(self):
        document = one_page(o6=b"<< /Type /Catalog /Pages 2 0 R >>")
        old = document.table()
        document.root = 6
        self.require_refused(b"%PDF-1.7\n%more\n" + old[9:] + document.table()[9:], "PdfDamaged")

    def test_broken_and_encrypted__is_damaged(self):
        self.require_refused(self.pointing_elsewhere(sample_pdfs.encrypted(one_page().table())), "PdfDamaged")


if __name__ == "__main__":
    tap_runner.main()
