# SPDX-License-Identifier: LGPL-2.1-or-later
"""Data objects as the PKCS#11 module is told of them, and as OpenSC reads them from the same card."""

import os
import re
import shutil
import unittest

import tap_runner
from cryptoki_case import CryptokiCase
from daemon_case import PIN1, PIN2, PUK


class Data:
    """The tests of one card; mixed into a case with its profile."""

    def data_objects(self):
        return [o for o in self.snapshot()[2] if o["class"] == "data"]

    def opensc(self, *arguments):
        result = self.rig.run(["pkcs11-tool", *arguments])
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    @unittest.skipUnless(shutil.which("pkcs11-tool"), "needs OpenSC")
    def test_data_objects__are_what_opensc_finds(self):
        objects = {o["label"]: o for o in self.data_objects()}
        self.assertEqual(sorted(objects), sorted(self.labels))
        listing = self.opensc("--list-objects", "--type", "data")
        for label, data in objects.items():
            where = os.path.join(self.rig.directory, "value")
            self.opensc("--read-object", "--type", "data", "--label", label, "--output-file", where)
            with open(where, "rb") as file:
                self.assertEqual(bytes(data["value"]), file.read(), label)
            entry = listing[listing.index(f"label:          '{label}'"):]
            self.assertEqual(re.search("application: *'(.*)'", entry)[1], data["application"])
            self.assertEqual(re.search(r"app_id: *([\d.]+)", entry)[1], dotted(bytes(data["object-id"])))

    def test_data_objects__are_in_the_first_slot(self):
        self.assertEqual({o["slot"] for o in self.data_objects()}, {self.slot(1)})


def dotted(der):
    """An OBJECT IDENTIFIER in words."""
    numbers, number = [], 0
    for octet in der[2:]:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


class MyeidTest(Data, CryptokiCase):
    card = {"profile": "myeid", "pins": {"pin1": PIN1, "pin2": PIN2, "puk": PUK, "puk2": PUK}}
    labels = ["Notice"]


class PivTest(Data, CryptokiCase):
    card = {"profile": "piv", "pins": {"pin1": PIN2, "puk": PUK}}
    labels = ["Card Capability Container", "Card Holder Unique Identifier", "Discovery Object", "Key History Object"]


class FineidTest(CryptokiCase):
    card = {"profile": "fineid-v4"}

    def test_data_objects__are_none(self):
        self.assertNotIn("data", {o["class"] for o in self.snapshot()[2]})


if __name__ == "__main__":
    tap_runner.main()
