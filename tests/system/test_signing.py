# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every kind of card signs every kind of PDF; pdfsig and openssl are the judges."""

import json
import os
import subprocess
import unittest

import ctl
import tap_runner
from digisign_rig import Rig
from judge import judge_pdf
from sample_pdfs import linearized, one_page

PIN2 = "951357"
PINS = {"pin1": "2468", "pin2": PIN2}


def make_documents(directory):
    """{kind: path}"""
    page = one_page()
    documents = {
        "classic": page.table(),
        "xref-stream": page.stream(),
        "hybrid": page.hybrid(),
        "linearized": linearized(page.table()),
        "linearized-xref-stream": linearized(page.table(), object_streams=True),
    }
    paths = {kind: os.path.join(directory, kind + ".pdf") for kind in documents}
    for kind, path in paths.items():
        with open(path, "wb") as file:
            file.write(documents[kind])
    return paths


class SigningTest(unittest.TestCase):
    def assert_valid(self, path, original, signatures, with_chain=True):
        with open(path, "rb") as file, open(original, "rb") as before:
            self.assertTrue(file.read().startswith(before.read()), f"{path}: the original is not a prefix")
        verdicts = judge_pdf(path, os.path.join(self.rig.card.certificates, "root.pem"))
        self.assertEqual(len(verdicts), signatures, path)
        # All are of one signer. Of a certificate that it meets again in the same file, pdfsig (22.12) says "unknown
        # issue"; openssl trusts the chain of each.
        if with_chain:
            self.assertTrue(verdicts[0].valid, f"{path}: {verdicts[0]}")
        for verdict in verdicts:
            if with_chain:
                self.assertTrue(verdict.intact, f"{path}: {verdict}")
            else:
                self.assertEqual(verdict.pdfsig, "Signature is Valid.", path)
        self.assertTrue(verdicts[-1].covers_file, path)
        checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def sign(self, source, target, *options):
        result = ctl.run(self.rig, "sign", source, "--output", target, *options, pin=PIN2)
        self.assertEqual(result.code, 0, result)

    def check_profile(self, profile):
        with Rig(profile=profile, pins=PINS) as self.rig:
            documents = make_documents(self.rig.directory)
            for kind, path in documents.items():
                with self.subTest(profile=profile, kind=kind):
                    once, twice, thrice = (f"{path}.{n}" for n in (1, 2, 3))
                    self.sign(path, once)
                    self.assert_valid(once, path, 1)
                    self.sign(once, twice, "--reason", "Hyväksytty", "--location", "Jyväskylä")
                    self.assert_valid(twice, once, 2)
                    self.sign(twice, thrice)
                    self.assert_valid(thrice, twice, 3)

    def test_fineid_v4__every_kind_of_pdf__three_valid_signatures(self):
        self.check_profile("fineid-v4")

    def test_fineid_v3__every_kind_of_pdf__three_valid_signatures(self):
        self.check_profile("fineid-v3")

    def test_myeid__every_kind_of_pdf__three_valid_signatures(self):
        self.check_profile("myeid")

    def test_each_certificate_with_a_key__rsa_and_ec__signs_validly(self):
        one_pin = {**PINS, "pin1": PIN2}  # PIV's is at least as long as PIN 2 elsewhere
        for profile, pins in (("fineid-v4", PINS), ("fineid-v3", PINS), ("myeid", PINS), ("isoapplet", one_pin),
                              ("piv", one_pin)):
            with self.subTest(profile=profile), Rig(profile=profile, pins=pins) as self.rig:
                document = make_documents(self.rig.directory)["classic"]
                listing = ctl.run(self.rig, "list", "--json")
                self.assertEqual(listing.code, 0, listing)
                for name, pin in self.signing_certificates(listing.output, pins):
                    signed = f"{document}.{name}"
                    result = ctl.run(self.rig, "sign", document, "--output", signed, "--certificate", name, pin=pin)
                    self.assertEqual(result.code, 0, result)
                    # A PIV card has no certificates of authorities.
                    self.assert_valid(signed, document, 1, with_chain=profile != "piv")

    def signing_certificates(self, listing, values):
        """(fingerprint, value of its PIN) of each certificate that has a key with a PIN."""
        found = []
        for card in filter(None, (reader["card"] for reader in json.loads(listing)["readers"])):
            keys = {key["id"]: key for key in card["keys"]}
            roles = {pin["reference"]: pin["role"] for pin in card["pins"]}
            for certificate in card["certificates"]:
                if certificate["authority"] or certificate["id"] not in keys:
                    continue
                role = roles.get(keys[certificate["id"]]["pin"])
                if role:
                    found.append((certificate["fingerprint"], values["pin2" if role == "signature" else "pin1"]))
        self.assertGreaterEqual(len(found), 2)
        return found

    def test_signature_dictionary__holds_what_was_asked_for(self):
        with Rig(pins=PINS) as self.rig:
            document = make_documents(self.rig.directory)["classic"]
            signed = document + ".signed"
            self.sign(document, signed, "--reason", "Hyväksytty", "--location", "Jyväskylä", "--contact", "a@b.test",
                      "--name", "Åke Öberg")
            text = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", signed, "-"], capture_output=True,
                                  timeout=30, check=False).stdout
            self.assertIn(b"/SubFilter /ETSI.CAdES.detached", text)
            self.assertIn(b"/ContactInfo (a@b.test)", text)
            self.assertNotIn(b"/Cert ", text)
            for name in ("Hyväksytty", "Jyväskylä", "Åke Öberg"):
                forms = [name.encode("latin-1"), name.encode("utf-16-be"), name.encode("utf-16-be").hex().encode()]
                self.assertTrue(any(form in text for form in forms), name)
            cms = judge_pdf(signed)[0].cms
            dump = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-inform", "DER"], input=cms,
                                  capture_output=True, timeout=30, check=True).stdout
            self.assertIn(b"id-smime-aa-signingCertificateV2", dump)
            self.assertNotIn(b"signingTime", dump)


if __name__ == "__main__":
    tap_runner.main()
