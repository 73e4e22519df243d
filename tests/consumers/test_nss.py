# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools of NSS, the library of Firefox, Thunderbird, Chromium and LibreOffice."""

import subprocess

import tap_runner
from consumer_case import ConsumerCase
from nss_database import make_database
from tls_server import ServerFiles, TlsTests

DATA = b"signed by NSS"
TOKEN = "HENKILOKORTTI (PIN1)"
SIGNATURE_TOKEN = "HENKILOKORTTI (PIN2)"
CERTIFICATE = f"{TOKEN}:Authentication certificate"


class NssCase(TlsTests, ConsumerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = ServerFiles(cls.rig)
        cls.database = make_database(cls.rig.directory + "/nss", cls.module,
                                     (files.authority, cls.rig.card.certificates + "/root.pem",
                                      cls.rig.card.certificates + "/issuing.pem"))

    def nss(self, program, *arguments, **options):
        return self.tool(program, "-d", self.database, *arguments, stdin=subprocess.DEVNULL, **options)

    def fetch(self, version, *options):
        server = self.serve(version)
        request = self.write("request", b"GET / HTTP/1.0\r\n\r\n")
        return self.nss("tstclnt", "-h", "127.0.0.1", "-a", "localhost", "-p", str(server.port), "-n", CERTIFICATE, "-A",
                        request, *options)

    def sign_and_verify(self, *options):
        message = self.path("message.p7")
        self.nss("cmsutil", "-S", "-N", CERTIFICATE, "-i", self.write("data", DATA), "-o", message, *options)
        said = self.tool("openssl", "cms", "-verify", "-inform", "DER", "-in", message, "-CAfile", self.certificate("root"))
        self.assertIn("CMS Verification successful", said)
        self.assertIn(DATA.decode(), self.nss("cmsutil", "-D", "-i", message))


class EcTest(NssCase):
    profile = "fineid-v4"

    def test_modutil__names_slots_and_tokens(self):
        listed = self.tool("modutil", "-dbdir", self.database, "-list")
        for token in (TOKEN, SIGNATURE_TOKEN):
            self.assertEqual(listed.count(f"token: {token}\n"), 1, listed)
        self.assert_asked()

    def test_certutil__lists_certificates_with_their_keys(self):
        listed = self.nss("certutil", "-L", "-h", TOKEN)
        self.assertRegex(listed, rf"{TOKEN.replace('(', '.').replace(')', '.')}:Authentication certificate +u,u,u")
        self.assert_asked("authentication")
        listed = self.nss("certutil", "-K", "-h", TOKEN)
        self.assertRegex(listed, r"< 0> ec +\S+ +Authentication key")
        self.assert_asked("authentication")

    def test_tls__client_is_let_in_after_one_prompt(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.fetch(version), "auth", version, "ECDSA")
                self.assert_asked("authentication")

    def test_cms__openssl_and_nss_verify(self):
        self.sign_and_verify()
        self.assert_asked("authentication")


class RsaTest(NssCase):
    profile = "fineid-v3"

    def test_tls__client_is_let_in_after_one_prompt(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.fetch(version), "auth", version, "RSA-PSS")
                self.assert_asked("authentication")

    def test_cms__openssl_and_nss_verify(self):
        self.sign_and_verify()
        self.assert_asked("authentication")

    def test_cms__encrypted_by_openssl__is_deciphered_after_one_prompt(self):
        message = self.path("message.env")
        self.tool("openssl", "cms", "-encrypt", "-aes-256-cbc", "-outform", "DER", "-in", self.write("data", DATA), "-out",
                  message, self.certificate("auth"))
        self.assertIn(DATA.decode(), self.nss("cmsutil", "-D", "-i", message))
        self.assert_asked("authentication")

    def test_cms__encrypted_by_nss__is_deciphered_after_one_prompt(self):
        message = self.path("message.p7")
        self.nss("cmsutil", "-E", "-r", CERTIFICATE, "-i", self.write("data", DATA), "-o", message)
        self.prompter.asked.clear()
        self.assertIn(DATA.decode(), self.nss("cmsutil", "-D", "-i", message))
        self.assert_asked("authentication")


class TypedPinTest(NssCase):
    profile = "fineid-v4"
    prompts = False

    def password_file(self, pin):
        return "-f", self.write("password", f"{TOKEN}:{pin}\n".encode())

    def test_pin_of_a_file__is_used(self):
        self.sign_and_verify(*self.password_file(self.pin1))

    def test_wrong_pin_of_a_file__costs_one_try(self):
        refused = self.nss("certutil", "-K", "-h", TOKEN, *self.password_file("9753"), expect=255)
        self.assertIn("SEC_ERROR_BAD_PASSWORD", refused)
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 4)


if __name__ == "__main__":
    tap_runner.main()
