# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decryption and key agreement for the PKCS#11 module, with every card that can; openssl is the other side."""

import hashlib

import tap_runner
from bus_client import GLib
from cryptoki_case import CryptokiCase, encrypt, file_with, openssl, pem_of
from daemon_case import PIN1, PIN2, PUK
from private_peer import PrivatePeer


def x963(digest, secret, shared_info, length):
    blocks = (hashlib.new(digest, secret + counter.to_bytes(4, "big") + shared_info).digest()
              for counter in range(1, 10))
    return b"".join(blocks)[:length]


class Card:
    """The tests of one card; mixed into a case with its profile."""

    deciphers = derives = True
    pins = {1: PIN1, 2: PIN2}

    def decrypt(self, key, mechanism, cryptogram):
        return bytes(self.cryptoki("Decrypt", "(uaysay)", (key["slot"], bytes(key["id"]), mechanism, cryptogram))[0])

    def derive(self, key, point, kdf="", info=b"", length=0):
        return bytes(self.cryptoki("Derive", "(uayaysayu)",
                                   (key["slot"], bytes(key["id"]), point, kdf, info, length))[0])

    def pin_of(self, key):
        return self.pins[next(slot["pin-number"] for slot in self.snapshot()[1] if slot["id"] == key["slot"])]

    def enter_pin(self, key):
        """As often as the key wants it."""
        self.log_in(key["slot"], self.pin_of(key))

    def deciphering_keys(self):
        return [key for key in self.private_keys() if key["decipher-mechanisms"]]

    def test_decrypt__each_mechanism_of_each_key(self):
        keys = self.deciphering_keys()
        self.assertEqual(bool(keys), self.deciphers)
        for key in keys:
            for mechanism in key["decipher-mechanisms"]:
                with self.subTest(key=key["label"], mechanism=mechanism):
                    self.enter_pin(key)
                    cryptogram = encrypt(bytes(key["spki"]), mechanism, b"a session key")
                    self.assertEqual(self.decrypt(key, mechanism, cryptogram), b"a session key")

    def test_decrypt__cryptogram_that_is_no_good__is_told_in_the_same_words_and_ends_no_login(self):
        for key in self.deciphering_keys()[:1]:
            self.enter_pin(key)
            size = len(key["modulus"])
            good = encrypt(bytes(key["spki"]), "RSA-PKCS1", b"text")
            messages = set()
            for bad in (bytes(size), bytes([0xFF]) * size, good[:-1] + bytes([good[-1] ^ 1]), good[1:]):
                with self.assertRaises(GLib.Error) as raised:
                    self.decrypt(key, "RSA-PKCS1", bad)
                messages.add(raised.exception.message)
            self.assertEqual(len(messages), 1, messages)
            self.assertIn("CryptogramInvalid", messages.pop())
            self.assertEqual(self.decrypt(key, "RSA-PKCS1", good), b"text")

    def test_decrypt__without_a_login__the_agent_is_told_what_for(self):
        for key in self.deciphering_keys()[:1]:
            cryptogram = encrypt(bytes(key["spki"]), "RSA-PKCS1", b"text")
            self.assert_refused("AgentUnavailable", self.decrypt, key, "RSA-PKCS1", cryptogram)
            with PrivatePeer(self.rig) as desktop:
                desktop.register(default=True)
                pending = self.start_cryptoki("Decrypt", "(uaysay)",
                                              (key["slot"], bytes(key["id"]), "RSA-PKCS1", cryptogram))
                question = desktop.next_request()
                self.assertEqual(question.details["purpose"], "decrypt")
                self.assertEqual(question.details["key"], key["label"])
                desktop.answer(question, self.pin_of(key))
                self.assertEqual(bytes(pending.result(20)[0]), b"text")

    def test_derive__each_key__agrees_with_openssl(self):
        keys = [key for key in self.private_keys() if key["can-derive"]]
        self.assertEqual(bool(keys), self.derives)
        for key in keys:
            with self.subTest(key=key["label"]):
                self.check_derivation(key)

    def check_derivation(self, key):
        spki = bytes(key["spki"])
        with file_with(pem_of(spki)) as card, file_with(openssl("pkey", "-pubin", "-inform", "DER", "-text_pub", "-noout",
                                                               stdin=spki)) as text:
            with open(text, encoding="ascii") as file:
                curve = next(line.split()[-1] for line in file if "ASN1 OID" in line)
            with file_with(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")) as peer:
                expected = openssl("pkeyutl", "-derive", "-inkey", peer, "-peerkey", card)
                peer_spki = openssl("pkey", "-in", peer, "-pubout", "-outform", "DER")
        point = peer_spki[-(2 * len(expected) + 1):]
        for kdf, length, secret in (("", 0, expected), ("", 16, expected[:16]),
                                    ("SHA256", 40, x963("sha256", expected, b"info", 40)),
                                    ("SHA1", 16, x963("sha1", expected, b"info", 16))):
            self.enter_pin(key)
            self.assertEqual(self.derive(key, point, kdf, b"info" if kdf else b"", length), secret)
        self.assert_refused("InvalidArgument", self.derive, key, point[:-1] + bytes([point[-1] ^ 1]))
        self.assert_refused("InvalidArgument", self.derive, key, point, "", b"", len(expected) + 1)
        self.assert_refused("MechanismUnsupported", self.derive, key, point, "MD5", b"", 16)


class Fineid4Test(Card, CryptokiCase):
    card = {"profile": "fineid-v4"}
    deciphers = False


class Fineid3Test(Card, CryptokiCase):
    card = {"profile": "fineid-v3"}
    derives = False


class MyeidTest(Card, CryptokiCase):
    card = {"profile": "myeid", "pins": {"pin1": PIN1, "pin2": PIN2, "puk": PUK, "puk2": PUK}}


class IsoAppletTest(Card, CryptokiCase):
    card = {"profile": "isoapplet"}
    derives = False


class OldIsoAppletTest(Card, CryptokiCase):
    card = {"profile": "isoapplet-0.6"}
    derives = False


class PivTest(Card, CryptokiCase):
    card = {"profile": "piv", "pins": {"pin1": PIN2, "puk": PUK}}
    pins = {1: PIN2}

    def test_key_that_wants_its_pin_each_time__beside_others(self):
        keys = {key["label"]: key for key in self.private_keys()}
        always = next(key for key in keys.values() if key["always-authenticate"])
        other = next(key for key in self.deciphering_keys() if not key["always-authenticate"])
        slot, key_id = always["slot"], bytes(always["id"])
        self.enter_pin(always)
        self.sign_data(slot, b"text", "ECDSA-SHA256", False, key=key_id)
        self.assert_refused("AgentUnavailable", self.sign_data, slot, b"text", "ECDSA-SHA256", False, None, key_id)
        cryptogram = encrypt(bytes(other["spki"]), "RSA-PKCS1", b"text")
        self.assertEqual(self.decrypt(other, "RSA-PKCS1", cryptogram), b"text")  # whose login goes on
        self.enter_pin(always)
        self.decrypt(other, "RSA-PKCS1", cryptogram)  # the card wants the PIN to have been the last before
        self.assert_refused("AgentUnavailable", self.sign_data, slot, b"text", "ECDSA-SHA256", False, None, key_id)


if __name__ == "__main__":
    tap_runner.main()
