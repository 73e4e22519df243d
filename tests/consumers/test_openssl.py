# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenSSL with the engine of libp11, and curl with OpenSSL."""

import tap_runner
from consumer_case import ConsumerCase
from tls_server import TlsTests

DATA = b"signed through the engine"
KEY = "pkcs11:token=HENKILOKORTTI%20%28PIN1%29;id=%45"
SIGNATURE_KEY = "pkcs11:token=HENKILOKORTTI%20%28PIN2%29;id=%46"


class OpensslCase(TlsTests, ConsumerCase):
    def with_engine(self, *arguments, expect=0):
        return self.tool("env", f"PKCS11_MODULE_PATH={self.module}", *arguments, expect=expect)

    def openssl(self, verb, *arguments, expect=0):
        """With a private key of the card."""
        return self.with_engine("openssl", verb, "-engine", "pkcs11", "-keyform", "engine", *arguments, expect=expect)

    def sign(self, key, *options):
        self.openssl("dgst", "-sha256", *options, "-sign", f"{key};type=private", "-out", self.path("signature"),
                     self.write("data", DATA))

    def sign_and_verify(self, key, certificate, *options):
        self.sign(key, *options)
        self.assert_verifies(certificate, self.path("signature"), self.path("data"), *options)

    def sign_cms(self, key, certificate, *options):
        """A message that openssl verifies; what it prints of the message."""
        message = self.path("message.cms")
        self.openssl("cms", "-sign", "-inkey", f"{key};type=private", "-signer", self.certificate(certificate),
                     "-certfile", self.certificate("issuing"), *options, "-in", self.write("data", DATA), "-out", message)
        said = self.tool("openssl", "cms", "-verify", "-in", message, "-CAfile", self.certificate("root"), "-purpose", "any")
        self.assertIn("CMS Verification successful", said)
        return self.tool("openssl", "cms", "-cmsout", "-print", "-in", message)

    def curl(self, *servers):
        return self.with_engine("curl", "--silent", "--show-error", "--cacert", servers[0].authority, "--engine", "pkcs11",
                                "--cert-type", "ENG", "--cert", f"{KEY};type=cert", "--key-type", "ENG", "--key",
                                f"{KEY};type=private", *(server.url for server in servers))


class EcTest(OpensslCase):
    profile = "fineid-v4"

    def test_signature__openssl_verifies(self):
        self.sign_and_verify(KEY, "auth")
        self.assert_asked("authentication")

    def test_cms__openssl_verifies(self):
        self.sign_cms(KEY, "auth")
        self.assert_asked("authentication")

    def test_cms__with_the_signature_pin__openssl_verifies(self):
        self.sign_cms(SIGNATURE_KEY, "sign")
        self.assert_asked("signature")

    def test_curl__is_let_in(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.curl(self.serve(version)), "auth", version, "ECDSA")
                self.assert_asked("authentication")

    def test_curl__two_servers__one_prompt(self):
        said = self.curl(self.serve(), self.serve())
        self.assertEqual(said.count("Client certificate\n"), 2, said)
        self.assert_asked("authentication")

    def test_server__without_a_certificate__lets_nobody_in(self):
        server = self.serve()
        refused = self.tool("curl", "--silent", "--show-error", "--cacert", server.authority, server.url, expect=56)
        self.assertIn("certificate required", refused)


class RsaTest(OpensslCase):
    profile = "fineid-v3"
    pss = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")

    def test_signature__openssl_verifies(self):
        self.sign_and_verify(KEY, "auth")
        self.sign_and_verify(KEY, "auth", *self.pss)
        self.assert_asked("authentication", "authentication")

    def test_cms__openssl_verifies(self):
        self.assertIn("rsassaPss", self.sign_cms(KEY, "auth", "-keyopt", "rsa_padding_mode:pss", "-keyopt",
                                                 "rsa_pss_saltlen:digest"))
        self.assert_asked("authentication")

    def test_cms__encrypted__is_deciphered(self):
        message = self.path("message.env")
        self.tool("openssl", "cms", "-encrypt", "-aes-256-cbc", "-in", self.write("data", DATA), "-out", message,
                  self.certificate("auth"))
        said = self.openssl("cms", "-decrypt", "-inkey", f"{KEY};type=private", "-recip", self.certificate("auth"), "-in",
                            message)
        self.assertIn(DATA.decode(), said)
        self.assert_asked("authentication")

    def test_certificate_request__is_signed_by_the_key(self):
        request = self.path("request.pem")
        self.openssl("req", "-new", "-key", f"{KEY};type=private", "-subj", "/CN=TEST", "-out", request)
        self.assertIn("verify OK", self.tool("openssl", "req", "-verify", "-noout", "-in", request))

    def test_curl__is_let_in(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assert_let_in(self.curl(self.serve(version)), "auth", version, "RSA-PSS")
                self.assert_asked("authentication")


class TypedPinTest(OpensslCase):
    profile = "fineid-v4"
    prompts = False

    def test_pin_of_the_uri__is_used(self):
        self.sign_and_verify(f"{KEY};pin-value={self.pin1}", "auth")

    def test_wrong_pin_of_the_uri__costs_one_try(self):
        refused = self.openssl("dgst", "-sha256", "-sign", f"{KEY};pin-value=9753;type=private", self.write("data", DATA),
                               expect=1)
        self.assertIn("PIN incorrect", refused)
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 4)


if __name__ == "__main__":
    tap_runner.main()
