# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon computes for the PKCS#11 module without a card."""

import hashlib
import os

import tap_runner
from cryptoki_case import CryptokiCase, file_with, openssl
from daemon_case import PIN1
from private_peer import PrivatePeer


class SoftwareTest(CryptokiCase):
    def test_digest__at_once_and_in_pieces(self):
        data = os.urandom(100_000)
        for name in ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512"):
            expected = hashlib.new(name, data).digest()
            self.assertEqual(bytes(self.cryptoki("Digest", "(say)", (name, data[:0x10000]))[0]),
                             hashlib.new(name, data[:0x10000]).digest())
            for start in range(0, 80_000, 40_000):
                self.cryptoki("DigestUpdate", "(tsay)", (7, name, data[start:start + 40_000]))
            self.assertEqual(bytes(self.cryptoki("DigestFinal", "(tay)", (7, data[80_000:]))[0]), expected)
        self.assert_refused("InvalidArgument", self.cryptoki, "DigestFinal", "(tay)", (7, b""))
        self.assert_refused("InvalidArgument", self.cryptoki, "Digest", "(say)", ("SHA256", bytes(0x10001)))
        self.assert_refused("MechanismUnsupported", self.cryptoki, "Digest", "(say)", ("MD5", b""))

    def test_digest_streams__are_bounded_and_belong_to_the_connection(self):
        for number in range(1024):
            self.cryptoki("DigestUpdate", "(tsay)", (number, "SHA256", b"a"))
        self.assert_refused("LimitExceeded", self.cryptoki, "DigestUpdate", "(tsay)", (1024, "SHA256", b"a"))
        self.assert_refused("InvalidArgument", self.cryptoki, "DigestUpdate", "(tsay)", (3, "SHA1", b"a"))
        with PrivatePeer(self.rig) as other:
            self.assert_refused("InvalidArgument", self.cryptoki, "DigestFinal", "(tay)", (3, b""), other)
        self.cryptoki("DigestCancel", "(t)", (0,))
        self.cryptoki("DigestCancel", "(t)", (0,))
        self.cryptoki("DigestUpdate", "(tsay)", (1024, "SHA256", b"a"))
        self.assertEqual(bytes(self.cryptoki("DigestFinal", "(tay)", (3, b"bc"))[0]), hashlib.sha256(b"abc").digest())

    def test_verify__what_the_card_and_openssl_signed(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        spki = self.spki(slot)
        signature = self.sign_data(slot, b"text", "ECDSA-SHA256", False)
        types = "(aysbayay)"
        self.cryptoki("Verify", types, (spki, "ECDSA-SHA256", False, b"text", signature))
        self.cryptoki("Verify", types, (spki, "ECDSA", True, hashlib.sha256(b"text").digest(), signature))
        for arguments in ((spki, "ECDSA-SHA256", False, b"Text", signature),
                          (spki, "ECDSA-SHA384", False, b"text", signature),
                          (spki, "ECDSA-SHA256", False, b"text", signature[:-1]),
                          (spki, "RSA-PKCS1-SHA256", False, b"text", signature)):
            self.assert_refused("SignatureInvalid", self.cryptoki, "Verify", types, arguments)
        self.assert_refused("MechanismUnsupported", self.cryptoki, "Verify", types,
                            (spki, "DSA", False, b"text", signature))
        self.assert_refused("InvalidArgument", self.cryptoki, "Verify", types,
                            (spki[1:], "ECDSA", False, b"text", signature))

    def test_encrypt_and_verify__rsa__as_openssl_has_it(self):
        with file_with(openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-quiet")) as key:
            spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
            for mechanism, options in (
                    ("RSA-PKCS1", ("rsa_padding_mode:pkcs1",)),
                    ("RSA-OAEP-SHA1", ("rsa_padding_mode:oaep",)),
                    ("RSA-OAEP-SHA256", ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"))):
                cryptogram = bytes(self.cryptoki("Encrypt", "(aysay)", (spki, mechanism, b"secret"))[0])
                options = [word for option in options for word in ("-pkeyopt", option)]
                self.assertEqual(openssl("pkeyutl", "-decrypt", "-inkey", key, *options, stdin=cryptogram), b"secret")
            self.assert_refused("InvalidArgument", self.cryptoki, "Encrypt", "(aysay)", (spki, "RSA-PKCS1", bytes(246)))
            signature = openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest",
                                "-sign", key, stdin=b"text")
            self.cryptoki("Verify", "(aysbayay)", (spki, "RSA-PSS-SHA256", False, b"text", signature))

    def test_random__is_as_long_as_asked_for(self):
        seen = {bytes(self.cryptoki("Random", "(u)", (length,))[0]) for length in (16, 16, 0x10000)}
        self.assertEqual(sorted(map(len, seen)), [16, 16, 0x10000])
        for length in (0, 0x10001, 0xFFFFFFFF):
            self.assert_refused("InvalidArgument", self.cryptoki, "Random", "(u)", (length,))


if __name__ == "__main__":
    tap_runner.main()
