# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second opinion on the virtual card: OpenSC reads its profiles with drivers of its own and signs with them, and
Yubico's tool does with the PIV profile."""

import tap_runner
from program_case import ProgramCase

PIN1 = "1234"
PIN2 = "123456"


class OpenscCase(ProgramCase):
    def decrypt(self, key, identifier):
        cryptogram = self.encrypt(key, b"for the card only")
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--decrypt", "--mechanism", "RSA-PKCS", "--id", identifier,
                  "--input-file", cryptogram, "--output-file", self.path("decrypted"))
        return self.read("decrypted")


class MyeidTest(OpenscCase):
    profile = "myeid"

    def test_pkcs15_tool__dump__lists_every_object(self):
        dump = self.tool("pkcs15-tool", "-D")
        self.assertIn("PKCS#15 Card [MyEID TEST]", dump)
        for heading, count in [("\nPIN [", 2), ("\nPrivate RSA Key [", 2), ("\nPrivate EC Key [", 2),
                               ("\nX.509 Certificate [", 6)]:
            self.assertEqual(dump.count(heading), count, dump)

    def test_pkcs15_tool__read_certificate__is_the_one_that_was_issued(self):
        read = self.tool("pkcs15-tool", "--read-certificate", "03")
        with open(self.certificate("sign"), encoding="ascii") as file:
            self.assertIn(file.read().strip(), read)

    def test_opensc_tool__name__is_the_driver_for_myeid(self):
        self.assertIn("MyEID 4.5.5", self.tool("opensc-tool", "--name"))

    def test_pkcs11_tool__sign_rsa__openssl_verifies(self):
        data = self.write("rsa.data", b"signed with RSA")
        signature = self.path("rsa.signature")
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01",
                  "--input-file", data, "--output-file", signature)
        self.assert_verifies("auth", signature, data)

    def test_pkcs11_tool__sign_rsa_pss__openssl_verifies(self):
        data = self.write("pss.data", b"signed with RSASSA-PSS")
        digest = self.path("pss.digest")
        signature = self.path("pss.signature")
        self.tool("openssl", "dgst", "-sha256", "-binary", "-out", digest, data)
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--sign", "--mechanism", "RSA-PKCS-PSS",
                  "--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256", "--id", "01", "--input-file", digest,
                  "--output-file", signature)
        self.assert_verifies("auth", signature, data, "-sigopt", "rsa_padding_mode:pss")

    def test_pkcs11_tool__sign_ec__openssl_verifies(self):
        data = self.write("ec.data", b"signed with ECDSA")
        digest = self.path("ec.digest")
        signature = self.path("ec.signature")
        self.tool("openssl", "dgst", "-sha256", "-binary", "-out", digest, data)
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--sign", "--mechanism", "ECDSA", "--signature-format",
                  "openssl", "--id", "02", "--input-file", digest, "--output-file", signature)
        self.assert_verifies("auth-ec", signature, data)

    def test_pkcs11_tool__sign_with_pin2_keys__openssl_verifies(self):
        data = self.write("pin2.data", b"signed with PIN 2")
        digest = self.path("pin2.digest")
        signature = self.path("pin2.signature")
        self.tool("openssl", "dgst", "-sha256", "-binary", "-out", digest, data)
        self.tool("pkcs11-tool", "--slot-index", "1", "--login", "--pin", PIN2, "--sign", "--mechanism",
                  "SHA256-RSA-PKCS", "--id", "03", "--input-file", data, "--output-file", signature)
        self.assert_verifies("sign", signature, data)
        self.tool("pkcs11-tool", "--slot-index", "1", "--login", "--pin", PIN2, "--sign", "--mechanism", "ECDSA",
                  "--signature-format", "openssl", "--id", "04", "--input-file", digest, "--output-file", signature)
        self.assert_verifies("sign-ec", signature, data)

    def test_pkcs11_tool__decrypt__gives_the_plain_text(self):
        self.assertEqual(self.decrypt("auth", "01"), b"for the card only")

    def test_pkcs11_tool__own_test_suite__finds_no_errors(self):
        self.assertIn("No errors", self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--test"))

    def test_pkcs11_tool__change_pin__only_the_new_one_works(self):
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--change-pin", "--new-pin", "43210")
        try:
            self.tool("pkcs11-tool", "--login", "--pin", "43210", "--list-objects")
            refused = self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects", expect=1)
            self.assertIn("CKR_PIN_INCORRECT", refused)
            self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 2)
        finally:
            self.tool("pkcs11-tool", "--login", "--pin", "43210", "--change-pin", "--new-pin", PIN1)

    def test_pkcs15_tool__unblock__blocked_pin_works_again(self):
        for _ in range(3):
            self.tool("pkcs11-tool", "--login", "--pin", "9999", "--list-objects", expect=1)
        blocked = self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects", expect=1)
        self.assertIn("CKR_PIN_LOCKED", blocked)
        self.tool("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk", "12345678", "--new-pin", PIN1)
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects")


class IsoappletCase(OpenscCase):
    """What both versions have in common."""

    def sign_rsa(self):
        data = self.write("rsa.data", b"signed with RSA")
        signature = self.path("rsa.signature")
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01",
                  "--input-file", data, "--output-file", signature)
        self.assert_verifies("auth", signature, data)

    def change_and_unblock(self):
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--change-pin", "--new-pin", "4321432143214321")
        self.assertIn("CKR_PIN_INCORRECT",
                      self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects", expect=1))
        for _ in range(2):
            self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects", expect=1)
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 0)
        self.tool("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk", "12345678", "--new-pin", PIN1)
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--list-objects")

    def assert_dump(self):
        self.assertIn("Javacard with IsoApplet", self.tool("opensc-tool", "--name"))
        dump = self.tool("pkcs15-tool", "-D")
        self.assertIn("PKCS#15 Card [JavaCard isoApplet TEST]", dump)
        for heading, count in [("\nPIN [", 2), ("\nPrivate RSA Key [", 1), ("\nPrivate EC Key [", 1),
                               ("\nX.509 Certificate [", 4)]:
            self.assertEqual(dump.count(heading), count, dump)


class IsoappletTest(IsoappletCase):
    """Version 1.0, which this OpenSC takes for an early one, and so uses in part."""

    profile = "isoapplet"

    def test_pkcs15_tool__dump__lists_every_object(self):
        self.assert_dump()

    def test_pkcs11_tool__sign_rsa__openssl_verifies(self):
        self.sign_rsa()

    def test_pkcs11_tool__change_pin_and_block_it__puk_unblocks(self):
        self.change_and_unblock()


class OldIsoappletTest(IsoappletCase):
    profile = "isoapplet-0.6"

    def test_pkcs15_tool__dump__lists_every_object(self):
        self.assert_dump()

    def test_pkcs11_tool__sign_rsa__openssl_verifies(self):
        self.sign_rsa()

    def test_pkcs11_tool__sign_ecdsa_sha1__openssl_verifies(self):
        data = self.write("ec.data", b"signed with ECDSA")
        signature = self.path("ec.signature")
        self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--sign", "--mechanism", "ECDSA-SHA1",
                  "--signature-format", "openssl", "--id", "02", "--input-file", data, "--output-file", signature)
        self.tool("openssl", "dgst", "-sha1", "-verify", self.public_key("auth-ec"), "-signature", signature, data)

    def test_pkcs11_tool__decrypt__gives_the_plain_text(self):
        self.assertEqual(self.decrypt("auth", "01"), b"for the card only")

    def test_pkcs11_tool__own_test_suite__finds_no_errors(self):
        self.assertIn("No errors", self.tool("pkcs11-tool", "--login", "--pin", PIN1, "--test"))

    def test_pkcs11_tool__change_pin_and_block_it__puk_unblocks(self):
        self.change_and_unblock()


class PivTest(OpenscCase):
    profile = "piv"
    pin = "123456"

    def yubico(self, *arguments, certificate=None, expect=0):
        tool = ["yubico-piv-tool", "--reader", "Virtual"]
        if certificate:
            arguments = (*arguments, "--input", self.certificate(certificate))
        return self.tool(*tool, *arguments, expect=expect)

    def sign(self, identifier, *login):
        data = self.write("piv.data", b"signed with a PIV key")
        digest = self.path("piv.digest")
        signature = self.path("piv.signature")
        self.tool("openssl", "dgst", "-sha256", "-binary", "-out", digest, data)
        self.tool("pkcs11-tool", *login, "--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id",
                  identifier, "--input-file", digest, "--output-file", signature)
        return data, signature

    def test_opensc__dump__lists_every_object(self):
        self.assertIn("Personal Identity Verification Card", self.tool("opensc-tool", "--name"))
        dump = self.tool("pkcs15-tool", "-D")
        for heading, count in [("\nPIN [", 2), ("\nPrivate RSA Key [", 2), ("\nPrivate EC Key [", 3),
                               ("\nX.509 Certificate [", 5)]:
            self.assertEqual(dump.count(heading), count, dump)

    def test_opensc__read_compressed_certificate__is_the_one_that_was_issued(self):
        with open(self.certificate("card"), encoding="ascii") as file:
            self.assertIn(file.read().strip(), self.tool("pkcs15-tool", "--read-certificate", "04"))

    def test_opensc__own_test_suite__finds_no_errors(self):
        self.assertIn("No errors", self.tool("pkcs11-tool", "--login", "--pin", self.pin, "--test"))

    def test_opensc__sign_with_pin_always__openssl_verifies(self):
        data, signature = self.sign("02", "--login", "--pin", self.pin)
        self.assert_verifies("sign", signature, data)

    def test_opensc__derive__gives_the_shared_secret(self):
        derived, expected = self.derive("retired", "pkcs11-tool", "--login", "--pin", self.pin, "--derive",
                                        "--mechanism", "ECDH1-DERIVE", "--id", "05")
        self.assertEqual(derived, expected)

    def test_yubico__status__names_version_number_and_slots(self):
        status = self.yubico("--action", "status")
        for line in ("Version:\t5.2.7", "Serial Number:\t10000001", "Slot 9a:", "Slot 9c:", "Slot 9d:", "Slot 82:"):
            self.assertIn(line, status)

    def test_yubico__read_certificate__is_the_one_that_was_issued(self):
        with open(self.certificate("sign"), encoding="ascii") as file:
            self.assertIn(file.read().strip(), self.yubico("--action", "read-certificate", "--slot", "9c"))

    def test_yubico__signatures_and_decryption__are_right(self):
        verify = ("--action", "verify-pin", "--pin", self.pin)
        self.assertIn("Successful RSA verification",
                      self.yubico(*verify, "--action", "test-signature", "--slot", "9a", certificate="auth"))
        self.assertIn("Successful ECDSA verification",
                      self.yubico(*verify, "--action", "test-signature", "--slot", "9c", certificate="sign"))
        self.assertIn("Successfully performed RSA decryption",
                      self.yubico(*verify, "--action", "test-decipher", "--slot", "9d", certificate="encrypt"))
        self.assertIn("Successfully performed ECDH exchange",
                      self.yubico(*verify, "--action", "test-decipher", "--slot", "82", certificate="retired"))

    def test_yubico__change_block_and_unblock__counters_follow(self):
        self.yubico("--action", "change-pin", "--pin", self.pin, "--new-pin", "654321")
        for _ in range(3):
            self.yubico("--action", "verify-pin", "--pin", self.pin, expect=1)
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 0)
        self.yubico("--action", "change-puk", "--pin", "12345678", "--new-pin", "87654321")
        self.yubico("--action", "unblock-pin", "--pin", "87654321", "--new-pin", self.pin)
        self.yubico("--action", "change-puk", "--pin", "87654321", "--new-pin", "12345678")
        self.yubico("--action", "verify-pin", "--pin", self.pin)


if __name__ == "__main__":
    tap_runner.main()
