# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the PKCS#11 module is told and given on the private socket."""

import hashlib
import os
import re
import subprocess
import tempfile

import tap_runner
from bus_client import GLib
from daemon_case import DIGEST, PIN1, PIN2, PUK, SERVICE, DaemonCase
from private_peer import ROOT, PrivatePeer


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *arguments], input=stdin, stdout=subprocess.PIPE, check=True).stdout


def der_signature(raw):
    def integer(octets):
        value = octets.lstrip(b"\0") or b"\0"
        value = b"\0" * (value[0] >> 7) + value
        return bytes([0x02, len(value)]) + value

    content = integer(raw[:len(raw) // 2]) + integer(raw[len(raw) // 2:])
    return bytes([0x30]) + (bytes([0x81]) if len(content) > 127 else b"") + bytes([len(content)]) + content


def verify_ecdsa(spki, digest, data, raw_signature):
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as signature:
        key.write(openssl("pkey", "-pubin", "-inform", "DER", stdin=spki))
        signature.write(der_signature(raw_signature))
        key.flush()
        signature.flush()
        openssl("dgst", f"-{digest}", "-verify", key.name, "-signature", signature.name, stdin=data)


class CryptokiTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.module = self.peer  # a second connection of the same kind would do as well

    def cryptoki(self, member, signature="()", arguments=(), peer=None):
        return (peer or self.module).call(ROOT, f"{SERVICE}.Cryptoki", member, signature, arguments)

    def snapshot(self):
        generation, slots, objects = self.cryptoki("GetSnapshot")
        return generation, slots, objects

    def slot(self, number):
        return next(slot for slot in self.snapshot()[1] if slot.get("pin-number") == number)["id"]

    def key_id(self, slot):
        return next(bytes(o["id"]) for o in self.snapshot()[2] if o["slot"] == slot and o["class"] == "private-key")

    def log_in(self, slot, pin, peer=None):
        self.cryptoki("Login", "(uay)", (slot, pin.encode()), peer)

    def sign_data(self, slot, data, mechanism="ECDSA-SHA256", digested=True, peer=None):
        return bytes(self.cryptoki("Sign", "(uaysbay)", (slot, self.key_id(slot), mechanism, digested, data), peer)[0])

    def sign1(self, slot, peer=None):
        return self.sign_data(slot, DIGEST, peer=peer)

    def test_snapshot__has_a_slot_per_pin_with_its_objects(self):
        generation, slots, objects = self.snapshot()
        self.assertGreater(generation, 0)
        self.assertEqual([slot.get("pin") for slot in slots], ["PIN 1 (basic)", "PIN 2 (signature)", None, None])
        self.assertEqual(len({slot["id"] for slot in slots}), 4)
        first, second = slots[0]["id"], slots[1]["id"]
        self.assertEqual(slots[0]["tries-left"], 5)
        classes = [(o["slot"], o["class"], o.get("authority", False)) for o in objects]
        self.assertEqual(sorted(classes), sorted([
            (first, "certificate", False), (first, "certificate", True), (first, "certificate", True),
            (first, "public-key", False), (first, "private-key", False),
            (second, "certificate", False), (second, "public-key", False), (second, "private-key", False)]))

    def test_snapshot__certificate__is_told_in_parts(self):
        certificate = next(o for o in self.snapshot()[2] if o["class"] == "certificate" and not o["authority"])
        der = bytes(certificate["der"])
        self.assertEqual(bytes(certificate["check-value"]), hashlib.sha1(der).digest()[:3])
        for part in ("subject", "issuer", "serial", "spki"):
            self.assertIn(bytes(certificate[part]), der)
            self.assertEqual(certificate[part][0], 0x02 if part == "serial" else 0x30)
        said = openssl("x509", "-inform", "DER", "-noout", "-startdate", "-enddate", "-dateopt", "iso_8601", stdin=der)
        dates = [line.split("=")[1][:10].replace("-", "") for line in said.decode().splitlines()]
        self.assertEqual([certificate["start-date"], certificate["end-date"]], dates)

    def test_snapshot__keys__have_the_parts_of_their_certificates(self):
        _, slots, objects = self.snapshot()
        keys = [o for o in objects if o["class"] == "private-key"]
        self.assertEqual(len(keys), 2)
        for key in keys:
            certificate = next(o for o in objects if o["class"] == "certificate" and o["id"] == key["id"])
            self.assertEqual([key[part] for part in ("subject", "spki")],
                             [certificate[part] for part in ("subject", "spki")])
            said = openssl("pkey", "-pubin", "-inform", "DER", "-text_pub", "-noout", stdin=bytes(key["spki"])).decode()
            public = bytes.fromhex(re.search(r"pub:([0-9a-f:\s]+)", said)[1].replace(":", ""))
            self.assertEqual(bytes(key["ec-point"]), bytes([0x04, len(public)]) + public)
            self.assertEqual(bytes(key["ec-params"]).hex(), "06052b81040022")  # secp384r1
            self.assertEqual(key["decipher-mechanisms"], [])
            self.assertNotIn("modulus", key)
        self.assertEqual([key["can-derive"] for key in keys], [True, False])
        self.assertEqual([slot["can-change"] for slot in slots[:2]], [True, True])

    def test_sign__data_that_is_not_digested__is_digested_here(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        spki = next(bytes(o["spki"]) for o in self.snapshot()[2] if o["slot"] == slot and o["class"] == "public-key")
        for data in (b"", b"some text", bytes(0x10000)):
            signature = self.sign_data(slot, data, "ECDSA-SHA384", digested=False)
            verify_ecdsa(spki, "sha384", data, signature)
        self.assert_refused("InvalidArgument", self.sign_data, slot, bytes(0x10001), "ECDSA-SHA384", False)

    def test_snapshot__card_inserted_again__is_another_token(self):
        before = [slot["token"] for slot in self.snapshot()[1][:2]]
        self.assertEqual(before[0], before[1])
        self.rig.card.remove()
        self.client.signals.clear()
        self.rig.card.insert()
        self.wait_until_read()
        self.assertNotEqual(self.snapshot()[1][0]["token"], before[0])

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
        spki = next(bytes(o["spki"]) for o in self.snapshot()[2] if o["slot"] == slot and o["class"] == "public-key")
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
        with tempfile.NamedTemporaryFile() as key:
            key.write(openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-quiet"))
            key.flush()
            spki = openssl("pkey", "-in", key.name, "-pubout", "-outform", "DER")
            for mechanism, options in (
                    ("RSA-PKCS1", ("rsa_padding_mode:pkcs1",)),
                    ("RSA-OAEP-SHA1", ("rsa_padding_mode:oaep",)),
                    ("RSA-OAEP-SHA256", ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"))):
                cryptogram = bytes(self.cryptoki("Encrypt", "(aysay)", (spki, mechanism, b"secret"))[0])
                options = [word for option in options for word in ("-pkeyopt", option)]
                self.assertEqual(openssl("pkeyutl", "-decrypt", "-inkey", key.name, *options, stdin=cryptogram), b"secret")
            self.assert_refused("InvalidArgument", self.cryptoki, "Encrypt", "(aysay)", (spki, "RSA-PKCS1", bytes(246)))
            signature = openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest",
                                "-sign", key.name, stdin=b"text")
            self.cryptoki("Verify", "(aysbayay)", (spki, "RSA-PSS-SHA256", False, b"text", signature))

    def test_random__is_as_long_as_asked_for(self):
        seen = {bytes(self.cryptoki("Random", "(u)", (length,))[0]) for length in (16, 16, 0x10000)}
        self.assertEqual(sorted(map(len, seen)), [16, 16, 0x10000])
        for length in (0, 0x10001, 0xFFFFFFFF):
            self.assert_refused("InvalidArgument", self.cryptoki, "Random", "(u)", (length,))

    def test_login_and_sign(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        self.assertEqual(len(self.sign1(slot)), 96)  # after it the counters have been read, which a log-in is followed by
        self.rig.card.clear_log()
        self.sign1(slot)
        self.assertEqual(len(self.commands()), 3)
        self.cryptoki("Logout", "(u)", (slot,))
        self.assert_refused("AgentUnavailable", self.sign1, slot)

    def test_login__wrong_pin__is_named_and_not_sent_twice(self):
        slot = self.slot(1)
        for _ in range(2):
            self.assert_refused("PinIncorrect", self.log_in, slot, "0000")
        self.assertEqual(self.get(self.pin("authentication"), "Pin", "TriesLeft"), 4)
        self.log_in(slot, PIN1)
        self.assert_refused("PinIncorrect", self.log_in, slot, "9999")  # though it is logged in

    def test_signature_pin__is_good_for_one_signature(self):
        slot = self.slot(2)
        self.log_in(slot, PIN2)
        self.sign1(slot)
        self.assert_refused("AgentUnavailable", self.sign1, slot)

    def test_login__belongs_to_the_connection(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        with PrivatePeer(self.rig) as other:
            self.assert_refused("AgentUnavailable", self.sign1, slot, other)
        self.sign1(slot)

    def test_without_pin__the_default_agent_is_asked(self):
        slot = self.slot(1)
        self.assertFalse(self.snapshot()[1][0]["agent"])
        with PrivatePeer(self.rig) as desktop:
            desktop.register(default=True)
            self.assertTrue(self.snapshot()[1][0]["agent"])
            pending = self.module.start_call(ROOT, f"{SERVICE}.Cryptoki", "Login", "(uay)", (slot, b""))
            desktop.answer(desktop.next_request(), PIN1)
            pending.result(20)
        self.sign1(slot)

    def test_set_and_unblock_pin(self):
        slot = self.slot(1)
        self.cryptoki("SetPin", "(uayay)", (slot, PIN1.encode(), b"8264"))
        self.log_in(slot, "8264")
        self.cryptoki("UnblockPin", "(uayay)", (slot, PUK.encode(), b"7391"))
        self.log_in(slot, "7391")
        self.assert_refused("InvalidArgument", self.cryptoki, "SetPin", "(uayay)", (slot, b"7391", b""))

    def test_card_removed__changes_the_generation_and_refuses_the_slot(self):
        slot = self.slot(1)
        before = self.snapshot()[0]
        self.rig.card.remove()
        self.client.wait_for(lambda _, member, __: member == "InterfacesRemoved", "the card to go")
        self.assertGreater(self.snapshot()[0], before)
        self.assert_refused("CardRemoved", self.log_in, slot, PIN1)
        self.assert_refused("NoReader", self.log_in, 999, PIN1)

    def test_session_bus__has_no_such_interface(self):
        with self.assertRaises(GLib.Error):
            self.client.call(SERVICE, ROOT, f"{SERVICE}.Cryptoki", "GetSnapshot")


if __name__ == "__main__":
    tap_runner.main()
