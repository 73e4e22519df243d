# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the PKCS#11 module is told and given on the private socket."""

import hashlib
import re

import tap_runner
from bus_client import GLib
from cryptoki_case import CryptokiCase, openssl, verify_ecdsa, verify_ecdsa_digest
from daemon_case import DIGEST, PIN1, PIN2, PUK, SERVICE
from private_peer import ROOT, PrivatePeer


class CryptokiTest(CryptokiCase):
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
        spki = self.spki(slot)
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

    def test_login_and_sign(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        self.assertEqual(len(self.sign1(slot)), 96)  # after it the counters have been read, which a log-in is followed by
        self.rig.card.clear_log()
        self.sign1(slot)
        self.assertLessEqual(len(self.commands()), 3)
        self.cryptoki("Logout", "(ub)", (slot, False))
        self.assert_refused("AgentUnavailable", self.sign1, slot)

    def test_signatures_that_follow_at_once__need_two_commands_each(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        arguments = (slot, self.key_id(slot), "ECDSA-SHA256", True, DIGEST)
        self.sign1(slot)
        self.rig.card.clear_log()
        for pending in [self.start_cryptoki("Sign", "(uaysbay)", arguments) for _ in range(20)]:
            verify_ecdsa_digest(self.spki(slot), DIGEST, bytes(pending.result(20)[0]))
        self.assertEqual(len(self.commands("002A9E9A")), 20)
        self.assertEqual(len(self.commands("002A90A0")), 20)
        self.assertLessEqual(len(self.commands("002241B6")), 1)

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

    def assert_login_ended(self, slot, *peers):
        for peer in peers or (self.module,):
            self.assertEqual(peer.next_signal("LoginEnded"), (slot,))

    def test_login__locked__is_told_to_those_whose_it_was(self):
        slot = self.slot(1)
        with PrivatePeer(self.rig) as other, PrivatePeer(self.rig) as bystander:
            self.log_in(slot, PIN1)
            self.log_in(slot, PIN1, other)
            self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "Lock")
            self.assert_login_ended(slot, self.module, other)
            self.cryptoki("GetSnapshot", peer=bystander)  # whatever was sent to it has come by now
            self.assertTrue(bystander.signals.empty())
        self.assert_refused("AgentUnavailable", self.sign1, slot)

    def test_login__lost_by_a_wrong_pin_of_another__is_told(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        with PrivatePeer(self.rig) as other:
            self.assert_refused("PinIncorrect", self.log_in, slot, "9999", other)
        self.assert_login_ended(slot)

    def test_login__lost_by_a_reset__is_told(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        self.rig.card.reset_by_another_program()
        self.assert_refused("AgentUnavailable", self.sign1, slot)
        self.assert_login_ended(slot)

    def test_login__ended_by_its_number__is_told(self):
        slot = self.slot(1)
        self.log_in(slot, PIN1)
        logins = self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "ListLogins")[0]
        self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "EndLogin", "(t)", (logins[0]["id"],))
        self.assert_login_ended(slot)

    def test_login__ended_as_expected__is_not_told(self):
        first, second = self.slot(1), self.slot(2)
        self.log_in(first, PIN1)
        self.cryptoki("Logout", "(ub)", (first, False))
        self.log_in(second, PIN2)
        self.sign1(second)
        self.log_in(first, PIN1)
        self.rig.card.remove()
        self.module.next_signal("SlotsChanged")
        self.snapshot()
        self.assertNotIn("LoginEnded", [member for member, _ in list(self.module.signals.queue)])

    def test_without_pin__the_default_agent_is_asked(self):
        slot = self.slot(1)
        self.assertFalse(self.snapshot()[1][0]["agent"])
        with PrivatePeer(self.rig) as desktop:
            desktop.register(default=True)
            self.assertTrue(self.snapshot()[1][0]["agent"])
            pending = self.start_cryptoki("Login", "(uay)", (slot, b""))
            desktop.answer(desktop.next_request(), PIN1)
            pending.result(20)
        self.sign1(slot)

    def test_logout_that_lingers__is_taken_back_by_a_login_without_pin(self):
        slot = self.slot(1)
        with PrivatePeer(self.rig) as desktop:
            desktop.register(default=True)
            self.log_in(slot, PIN1)
            self.cryptoki("Logout", "(ub)", (slot, True))
            self.cryptoki("Login", "(uay)", (slot, b""))
            self.assertEqual(desktop.requests.qsize(), 0)
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
