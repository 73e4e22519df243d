# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reader with keys that the other tests rely on: a real pcscd, the reader's driver and the virtual card, asked by a
plain PC/SC client."""

import struct
import threading
import time
import unittest

import tap_runner
from digisign_rig import PcscError, Rig
from pcsc_client import STATE_EMPTY, STATE_PRESENT

SELECT = "00A4040C0CA000000063504B43532D3135"
PROBE_PIN1 = "00200011"

# PC/SC part 10 §2.3
VERIFY_PIN_DIRECT = 0x06
MODIFY_PIN_DIRECT = 0x07
IFD_PIN_PROPERTIES = 0x0A
GET_TLV_PROPERTIES = 0x12

E_NOT_TRANSACTED = 0x80100016

PADDING = bytes(12)


def verify_structure(command, timeout=30, block=12, min_length=4, max_length=12):
    return struct.pack("<BBBBBHBBHB3sI", timeout, 0, 0x82, block, 0, min_length << 8 | max_length, 0x02, 0xFF, 0, 0,
                       bytes(3), len(command)) + command  # fmt: skip


def modify_structure(command, block=12, min_length=4, max_length=12):
    return struct.pack("<BBBBBBBHBBBHBBB3sI", 30, 0, 0x82, block, 0, 0, block, min_length << 8 | max_length, 0x03, 0x02,
                       0x03, 0x0409, 0, 1, 2, bytes(3), len(command)) + command  # fmt: skip


VERIFY_PIN1 = verify_structure(bytes.fromhex("002000110C") + PADDING)
CHANGE_PIN1 = modify_structure(bytes.fromhex("0024001118") + 2 * PADDING)
UNBLOCK_PIN1 = modify_structure(bytes.fromhex("002C001118") + 2 * PADDING)


class Call(threading.Thread):
    """SCardControl() in a thread of its own: it comes back when somebody has typed."""

    def __init__(self, connection, feature, structure):
        super().__init__(daemon=True)
        self._work = lambda: connection.control(connection.features()[feature], structure)
        self._outcome = None
        self.start()

    def run(self):
        try:
            self._outcome = self._work().hex().upper()
        except PcscError as error:
            self._outcome = error

    def result(self):
        self.join(20)
        if self.is_alive():
            raise TimeoutError("the reader still waits")
        if isinstance(self._outcome, PcscError):
            raise self._outcome
        return self._outcome


class ReaderCase(unittest.TestCase):
    """Each test has the default PINs and all tries."""

    profile = "fineid-v4"

    def setUp(self):
        self.rig = self.enterContext(Rig(readers=0, pin_pad={}, profile=self.profile))
        self.card = self.rig.card
        self.pin_pad = self.rig.pcscd.pin_pad
        self.client = self.rig.pcscd.client
        self.connection = self.enterContext(self.client.connect(self.card.reader))
        self.connection.transmit(SELECT)
        self.card.clear_log()

    def call(self, feature, structure):
        call = Call(self.connection, feature, structure)
        return call, self.enterContext(self.pin_pad.wait_for_entry())

    def counts(self):
        return self.card.status()["counts"]


class PaddedTest(ReaderCase):
    def test_verify__typed__card_answers(self):
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        self.assertEqual((entry.feature, entry.structure), ("verify", VERIFY_PIN1))
        self.assertEqual(entry.fields["wPINMaxExtraDigit"], 0x040C)
        entry.type("1234")
        self.assertEqual((entry.result(), call.result()), ("9000", "9000"))
        self.assertEqual(self.connection.transmit(PROBE_PIN1)[1], "9000")
        self.assertEqual(self.card.apdus()[0], f"1 002000110C{'**' * 12} 9000")

    def test_verify__wrong_pin__tries_left_come_from_the_card(self):
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        entry.type("4321")
        self.assertEqual(call.result(), "63C4")

    def test_change__typed__new_pin_works(self):
        call, entry = self.call(MODIFY_PIN_DIRECT, CHANGE_PIN1)
        self.assertEqual(entry.feature, "modify")
        entry.type("1234", "56789", "56789")
        self.assertEqual(call.result(), "9000")
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        entry.type("56789")
        self.assertEqual(call.result(), "9000")

    def test_unblock__puk_typed__new_pin_works(self):
        for _ in range(5):
            self.connection.transmit("002000110C393939390000000000000000")
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        entry.type("1234")
        self.assertEqual(call.result(), "6983")
        call, entry = self.call(MODIFY_PIN_DIRECT, UNBLOCK_PIN1)
        entry.type("12345678", "2468", "2468")
        self.assertEqual(call.result(), "9000")
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        entry.type("2468")
        self.assertEqual(call.result(), "9000")

    def test_cancel_timeout_mismatch_length__are_the_readers_answers_and_the_card_gets_nothing(self):
        for feature, structure, act, status in (
            (VERIFY_PIN_DIRECT, VERIFY_PIN1, lambda entry: entry.cancel(), "6401"),
            (VERIFY_PIN_DIRECT, VERIFY_PIN1, lambda entry: entry.time_out(), "6400"),
            (VERIFY_PIN_DIRECT, VERIFY_PIN1, lambda entry: entry.type("123"), "6403"),
            (MODIFY_PIN_DIRECT, CHANGE_PIN1, lambda entry: entry.type("1234", "5678", "5679"), "6402"),
            (MODIFY_PIN_DIRECT, CHANGE_PIN1, lambda entry: entry.type("1234", "567", "567"), "6403"),
            (MODIFY_PIN_DIRECT, CHANGE_PIN1, lambda entry: entry.cancel(), "6401"),
        ):
            with self.subTest(status=status, feature=feature):
                call, entry = self.call(feature, structure)
                act(entry)
                self.assertEqual((entry.result(), call.result()), (status, status))
        self.assertEqual(self.counts(), {})

    def test_nobody_types__reader_waits_as_long_as_the_structure_says(self):
        start = time.monotonic()
        call, _ = self.call(VERIFY_PIN_DIRECT, verify_structure(bytes.fromhex("002000110C") + PADDING, timeout=1))
        self.assertEqual(call.result(), "6400")
        self.assertGreaterEqual(time.monotonic() - start, 1.0)
        self.assertEqual(self.counts(), {})

    def test_person_walks_away__reader_waits_on(self):
        call, entry = self.call(VERIFY_PIN_DIRECT,
                                verify_structure(bytes.fromhex("002000110C") + PADDING, timeout=1))
        with entry:
            pass
        self.assertEqual(call.result(), "6400")

    def test_nonsense_on_the_keys__is_told_and_the_entry_goes_on(self):
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        for values in ((), ("1234", "1234"), ("12a4",)):
            entry.type(*values)
            with self.assertRaises(ValueError):
                entry.result()
        entry.type("1234")
        self.assertEqual(call.result(), "9000")

    def test_card_pulled_while_the_reader_waits__call_fails_and_the_reader_is_empty(self):
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        self.card.control("remove")
        with self.assertRaises(PcscError) as raised:
            call.result()
        self.assertEqual(raised.exception.code, E_NOT_TRANSACTED)
        self.assertEqual(entry.result(), "none")
        self.client.wait_empty(self.card.reader)

    def test_structure_that_makes_no_sense__is_refused_at_once(self):
        code = self.connection.features()[VERIFY_PIN_DIRECT]
        for structure in (
            verify_structure(bytes.fromhex("002000110C") + PADDING, max_length=16),
            verify_structure(bytes.fromhex("002000110C") + PADDING, block=0),
            verify_structure(bytes.fromhex("00B000000C") + PADDING),
        ):
            self.assertEqual(self.connection.control(code, structure).hex().upper(), "6B80")
        with self.assertRaises(PcscError):
            self.connection.control(code, VERIFY_PIN1[:-1])
        self.assertFalse(self.pin_pad.is_asked())
        self.assertEqual(self.counts(), {})

    def test_properties__both_ways__say_the_same(self):
        features = self.connection.features()
        self.assertEqual(set(features),
                         {VERIFY_PIN_DIRECT, MODIFY_PIN_DIRECT, IFD_PIN_PROPERTIES, GET_TLV_PROPERTIES})
        self.assertEqual(self.connection.control(features[IFD_PIN_PROPERTIES]), bytes.fromhex("00000200"))
        properties = self.connection.control(features[GET_TLV_PROPERTIES])
        found = {}
        while properties:
            tag, length = properties[0], properties[1]
            found[tag], properties = properties[2:2 + length], properties[2 + length:]
        self.assertEqual((found[1], found[2], found[3], found[6], found[7]),
                         (b"\0\0", b"\x02", b"\0", b"\x01", b"\x0f"))

    def test_reset_by_another_program__pin_is_forgotten(self):
        call, entry = self.call(VERIFY_PIN_DIRECT, VERIFY_PIN1)
        entry.type("1234")
        self.assertEqual(call.result(), "9000")
        self.client.reset_card(self.card.reader)
        with self.client.connect(self.card.reader) as again:
            again.transmit(SELECT)
            self.assertEqual(again.transmit(PROBE_PIN1)[1], "63C5")


class VaryingLengthTest(ReaderCase):
    """A card that takes its PINs as they are typed."""

    profile = "pkcs15"

    def enter(self, feature, structure, *values):
        call, entry = self.call(feature, structure)
        entry.type(*values)
        return call.result()

    def test_verify__header_alone_or_with_empty_length__reader_makes_the_length(self):
        for header in ("00200001", "0020000100"):
            structure = verify_structure(bytes.fromhex(header), block=0, max_length=8)
            self.assertEqual(self.enter(VERIFY_PIN_DIRECT, structure, "1234"), "9000")
            self.assertEqual(self.enter(VERIFY_PIN_DIRECT, structure, "12345"), "63C2")
        self.assertEqual([line.split()[1] for line in self.card.apdus()],
                         2 * ["0020000104********", "0020000105**********"])

    def test_change_and_unblock__values_follow_one_another(self):
        change = modify_structure(bytes.fromhex("00240001"), block=0, max_length=8)
        unblock = modify_structure(bytes.fromhex("002C0001"), block=0, max_length=8)
        verify = verify_structure(bytes.fromhex("00200001"), block=0, max_length=8)
        self.assertEqual(self.enter(MODIFY_PIN_DIRECT, change, "1234", "56789", "56789"), "9000")
        self.assertEqual(self.enter(VERIFY_PIN_DIRECT, verify, "56789"), "9000")
        self.assertEqual(self.enter(MODIFY_PIN_DIRECT, unblock, "12345678", "4321", "4321"), "9000")
        self.assertEqual(self.enter(VERIFY_PIN_DIRECT, verify, "4321"), "9000")
        self.assertEqual(self.enter(VERIFY_PIN_DIRECT, verify, "123456789"), "6403")


class ReaderKindsTest(unittest.TestCase):
    def test_beside_vpcd__each_card_in_its_own_reader(self):
        with Rig(pin_pad={}, slot=2) as rig:
            self.assertEqual(len(rig.pcscd.readers), 3)
            self.assertIn("PIN Pad", rig.card.reader)
            client = rig.pcscd.client
            self.assertTrue(client.state(rig.card.reader) & STATE_PRESENT)
            for _ in range(3):
                rig.card.remove()
                self.assertTrue(client.state(rig.card.reader) & STATE_EMPTY)
                rig.card.insert()
            with rig.add_card(slot=0, profile="unknown") as second:
                with client.connect(second.reader) as connection:
                    with self.assertRaises(PcscError):
                        connection.features()  # vpcd has no controls at all
                with client.connect(rig.card.reader) as connection:
                    self.assertEqual(connection.transmit(SELECT)[1], "9000")

    def test_reader_that_only_verifies__has_no_other_feature(self):
        with Rig(readers=0, pin_pad={"features": ["verify"], "max_length": 8}) as rig:
            with rig.pcscd.client.connect(rig.card.reader) as connection:
                features = connection.features()
                self.assertEqual(set(features), {VERIFY_PIN_DIRECT})
                answer = connection.control(features[VERIFY_PIN_DIRECT], VERIFY_PIN1)
                self.assertEqual(answer.hex().upper(), "6B80")  # twelve digits are beyond this reader

    def test_pcscd_restart__card_and_keys_are_there_again(self):
        with Rig(readers=0, pin_pad={}) as rig:
            rig.pcscd.restart()
            rig.pcscd.client.wait_present(rig.card.reader)
            with rig.pcscd.client.connect(rig.card.reader) as connection:
                connection.transmit(SELECT)
                call = Call(connection, VERIFY_PIN_DIRECT, VERIFY_PIN1)
                with rig.pcscd.pin_pad.wait_for_entry() as entry:
                    entry.type("1234")
                    self.assertEqual(call.result(), "9000")

    def test_mute_card__pcscd_says_mute(self):
        with Rig(readers=0, pin_pad={}, profile="mute") as rig:
            self.assertTrue(rig.pcscd.client.state(rig.card.reader) & STATE_PRESENT)


if __name__ == "__main__":
    tap_runner.main()
