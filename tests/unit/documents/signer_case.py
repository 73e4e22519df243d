# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of the PDF signer share: keys, the program that signs, and what a good result is."""

import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

import judge
import paths

PROGRAM = paths.build("tests/unit/documents/sign_with_test_key")
MEMORY_LIMIT = 512 * 1024 * 1024


class Result:
    def __init__(self, line, signed, warnings):
        self.verdict, _, rest = line.partition(" ")
        self.field = rest if self.verdict == "signed" else None
        self.error = rest.split(" ")[0] if self.verdict == "refused" else None
        self.message = rest
        self.signed = signed
        self.warnings = warnings


class SignerCase(unittest.TestCase):
    """Keys are made once for all cases."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="digisign-test-")
        cls.addClassCleanup(cls.directory.cleanup)
        cls.pki = {}
        for kind in ("rsa2048", "p256", "p384"):
            cls.pki[kind] = os.path.join(cls.directory.name, kind)
            os.mkdir(cls.pki[kind])
            subprocess.run([PROGRAM, "make-pki", kind, cls.pki[kind]], check=True)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def sign(self, document, kind="p256", **options):
        """Takes bytes or a path."""
        source = self.path("in.pdf")
        if isinstance(document, bytes):
            pathlib.Path(source).write_bytes(document)
        else:
            source = document
        arguments = [
            b"%s=%s" % (key.replace("_", "-").encode(), value if isinstance(value, bytes) else value.encode())
            for key, value in options.items()
        ]
        run = subprocess.run(
            [PROGRAM, "sign", self.pki[kind], source, self.path("out.pdf"), *arguments],
            capture_output=True,
            timeout=30,
            check=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT)),
        )
        lines = run.stdout.decode().splitlines()
        return Result(lines[0], pathlib.Path(self.path("out.pdf")).read_bytes(), lines[1:])

    def qpdf_check(self, document, password=""):
        path = self.path("check.pdf")
        pathlib.Path(path).write_bytes(document)
        return subprocess.run(["qpdf", "--check", f"--password={password}", path], capture_output=True).returncode

    def judge(self, signed, kind="p256", password=None):
        path = self.path("judged.pdf")
        pathlib.Path(path).write_bytes(signed)
        return judge.judge_pdf(path, os.path.join(self.pki[kind], "root.pem"), password)

    def require_good(self, document, result, kind="p256", password=None, earlier=0):
        """It is signed, both judges call all signatures valid, and the document is still what it was."""
        self.assertEqual(result.verdict, "signed", result.message)
        self.assertEqual(result.signed[: len(document)], document)
        self.assertLessEqual(self.qpdf_check(result.signed, password or ""), self.qpdf_check(document, password or ""))
        verdicts = self.judge(result.signed, kind, password)
        self.assertEqual([verdict.valid for verdict in verdicts], [True] * (earlier + 1), verdicts)
        self.assertTrue(verdicts[-1].covers_file)
        return result

    def require_signed(self, document, kind="p256", password=None, **options):
        if password is not None:
            options["password"] = password
        return self.require_good(document, self.sign(document, kind, **options), kind, password)

    def require_refused(self, document, error, **options):
        result = self.sign(document, **options)
        self.assertEqual(result.error, error, result.message)
        self.assertEqual(result.signed, b"")
        return result

    def appended(self, document, result):
        return result.signed[len(document) :]
