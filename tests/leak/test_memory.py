# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon's memory is searched for PINs it was given: found while they are in use, gone when a job has ended."""

import os
import secrets
import time
import unittest

import tap_runner
from bus_client import GLib
from cryptoki_case import CryptokiCase, encrypt, file_with, openssl, pem_of
from daemon_case import PIN1, PIN2, PUK, SERVICE, DaemonCase


def new_pin(length=12):
    """Long enough not to turn up by chance."""
    return "".join(secrets.choice("0123456789") for _ in range(length))


def places_in_memory(pid, needle):
    """The mappings of the process that hold the bytes."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            addresses, permissions, *_ = line.split()
            if not permissions.startswith("r"):
                continue
            start, end = (int(address, 16) for address in addresses.split("-"))
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue  # vvar, vsyscall
            if needle in content:
                found.append(line.strip())
    return found


class Search:
    def assert_gone(self, *values):
        """Within a second, and for good."""
        pid = self.rig.bus.service_pid(SERVICE)
        end = time.monotonic() + 1
        while True:
            places = [places_in_memory(pid, value if isinstance(value, bytes) else value.encode()) for value in values]
            if not any(places):
                return
            if time.monotonic() > end:
                self.fail({f"value {number}": where for number, where in enumerate(places)})


@unittest.skipUnless(os.getuid() == 0, "needs root to read another process' memory")
class MemoryTest(Search, DaemonCase):
    def setUp(self):
        super().setUp()
        self.agent = self.peer.register()
        self.pid = self.rig.bus.service_pid(SERVICE)

    def give(self, value):
        self.peer.answer(self.peer.next_request(), value)

    def start(self, path, interface, member):
        self.client.signals.clear()
        return self.job(path, interface, member, agent=self.agent)

    def test_pin__while_the_card_checks_it__is_found(self):
        # Without this the tests below could pass because the search is blind.
        self.rig.card.control("latency 300000")
        pin = new_pin()
        job = self.start(self.pin("authentication"), "Pin", "Verify")
        self.give(pin)
        end = time.monotonic() + 10
        while not places_in_memory(self.pid, pin.encode()):
            self.assertLess(time.monotonic(), end)
        self.rig.card.control("latency 0")
        self.peer.decline(self.peer.next_request())
        self.finished(job)
        self.assert_gone(pin)

    def test_wrong_pin__is_gone_while_the_next_is_asked_for(self):
        pin = new_pin()
        job = self.start(self.pin("authentication"), "Pin", "Verify")
        self.give(pin)
        question = self.peer.next_request()
        self.assert_gone(pin)
        self.peer.decline(question)
        self.finished(job)

    def test_change_and_login__old_and_new_pin_are_gone(self):
        first, second = new_pin(), new_pin()
        for old, new in ((PIN1, first), (first, second)):
            job = self.start(self.pin("authentication"), "Pin", "Change")
            self.give(old)
            self.give(new)
            self.assert_done(job)
        self.assert_gone(first, second)
        job = self.start(self.pin("authentication"), "Pin", "Login")
        self.give(second)
        self.assert_done(job)
        self.assert_gone(first, second)  # what is kept is the card's state, not the PIN

    def test_unblock__puk_and_new_pin_are_gone(self):
        new, wrong_puk = new_pin(), new_pin()
        job = self.start(self.pin("authentication"), "Pin", "Unblock")
        self.give(wrong_puk)
        self.give(new)
        self.give(PUK)
        self.assert_done(job)
        self.assert_gone(new, wrong_puk)

    def test_card_pulled_while_signing__pin_is_gone(self):
        pin = new_pin()
        job = self.start(self.pin("signature"), "Pin", "Change")
        self.give("951357")
        self.give(pin)
        self.assert_done(job)
        self.client.signals.clear()
        job = self.sign(agent=self.agent)
        question = self.peer.next_request()
        self.rig.card.fault("removed", 3)
        self.peer.answer(question, pin)
        self.assert_failed(job, "CardRemoved")
        self.assert_gone(pin)

    def test_batch__pin_lives_as_long_as_the_job(self):
        pin = new_pin()
        job = self.start(self.pin("signature"), "Pin", "Change")
        self.give("951357")
        self.give(pin)
        self.assert_done(job)
        self.assert_gone(pin)
        self.client.signals.clear()
        self.rig.card.control("latency 30000")
        items = [(f"document {number}", bytes([number]) * 32) for number in range(5)]
        job = self.client.call(SERVICE, self.key, f"{SERVICE}.Key", "SignBatch", "(sa(say)a{sv})",
                               ("ECDSA-SHA256", items, {"agent": GLib.Variant("s", self.agent)}))[0]
        self.peer.agree(self.peer.next_request())
        self.give(pin)
        self.assertTrue(places_in_memory(self.pid, pin.encode()))
        self.assert_done(job)
        self.assert_gone(pin)


@unittest.skipUnless(os.getuid() == 0, "needs root to read another process' memory")
class ModuleMemoryTest(Search, CryptokiCase):
    """What passes between the PKCS#11 module and the card."""

    card = {"profile": "myeid", "pins": {"pin1": PIN1, "pin2": PIN2, "puk": PUK, "puk2": PUK}}

    def test_pins__given_by_the_application__are_gone(self):
        first, second = new_pin(8), new_pin(8)
        slot = self.slot(1)
        self.cryptoki("SetPin", "(uayay)", (slot, PIN1.encode(), first.encode()))
        self.log_in(slot, first)
        self.cryptoki("UnblockPin", "(uayay)", (slot, PUK.encode(), second.encode()))
        self.assert_gone(first, second)

    def test_plain_text_and_shared_secret__are_gone(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        text = secrets.token_bytes(64)
        key = next(key for key in self.private_keys() if key["slot"] == slot and key["decipher-mechanisms"])
        where = (slot, bytes(key["id"]))
        cryptogram = encrypt(bytes(key["spki"]), "RSA-PKCS1", text)
        self.assertEqual(bytes(self.cryptoki("Decrypt", "(uaysay)", (*where, "RSA-PKCS1", cryptogram))[0]), text)
        self.cryptoki("Encrypt", "(aysay)", (key["spki"], "RSA-PKCS1", text))

        key = next(key for key in self.private_keys() if key["slot"] == slot and key["can-derive"])
        where = (slot, bytes(key["id"]))
        peer = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        with file_with(peer) as peer, file_with(pem_of(bytes(key["spki"]))) as card:
            shared = openssl("pkeyutl", "-derive", "-inkey", peer, "-peerkey", card)
            point = openssl("pkey", "-in", peer, "-pubout", "-outform", "DER")[-65:]
        found = bytes(self.cryptoki("Derive", "(uayaysayu)", (*where, point, "", b"", 0))[0])
        self.assertEqual(found, shared)
        derived = bytes(self.cryptoki("Derive", "(uayaysayu)", (*where, point, "SHA256", b"", 32))[0])
        random = bytes(self.cryptoki("Random", "(u)", (64,))[0])
        self.assert_gone(text, shared, derived, random)


if __name__ == "__main__":
    tap_runner.main()
