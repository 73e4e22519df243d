# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case in the place of the PKCS#11 module on the private socket, and openssl to judge by."""

import contextlib
import subprocess
import tempfile

from daemon_case import SERVICE, DaemonCase
from private_peer import ROOT

OPENSSL_PADDING = {
    "RSA-PKCS1": ["rsa_padding_mode:pkcs1"],
    **{f"RSA-OAEP-{name}": ["rsa_padding_mode:oaep", f"rsa_oaep_md:{name}", f"rsa_mgf1_md:{name}"]
       for name in ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512")}}


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *arguments], input=stdin, stdout=subprocess.PIPE, check=True, timeout=60).stdout


@contextlib.contextmanager
def file_with(content):
    """Name of a file for openssl."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


def pem_of(spki):
    return openssl("pkey", "-pubin", "-inform", "DER", stdin=spki)


def encrypt(spki, mechanism, text):
    options = [word for option in OPENSSL_PADDING[mechanism] for word in ("-pkeyopt", option)]
    with file_with(pem_of(spki)) as key:
        return openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", key, *options, stdin=text)


def der_signature(raw):
    """Ecdsa-Sig-Value of r and s."""
    def integer(octets):
        value = octets.lstrip(b"\0") or b"\0"
        value = b"\0" * (value[0] >> 7) + value
        return bytes([0x02, len(value)]) + value

    content = integer(raw[:len(raw) // 2]) + integer(raw[len(raw) // 2:])
    return bytes([0x30]) + (bytes([0x81]) if len(content) > 127 else b"") + bytes([len(content)]) + content


def verify_ecdsa(spki, digest, data, raw_signature):
    with file_with(pem_of(spki)) as key, file_with(der_signature(raw_signature)) as signature:
        openssl("dgst", f"-{digest}", "-verify", key, "-signature", signature, stdin=data)


def verify_ecdsa_digest(spki, digest, raw_signature):
    with file_with(pem_of(spki)) as key, file_with(der_signature(raw_signature)) as signature:
        openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-sigfile", signature, stdin=digest)


class CryptokiCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.module = self.peer  # a second connection of the same kind would do as well

    def cryptoki(self, member, signature="()", arguments=(), peer=None):
        return (peer or self.module).call(ROOT, f"{SERVICE}.Cryptoki", member, signature, arguments)

    def start_cryptoki(self, member, signature, arguments):
        return self.module.start_call(ROOT, f"{SERVICE}.Cryptoki", member, signature, arguments)

    def snapshot(self):
        generation, slots, objects = self.cryptoki("GetSnapshot")
        return generation, slots, objects

    def slot(self, number):
        return next(slot for slot in self.snapshot()[1] if slot.get("pin-number") == number)["id"]

    def private_keys(self):
        return [o for o in self.snapshot()[2] if o["class"] == "private-key"]

    def key_id(self, slot):
        return next(bytes(key["id"]) for key in self.private_keys() if key["slot"] == slot)

    def spki(self, slot):
        return next(bytes(key["spki"]) for key in self.private_keys() if key["slot"] == slot)

    def log_in(self, slot, pin, peer=None):
        self.cryptoki("Login", "(uay)", (slot, pin.encode()), peer)

    def sign_data(self, slot, data, mechanism="ECDSA-SHA256", digested=True, peer=None, key=None):
        return bytes(self.cryptoki("Sign", "(uaysbay)", (slot, key or self.key_id(slot), mechanism, digested, data),
                                   peer)[0])
