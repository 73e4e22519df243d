# SPDX-License-Identifier: LGPL-2.1-or-later
"""Something happens to the card at each exchange of a signature: no hang, the right error, and the next try works."""

import os
import time
import unittest

import ctl
import tap_runner
from digisign_rig import Rig
from sample_pdfs import one_page

PIN2 = "951357"
NO_CARD, CARD = 4, 5

# The daemon gives a card 30 s; what is pulled or broken has to be noticed long before.
DEADLINE = 20


class CardFaultTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(pins={"pin1": "2468", "pin2": PIN2})
        self.rig.__enter__()
        self.addCleanup(self.rig.__exit__, None, None, None)
        self.document = os.path.join(self.rig.directory, "contract.pdf")
        self.signed = os.path.join(self.rig.directory, "signed.pdf")
        with open(self.document, "wb") as file:
            file.write(one_page().table())
        self.assert_signs()  # and with that the services run and the card has been read
        self.rig.card.clear_log()
        self.assert_signs()
        self.exchanges = len(self.rig.card.apdus())
        self.assertGreater(self.exchanges, 5)

    def sign(self):
        start = time.monotonic()
        result = ctl.run(self.rig, "sign", self.document, "--output", self.signed, "--overwrite", pin=PIN2)
        return result, time.monotonic() - start

    def assert_signs(self):
        result, _ = self.sign()
        self.assertEqual(result.code, 0, result)

    def verifications(self):
        """How often a PIN was sent since the log was cleared; a VERIFY without data only asks for the tries left."""
        return sum(line.split()[1].startswith("002000820C") for line in self.rig.card.apdus())

    def sweep(self, fault, allowed, back, least_failures=5):
        """Lets `fault` strike at each exchange in turn; `back` brings the card back."""
        failures = 0
        for number in range(1, self.exchanges + 1):
            with self.subTest(fault=fault, exchange=number):
                if os.path.exists(self.signed):
                    os.unlink(self.signed)
                self.rig.card.clear_log()
                self.rig.card.fault(fault, number)
                result, seconds = self.sign()
                self.assertLess(seconds, DEADLINE, result)
                # At the last exchanges the signature is out already, and the log-out fails unseen.
                self.assertIn(result.code, [0, *allowed], result)
                self.assertEqual(os.path.exists(self.signed), result.code == 0, result)
                self.assertNotIn("0x", result.errors)
                if result.code != 0:
                    failures += 1
                    self.assertTrue(result.errors.startswith("digisignctl: "), result)
                self.assertLessEqual(self.verifications(), 1, "the PIN was sent twice for one entry")
                self.rig.card.control("fault clear")
                back()
                self.assert_signs()
        self.assertGreaterEqual(failures, least_failures)
        listed = ctl.run(self.rig, "list")
        self.assertIn("PIN 2 (signature), 5 tries left", listed.output)

    def test_card_pulled__at_each_exchange(self):
        self.sweep("removed", [NO_CARD], self.rig.card.insert)

    def test_card_reset__at_each_exchange(self):
        # Before VERIFY the daemon starts over by itself, so only what comes after it can fail.
        self.sweep("reset", [CARD, NO_CARD], lambda: None, least_failures=3)

    def test_unknown_error__at_each_exchange(self):
        self.sweep("6f00", [CARD], lambda: None)

    def test_answer_too_short__at_each_exchange(self):
        self.sweep("short", [CARD, NO_CARD], lambda: None)

    def test_card_that_falls_silent__is_given_up_at_the_deadline(self):
        self.rig.card.fault("mute", self.exchanges - 2)
        result, seconds = self.sign()
        self.assertEqual(result.code, CARD, result)
        self.assertLess(seconds, 40)  # the daemon's 30 s, and what surrounds them
        self.rig.card.remove()
        self.rig.card.control("fault clear")
        self.rig.card.insert()
        self.assert_signs()


if __name__ == "__main__":
    tap_runner.main()
