# SPDX-License-Identifier: LGPL-2.1-or-later
"""pkcs11-tool of OpenSC, on every kind of card; what it makes is judged by openssl."""

import hashlib
import re
import typing

import tap_runner
from consumer_case import ConsumerCase

DATA = b"signed by a card"


class Key(typing.NamedTuple):
    name: str  # of its certificate
    id: str
    slot: int = 0  # index; in each are the keys of a PIN
    curve: str | None = None
    decrypts: tuple = ()  # mechanisms
    derives: bool = False


class Signature(typing.NamedTuple):
    """How a mechanism of pkcs11-tool is used, and how openssl checks the result."""

    digest: str
    digested: bool = False  # the caller does it
    arguments: tuple = ()
    options: tuple = ()


PSS = ("-sigopt", "rsa_padding_mode:pss")
EC = ("--signature-format", "openssl")

DIGESTS = ("sha1", "sha224", "sha256", "sha384", "sha512")
RSA_PKCS = {f"{digest.upper()}-RSA-PKCS": Signature(digest) for digest in DIGESTS}
RSA_PSS = {
    "RSA-PKCS-PSS": Signature("sha256", True, ("--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256"), PSS),
    **{f"{digest.upper()}-RSA-PKCS-PSS": Signature(digest, options=PSS) for digest in DIGESTS},
}
ALL_RSA = {**RSA_PKCS, **RSA_PSS}
ECDSA = {
    "ECDSA": Signature("sha256", True, EC),
    **{f"ECDSA-{digest.upper()}": Signature(digest, arguments=EC) for digest in DIGESTS},
}
DECRYPTION = ("RSA-PKCS", "RSA-PKCS-OAEP")


class Pkcs11ToolTests:
    """Of every profile. `labels`: of the tokens. `keys`: what pkcs11-tool finds. `rsa`: mechanisms of RSA signatures beyond plain
    RSA-PKCS."""

    labels: tuple
    keys: tuple
    rsa = {}

    def pkcs11_tool(self, *arguments, expect=0):
        return self.tool("pkcs11-tool", "--module", self.module, *arguments, expect=expect)

    def login(self, key):
        """Arguments for work with the key."""
        return "--slot-index", str(key.slot), "--id", key.id, "--login"

    def mechanisms(self, slot, use):
        """Names of the slot's mechanisms that are for this."""
        listed = self.pkcs11_tool("--list-mechanisms", "--slot-index", str(slot))
        return {match[1] for match in re.finditer(r"^  (\S+), (.*)$", listed, re.MULTILINE) if use in match[2].split(", ")}

    def test_slots__there_is_one_for_each_pin(self):
        slots = self.pkcs11_tool("--list-token-slots")
        self.assertEqual(tuple(re.findall(r"token label +: (.*)", slots)), self.labels)
        self.assertEqual(slots.count("login required"), len(self.labels), slots)

    def test_objects__private_keys_are_there_after_the_login(self):
        for slot in range(len(self.labels)):
            expected = sorted(key.id for key in self.keys if key.slot == slot)
            arguments = ("--list-objects", "--type", "privkey", "--slot-index", str(slot))
            self.assertNotIn("Private Key", self.pkcs11_tool(*arguments))
            found = re.findall(r"^  ID: +(\w+)$", self.pkcs11_tool(*arguments, "--login"), re.MULTILINE)
            self.assertEqual(sorted(found), expected)

    def test_certificates__are_the_cards(self):
        for key in self.keys:
            self.pkcs11_tool("--read-object", "--type", "cert", "--slot-index", str(key.slot), "--id", key.id,
                             "--output-file", self.path("certificate.der"))
            self.assertEqual(self.tool("openssl", "x509", "-inform", "DER", "-in", self.path("certificate.der")),
                             self.read(self.certificate(key.name)).decode())

    def test_own_test_suite__finds_no_errors(self):
        for slot in range(len(self.labels)):
            said = self.pkcs11_tool("--test", "--login", "--slot-index", str(slot))
            self.assertIn("No errors", said)

    def test_signatures__of_every_mechanism__openssl_verifies(self):
        for key in self.keys:
            expected = ECDSA if key.curve else self.rsa
            for mechanism, signature in expected.items():
                with self.subTest(key=key.name, mechanism=mechanism):
                    self.sign(key, mechanism, signature)
            if not key.curve:
                with self.subTest(key=key.name, mechanism="RSA-PKCS"):
                    self.sign_and_recover(key)
        for slot in range(len(self.labels)):
            curves = [key.curve for key in self.keys if key.slot == slot]
            expected = {*(ECDSA if any(curves) else ()), *({"RSA-PKCS", *self.rsa} if None in curves else ())}
            self.assertEqual(self.mechanisms(slot, "sign"), expected)

    def sign(self, key, mechanism, how):
        data = self.write("data", DATA)
        given = self.write("digest", hashlib.new(how.digest, DATA).digest()) if how.digested else data
        self.pkcs11_tool("--sign", *self.login(key), "--mechanism", mechanism, *how.arguments, "--input-file", given,
                         "--output-file", self.path("signature"))
        self.assert_verifies(key.name, self.path("signature"), data, *how.options, digest=how.digest)

    def sign_and_recover(self, key):
        """Plain RSA-PKCS signs what it is given, here the DigestInfo of PKCS#1."""
        digest_info = bytes.fromhex("3031300D060960864801650304020105000420") + hashlib.sha256(DATA).digest()
        self.pkcs11_tool("--sign", *self.login(key), "--mechanism", "RSA-PKCS", "--input-file",
                         self.write("digest-info", digest_info), "--output-file", self.path("signature"))
        self.assert_verifies(key.name, self.path("signature"), self.write("data", DATA))

    def test_decryption__gives_the_plain_text(self):
        plain_text = b"for the card only"
        oaep = ("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256")
        ways = {"RSA-PKCS": ((), ()), "RSA-PKCS-OAEP": (oaep, ("--hash-algorithm", "SHA256"))}
        for key in self.keys:
            for mechanism in key.decrypts:
                with self.subTest(key=key.name, mechanism=mechanism):
                    options, arguments = ways[mechanism]
                    self.pkcs11_tool("--decrypt", *self.login(key), "--mechanism", mechanism, *arguments, "--input-file",
                                     self.encrypt(key.name, plain_text, *options), "--output-file", self.path("decrypted"))
                    self.assertEqual(self.read("decrypted"), plain_text)
        for slot in range(len(self.labels)):
            self.assertEqual(self.mechanisms(slot, "decrypt"),
                             {name for key in self.keys if key.slot == slot for name in key.decrypts})

    def test_key_agreement__gives_the_shared_secret(self):
        for key in self.keys:
            if key.derives:
                with self.subTest(key=key.name):
                    derived, expected = self.derive(
                        key.name, "pkcs11-tool", "--module", self.module, "--derive", *self.login(key), "--mechanism",
                        "ECDH1-DERIVE", curve=key.curve)
                    self.assertEqual(derived, expected)

    def test_pin__wrong_one__costs_one_try_and_is_not_tried_twice(self):
        login = ("--list-objects", "--slot-index", "0", "--login", "--pin", "97531864"[:len(self.pin1)])
        tries = self.tries_left()
        for _ in range(2):
            self.assertIn("CKR_PIN_INCORRECT", self.pkcs11_tool(*login, expect=1))
        self.assertEqual(self.tries_left(), tries - 1)
        self.pkcs11_tool("--list-objects", "--slot-index", "0", "--login", "--pin", self.pin1)
        self.assertEqual(self.tries_left(), tries)
        self.assert_asked()

    def tries_left(self):
        return self.rig.card.status()["pins"]["pin1"]["tries-left"]

    def test_pin__changed__only_the_new_one_is_right(self):
        new = "86420975"[:len(self.pin1)]
        self.pkcs11_tool("--change-pin", "--slot-index", "0", "--login", "--pin", self.pin1, "--new-pin", new)
        try:
            self.assertIn("CKR_PIN_INCORRECT", self.pkcs11_tool("--list-objects", "--slot-index", "0", "--login", "--pin",
                                                               self.pin1, expect=1))
        finally:
            self.pkcs11_tool("--change-pin", "--slot-index", "0", "--login", "--pin", new, "--new-pin", self.pin1)

    def test_prompts__are_one_for_each_signature_of_its_own_process(self):
        for slot, role in zip(range(len(self.labels)), ("authentication", "signature")):
            key = next(key for key in self.keys if key.slot == slot)
            self.sign(key, *next(iter((ECDSA if key.curve else self.rsa).items())))
            self.assert_asked(role)


class FineidV4Test(Pkcs11ToolTests, ConsumerCase):
    profile = "fineid-v4"
    labels = ("HENKILOKORTTI (PIN1)", "HENKILOKORTTI (PIN2)")
    keys = (Key("auth", "45", curve="P-384", derives=True), Key("sign", "46", slot=1, curve="P-384"))


class FineidV3Test(Pkcs11ToolTests, ConsumerCase):
    profile = "fineid-v3"
    labels = ("HENKILOKORTTI (PIN1)", "HENKILOKORTTI (PIN2)")
    keys = (Key("auth", "45", decrypts=DECRYPTION), Key("sign", "46", slot=1),
            Key("sign-ec", "47", slot=1, curve="P-256"))
    rsa = {mechanism: how for mechanism, how in ALL_RSA.items() if mechanism != "SHA1-RSA-PKCS-PSS"}


class MyeidTest(Pkcs11ToolTests, ConsumerCase):
    profile = "myeid"
    labels = ("MyEID TEST (PIN1)", "MyEID TEST (PIN2)")
    keys = (Key("auth", "01", decrypts=DECRYPTION), Key("auth-ec", "02", curve="P-256", derives=True),
            Key("sign", "03", slot=1), Key("sign-ec", "04", slot=1, curve="P-256"))
    rsa = ALL_RSA


class IsoappletTest(Pkcs11ToolTests, ConsumerCase):
    profile = "isoapplet"
    labels = ("JavaCard isoApplet TEST (PIN1)",)
    keys = (Key("auth", "01", decrypts=("RSA-PKCS",)), Key("auth-ec", "02", curve="P-256"))
    rsa = ALL_RSA


class PivTest(Pkcs11ToolTests, ConsumerCase):
    profile = "piv"
    pin1 = "135797"
    labels = ("SPECIMEN TEST Virtual 999 (PIN1)",)
    keys = (Key("auth", "01", decrypts=DECRYPTION), Key("sign", "02", curve="P-256"),
            Key("encrypt", "03", decrypts=DECRYPTION), Key("card", "04", curve="P-256", derives=True),
            Key("retired", "05", curve="P-256", derives=True))
    rsa = ALL_RSA


if __name__ == "__main__":
    tap_runner.main()
