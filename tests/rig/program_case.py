# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case in which other people's programs use a virtual card."""

import os
import subprocess
import unittest

from digisign_rig import Rig


class ProgramCase(unittest.TestCase):
    """One rig for all tests of the class. `card` has further arguments of it."""

    profile: str
    card = {}

    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig(profile=cls.profile, **cls.card))

    def tool(self, *arguments, expect=0, **options):
        """What it says on both channels."""
        result = self.rig.run(arguments, **options)
        output = result.stdout + result.stderr
        self.assertEqual(result.returncode, expect, f"{' '.join(arguments)}\n{output}")
        return output

    def path(self, name):
        return os.path.join(self.rig.directory, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def certificate(self, name):
        """File with a certificate of the card, or of an authority: "root", "issuing"."""
        return os.path.join(self.rig.card.certificates, name + ".pem")

    def public_key(self, name):
        pem = subprocess.run(["openssl", "x509", "-in", self.certificate(name), "-noout", "-pubkey"],
                             capture_output=True, check=True).stdout
        return self.write(name + ".pub", pem)

    def assert_verifies(self, certificate, signature, data, *options, digest="sha256"):
        self.tool("openssl", "dgst", f"-{digest}", *options, "-verify", self.public_key(certificate),
                  "-signature", signature, data)

    def encrypt(self, certificate, plain_text, *options):
        """File with the cryptogram."""
        cryptogram = self.path("cryptogram")
        self.tool("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", self.public_key(certificate), "-in",
                  self.write("plain", plain_text), "-out", cryptogram, *options)
        return cryptogram

    def derive(self, certificate, *command, curve="P-256"):
        """(what the command derived with a key of somebody, given as its --input-file; what openssl did)"""
        other = self.path("other.pem")
        point = self.path("other.der")
        self.tool("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", other)
        self.tool("openssl", "pkey", "-in", other, "-pubout", "-outform", "DER", "-out", point)
        self.tool(*command, "--input-file", point, "--output-file", self.path("derived"))
        self.tool("openssl", "pkeyutl", "-derive", "-inkey", other, "-peerkey", self.public_key(certificate), "-out",
                  self.path("expected"))
        return self.read("derived"), self.read("expected")
