# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon's reader service and a reader with keys of its own, on the real pcscd."""

import unittest

import tap_runner
from digisign_rig import Rig
from watch import Watch

# How a profile's PIN 1 is laid out: its greatest length, octets in a block (0: as typed), the command for the reader.
LAYOUTS = {
    "fineid-v4": (12, 12, bytes.fromhex("002000110C") + 12 * b"\0"),
    "myeid": (8, 8, bytes.fromhex("0020000108") + 8 * b"\xff"),
    "pkcs15": (8, 0, bytes.fromhex("00200001")),
}


class PcscPinPadTest(unittest.TestCase):
    def start(self, profile="fineid-v4", **pin_pad):
        rig = self.enterContext(Rig(readers=0, pin_pad=pin_pad, profile=profile))
        self.card = rig.card
        self.pin_pad = rig.pcscd.pin_pad
        self.watch = self.enterContext(Watch(rig.pcscd.socket_path))
        self.watch.wait_for(f"state {self.card.reader} present")
        self.card.clear_log()

    def entry(self, what):
        self.watch.pad(what)
        return self.enterContext(self.pin_pad.wait_for_entry())

    def typed(self, what, *values):
        self.entry(what).type(*values)
        return self.watch.wait_for("pad")

    def count(self, command):
        return sum(line.split()[1].startswith(command) for line in self.card.apdus())

    def test_announced__with_what_the_keys_can_do(self):
        self.start()
        self.assertIn(f"added {self.card.reader} verifies modifies", self.watch.lines)

    def test_verify__typed__card_gets_it_once_in_its_own_layout(self):
        for profile, (longest, block, command) in LAYOUTS.items():
            with self.subTest(profile=profile):
                self.start(profile)
                entry = self.entry("verify")
                self.assertEqual(entry.feature, "verify")
                self.assertEqual(entry.fields["bTimerOut"], 45)
                self.assertEqual(entry.fields["bmPINBlockString"], block)
                self.assertEqual(entry.fields["wPINMaxExtraDigit"], 4 << 8 | longest)
                self.assertEqual(entry.command, command)
                entry.type("1234")
                self.assertEqual(self.watch.wait_for("pad"), "pad accepted")
                self.assertRegex(self.typed("verify", "4321"), "^pad wrong [24]$")
                sent = command[:5].hex() if block else command.hex() + "04"
                self.assertEqual(self.count(sent.upper()), 2)

    def test_change__typed__new_pin_works_at_once(self):
        for profile in LAYOUTS:
            with self.subTest(profile=profile):
                self.start(profile)
                self.assertRegex(self.typed("change", "9999", "2468", "2468"), "^pad wrong [24]$")
                self.assertEqual(self.typed("change", "1234", "2468", "2468"), "pad accepted")
                self.assertEqual(self.typed("verify", "2468"), "pad accepted")

    def test_unblock__typed__new_pin_works_at_once(self):
        for profile in LAYOUTS:
            with self.subTest(profile=profile):
                self.start(profile)
                while self.typed("verify", "9999").startswith("pad wrong"):
                    pass
                self.assertRegex(self.typed("unblock", "99999999", "2468", "2468"), "^pad wrong [49]$")
                self.assertEqual(self.typed("unblock", "12345678", "2468", "2468"), "pad accepted")
                self.assertEqual(self.typed("verify", "2468"), "pad accepted")

    def test_readers_own_outcomes__are_named_and_the_card_gets_nothing(self):
        self.start()
        for what, act, outcome in (
            ("verify", lambda entry: entry.cancel(), "cancelled"),
            ("verify", lambda entry: entry.time_out(), "timed-out"),
            ("verify", lambda entry: entry.type("123"), "bad-length"),
            ("change", lambda entry: entry.type("1234", "5678", "5679"), "mismatch"),
            ("unblock", lambda entry: entry.cancel(), "cancelled"),
        ):
            with self.subTest(outcome=outcome, what=what):
                act(self.entry(what))
                self.assertEqual(self.watch.wait_for("pad"), f"pad {outcome}")
        pins = self.card.status()["pins"]
        self.assertEqual(self.watch.status(), "status 5", pins)
        for command in ("002000110C", "00240011", "002C0011"):
            self.assertEqual(self.count(command), 0)

    def test_card_pulled_while_somebody_types__is_said(self):
        self.start()
        entry = self.entry("verify")
        self.card.remove()
        self.assertEqual(entry.result(), "none")
        self.assertRegex(self.watch.wait_for("pad"), "^pad error CardRemoved ")
        self.card.insert()
        self.watch.wait_for(f"state {self.card.reader} present")
        self.assertEqual(self.typed("verify", "1234"), "pad accepted")

    def test_reader_for_shorter_pins__refused_before_anybody_is_asked(self):
        self.start(max_length=8)
        self.watch.pad("verify")
        self.assertRegex(self.watch.wait_for("pad"), "^pad error NotSupported .* at most 8 digits")
        self.assertFalse(self.pin_pad.is_asked())

    def test_reader_that_only_verifies__refuses_the_rest(self):
        self.start(features=("verify", "pin-properties"))
        self.watch.pad("change")
        self.assertRegex(self.watch.wait_for("pad"), "^pad error NotSupported ")
        self.assertEqual(self.typed("verify", "1234"), "pad accepted")


if __name__ == "__main__":
    tap_runner.main()
