# SPDX-License-Identifier: LGPL-2.1-or-later
"""p11tool and gnutls-cli, which find the module through p11-kit."""

import tap_runner
from consumer_case import ConsumerCase
from p11_kit import P11Kit
from tls_server import TlsTests

TOKEN = "pkcs11:token=HENKILOKORTTI%20%28PIN1%29"
KEY = f"{TOKEN};id=%45"
SIGNATURE_KEY = "pkcs11:token=HENKILOKORTTI%20%28PIN2%29;id=%46"


class GnutlsCase(TlsTests, ConsumerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p11_kit = P11Kit(cls.rig)

    def gnutls(self, *arguments, **options):
        return self.tool(*self.p11_kit.wrapper, *arguments, **options)

    def fetch(self, version):
        server = self.serve(version)
        return self.gnutls("gnutls-cli", "--x509cafile", server.authority, "--x509certfile", f"{KEY};type=cert",
                           "--x509keyfile", f"{KEY};type=private", "--port", str(server.port), "localhost",
                           input="GET / HTTP/1.0\r\n\r\n")


class EcTest(GnutlsCase):
    profile = "fineid-v4"
    objects = ("Authentication certificate", "DigiSign TEST Root CA", "DigiSign TEST Citizen Certificates",
               "Authentication key")

    def test_list__names_tokens_and_public_objects(self):
        tokens = self.gnutls("p11tool", "--list-token-urls")
        self.assertEqual(tokens.count("serial=99900001X"), 2, tokens)
        self.assertIn(TOKEN.partition(":")[2], tokens)
        listed = self.gnutls("p11tool", "--list-all", TOKEN)
        for label in self.objects:
            self.assertEqual(listed.count(f"Label: {label}\n"), 1, listed)
        self.assert_asked()

    def test_list__after_the_login__has_the_private_key(self):
        listed = self.gnutls("p11tool", "--login", "--list-privkeys", TOKEN)
        self.assertEqual(listed.count("Type: Private key (EC/ECDSA-SECP384R1)\n"), 1, listed)

    def test_export__is_the_cards_certificate(self):
        exported = self.gnutls("p11tool", "--export", f"{KEY};type=cert")
        with open(self.certificate("auth"), encoding="ascii") as file:
            self.assertEqual(exported.strip(), file.read().strip())
        self.assert_asked()

    def test_sign__gnutls_verifies(self):
        for key, role in ((KEY, "authentication"), (SIGNATURE_KEY, "signature")):
            said = self.gnutls("p11tool", "--login", "--test-sign", f"{key};type=private")
            self.assertIn("Verifying against public key in the token... ok", said)
            self.assert_asked(role)

    def test_tls__client_is_let_in(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.fetch(version), "auth", version, "ECDSA")
                self.assert_asked("authentication")


class RsaTest(GnutlsCase):
    profile = "fineid-v3"

    def test_sign__gnutls_verifies(self):
        for digest in ("SHA256", "SHA384", "SHA512"):
            for padding in ((), ("--sign-params", "rsa-pss")):
                with self.subTest(digest=digest, padding=padding):
                    said = self.gnutls("p11tool", "--login", "--hash", digest, *padding, "--test-sign",
                                       f"{KEY};type=private")
                    self.assertIn("Verifying against public key in the token... ok", said)

    def test_tls__client_is_let_in(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.fetch(version), "auth", version, "RSA-PSS")
                self.assert_asked("authentication")


class TypedPinTest(GnutlsCase):
    profile = "fineid-v4"
    prompts = False

    def sign(self, pin, expect):
        return self.gnutls("env", f"GNUTLS_PIN={pin}", "p11tool", "--login", "--test-sign", f"{KEY};type=private",
                           expect=expect)

    def test_pin_of_the_environment__is_used(self):
        self.assertIn("Verifying against public key in the token... ok", self.sign(self.pin1, 0))

    def test_wrong_pin_of_the_environment__costs_one_try(self):
        self.assertIn("Wrong PIN has been provided", self.sign("9753", 1))
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 4)


if __name__ == "__main__":
    tap_runner.main()
