#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signs every document of a folder of real ones and asks pdfsig and openssl about the results.

What is expected of a document follows from the traits its MANIFEST.tsv names, not from a list of outcomes. The
passwords that the manifest knows are used. Prints a table of what became of each document.
"""

import csv
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import time
import unittest

import judge
import paths
import tap_runner

SECONDS = 5
MEMORY_LIMIT = 512 * 1024 * 1024
# The best of the programs this was measured against (pyHanko) signs 80 of 100 such documents, 79 of them validly.
VALID_AT_LEAST = 83


class Document:
    def __init__(self, folder, row):
        self.name = row["file"]
        self.path = os.path.join(folder, row["file"])
        self.traits = set(row["traits"].split(","))
        self.password = row["password"] if row["password"] not in ("", "?") else ""
        self.password_unknown = row["password"] == "?" and "encrypted" in self.traits
        self.pages = int(row["pages"] or 0)
        self.sound = row["qpdf_check"] == "0"

    def errors_expected(self):
        """The errors that are right for a document with these traits; empty if it has to be signed."""
        traits = self.traits
        if self.password_unknown:
            return {"PdfEncrypted"}
        if "no-header" in traits:
            return {"NotPdf"}
        if "header-offset" in traits:
            return {"PdfUnsupported"}
        if "docmdp-P1" in traits or self.locked_for_good():
            return {"PdfSigningForbidden"}
        if "encrypted" in traits and not self.permits_signing():
            return {"PdfSigningForbidden"}
        if self.pages == 0 and "encrypted" not in traits:
            return {"PdfDamaged"}
        if traits & {"bad-startxref", "no-startxref"} and not self.sound and traits & {"signed", "objstm"}:
            return {"PdfDamaged"}
        return set()

    def locked_for_good(self):
        """An earlier signature's field has a lock with /P 1 (ISO 32000-2 table 236)."""
        if "sig-lock" not in self.traits:
            return False
        text = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", self.path, "-"], capture_output=True).stdout
        return re.search(rb"<<[^<>]*/P 1\n[^<>]*/Type /SigFieldLock\n", text) is not None

    def permits_signing(self):
        text = subprocess.run(
            ["qpdf", "--show-encryption", f"--password={self.password}", self.path], capture_output=True
        ).stdout.decode(errors="replace")
        if "Supplied password is owner password" in text:
            return True
        return all(f"modify {what}: allowed" in text for what in ("annotations", "other"))


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = paths.shared("pdfs")
        if folder is None:
            raise unittest.SkipTest("the folder of real documents is not here")
        with open(os.path.join(folder, "MANIFEST.tsv"), encoding="utf-8", newline="") as manifest:
            cls.documents = [Document(folder, row) for row in csv.DictReader(manifest, delimiter="\t")]
        cls.directory = tempfile.TemporaryDirectory(prefix="digisign-corpus-")
        cls.addClassCleanup(cls.directory.cleanup)
        cls.program = paths.build("tests/unit/documents/sign_with_test_key")
        subprocess.run([cls.program, "make-pki", "rsa2048", cls.directory.name], check=True)
        cls.root = os.path.join(cls.directory.name, "root.pem")
        cls.lines = {document.name: cls.sign(document) for document in cls.documents}

    @classmethod
    def output(cls, document):
        return os.path.join(cls.directory.name, document.name)

    @classmethod
    def sign(cls, document):
        """(what the program said or how it died, seconds)"""
        begin = time.monotonic()
        command = [
            cls.program,
            "sign",
            cls.directory.name,
            document.path,
            cls.output(document),
            f"password={document.password}",
        ]
        try:
            run = subprocess.run(
                command,
                capture_output=True,
                timeout=60,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT)),
            )
            line = run.stdout.decode().partition("\n")[0] if run.returncode == 0 else f"died {run.returncode}"
        except subprocess.TimeoutExpired:
            line = "died of time"
        return line, time.monotonic() - begin

    def signed_documents(self):
        return [document for document in self.documents if self.lines[document.name][0].startswith("signed ")]

    def test_each_document__is_signed_or_refused_with_the_right_error_in_time(self):
        for document in self.documents:
            line, seconds = self.lines[document.name]
            with self.subTest(document.name):
                verdict, _, rest = line.partition(" ")
                self.assertIn(verdict, ("signed", "refused"), line)
                self.assertLess(seconds, SECONDS)
                expected = document.errors_expected()
                if expected:
                    self.assertIn(rest.split(" ")[0], expected, document.traits)
                else:
                    self.assertEqual(verdict, "signed", (rest, document.traits))

    def test_each_refusal__leaves_no_output(self):
        for document in self.documents:
            if self.lines[document.name][0].startswith("refused"):
                self.assertEqual(os.path.getsize(self.output(document)), 0, document.name)

    def test_each_signed_document__is_valid_for_both_judges_and_what_was_good_stays_good(self):
        valid = []
        for document in self.signed_documents():
            with self.subTest(document.name):
                self.judge(document)
                valid.append(document.name)
        self.print_table(valid)
        self.assertGreaterEqual(len(valid), VALID_AT_LEAST)

    def judge(self, document):
        output = self.output(document)
        before = pathlib.Path(document.path).read_bytes()
        self.assertEqual(pathlib.Path(output).read_bytes()[: len(before)], before)
        self.assertLessEqual(self.qpdf_check(output, document), self.qpdf_check(document.path, document))

        password = document.password or None
        newest = judge.judge_pdf(output, self.root, password)[-1]
        self.assertTrue(newest.valid and newest.covers_file, newest)
        earlier = [(one.byte_range, one.openssl, one.pdfsig) for one in judge.judge_pdf(document.path, None, password)]
        now = [(one.byte_range, one.openssl, one.pdfsig) for one in judge.judge_pdf(output, None, password)]
        self.assertEqual(now[:-1], earlier)

    def qpdf_check(self, path, document):
        return subprocess.run(
            ["qpdf", "--check", f"--password={document.password}", path], capture_output=True
        ).returncode

    def print_table(self, valid):
        for document in self.documents:
            line, seconds = self.lines[document.name]
            outcome = "valid" if document.name in valid else " ".join(line.split(" ")[:2])
            print(f"# {seconds:6.3f} s  {outcome:28} {document.name}")
        refused = [line.split(" ")[1] for line, _ in self.lines.values() if line.startswith("refused")]
        for error in sorted(set(refused)):
            print(f"# refused {refused.count(error):3} {error}")
        print(f"# signed and valid {len(valid)} of {len(self.documents)}")


if __name__ == "__main__":
    tap_runner.main()
