# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rig itself: card and reader as pcscd sees them, faults, restarts, and nothing left behind."""

import os
import select
import socket
import subprocess
import sys
import time
import unittest

import paths
import tap_runner
from digisign_rig import ControlError, PcscError, Rig
from pcsc_client import STATE_EMPTY, STATE_MUTE, STATE_PRESENT

SELECT = "00A4040C0CA000000063504B43532D3135"
VERIFY_PIN1 = "002000110C313233340000000000000000"
VERIFY_WRONG = "002000110C393939390000000000000000"
PROBE_PIN1 = "00200011"


class CardTest(unittest.TestCase):
    """One rig for the class; each test starts with the card in the reader and leaves it so."""

    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig())
        cls.card = cls.rig.card
        cls.client = cls.rig.pcscd.client

    def setUp(self):
        self.card.control("fault clear")
        self.card.control("latency 0")
        if not self.card.status()["inserted"]:
            self.card.insert()

    def state(self):
        return self.client.state(self.card.reader)

    def test_readers__of_vpcd__are_two_and_one_has_the_card(self):
        self.assertEqual(len(self.rig.pcscd.readers), 2)
        self.assertTrue(self.state() & STATE_PRESENT)
        self.assertTrue(self.client.state(self.rig.pcscd.readers[1]) & STATE_EMPTY)

    def test_remove_and_insert__pcscd_has_seen_each_on_return(self):
        for _ in range(3):
            self.card.remove()
            self.assertTrue(self.state() & STATE_EMPTY)
            self.card.insert()
            self.assertTrue(self.state() & STATE_PRESENT)

    def test_transmit__select_and_verify__are_answered_and_logged_without_the_pin(self):
        self.card.clear_log()
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual(connection.transmit(SELECT), (b"", "9000"))
            self.assertEqual(connection.transmit(VERIFY_PIN1), (b"", "9000"))
        self.assertEqual(self.card.apdus(), [f"1 {SELECT} 9000", f"2 {VERIFY_PIN1[:10]}{'**' * 12} 9000"])
        status = self.card.status()
        self.assertEqual(status["apdus"], 2)
        self.assertEqual(status["counts"], {"SELECT": 1, "VERIFY": 1})

    def test_reset_by_another_program__connection_is_told_and_pin_forgotten(self):
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            self.assertEqual(connection.transmit(VERIFY_PIN1)[1], "9000")
            self.card.reset_by_another_program()
            with self.assertRaises(PcscError) as raised:
                connection.transmit(SELECT)
            self.assertEqual(raised.exception.code, 0x80100068)  # SCARD_W_RESET_CARD
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual(connection.transmit(PROBE_PIN1)[1], "6D00")

    def test_fault_6f00__second_apdu__once(self):
        self.card.fault("6f00", 2)
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual([connection.transmit(SELECT)[1] for _ in range(3)], ["9000", "6F00", "9000"])

    def test_fault_short__one_octet_arrives(self):
        self.card.fault("short")
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual(connection.transmit(SELECT), (b"", "90"))
            self.assertEqual(connection.transmit(SELECT), (b"", "9000"))

    def test_fault_reset__verified_pin_is_lost(self):
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            connection.transmit(VERIFY_PIN1)
            self.assertEqual(connection.transmit(PROBE_PIN1)[1], "9000")
            self.card.fault("reset")
            self.assertEqual(connection.transmit(PROBE_PIN1)[1], "6D00")

    def test_fault_delay__answer_comes_late(self):
        self.card.fault("delay:300")
        with self.client.connect(self.card.reader) as connection:
            start = time.monotonic()
            self.assertEqual(connection.transmit(SELECT)[1], "9000")
            self.assertGreaterEqual(time.monotonic() - start, 0.3)

    def test_latency__per_apdu_and_octet__adds_up(self):
        self.card.control("latency 20000 1000")
        with self.client.connect(self.card.reader) as connection:
            start = time.monotonic()
            connection.transmit(SELECT)  # 17 octets there, 2 back
            self.assertGreaterEqual(time.monotonic() - start, 0.039)

    def test_fault_removed__no_answer_and_the_reader_is_empty(self):
        self.card.fault("removed")
        with self.client.connect(self.card.reader) as connection:
            # vpcd reports success with no octets; the next call knows better.
            self.assertEqual(connection.transmit(SELECT), (b"", ""))
            self.client.wait_empty(self.card.reader)
            with self.assertRaises(PcscError):
                connection.transmit(SELECT)
        self.card.insert()
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual(connection.transmit(SELECT)[1], "9000")

    def test_fault_removed_after__wrong_pin_has_been_counted(self):
        before = self.card.status()["pins"]["pin1"]["tries-left"]
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            self.card.fault("removed-after")
            self.assertEqual(connection.transmit(VERIFY_WRONG), (b"", ""))
        self.client.wait_empty(self.card.reader)
        self.assertEqual(self.card.status()["pins"]["pin1"]["tries-left"], before - 1)
        self.card.insert()
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            self.assertEqual(connection.transmit(VERIFY_PIN1)[1], "9000")

    def test_fault_mute__no_answer_until_the_card_is_pulled(self):
        self.card.fault("mute")
        tool = subprocess.Popen(["opensc-tool", "-c", "default", "-s", SELECT], env=self.rig.env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with self.assertRaises(subprocess.TimeoutExpired):
            tool.wait(1)
        self.card.control("remove")
        tool.wait(10)
        self.client.wait_empty(self.card.reader)

    def test_pcscd_restart__card_is_back_in_the_reader(self):
        self.rig.pcscd.restart()
        self.client.wait_present(self.card.reader)
        with self.client.connect(self.card.reader) as connection:
            self.assertEqual(connection.transmit(SELECT)[1], "9000")

    def test_card_program_restart__state_is_kept(self):
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            connection.transmit(VERIFY_WRONG)
        before = self.card.status()["pins"]
        self.card.stop()
        self.client.wait_empty(self.card.reader)
        self.card.start()
        self.assertEqual(self.card.status()["pins"], before)
        with self.client.connect(self.card.reader) as connection:
            connection.transmit(SELECT)
            self.assertEqual(connection.transmit(VERIFY_PIN1)[1], "9000")

    def test_control__unknown_command__is_an_error(self):
        for command in ("", "dance", "fault", "fault explode 1", "fault mute 0", "latency", "latency x", "log"):
            with self.assertRaises(ControlError):
                self.card.control(command)

    def test_control__by_the_program_itself__answers_and_sets_the_exit_code(self):
        program = paths.build("tests/virtual-card/digisign-virtual-card")
        good = subprocess.run([program, "control", self.card.control_path, "fault", "clear"], capture_output=True,
                              text=True, timeout=10, check=False)
        self.assertEqual((good.returncode, good.stdout), (0, "ok no faults\n"))
        bad = subprocess.run([program, "control", self.card.control_path, "dance"], capture_output=True, text=True,
                             timeout=10, check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertTrue(bad.stdout.startswith("error "))

    def test_two_cards__in_both_slots__are_told_apart(self):
        with self.rig.add_card(slot=1, profile="unknown") as second:
            self.assertTrue(self.client.state(second.reader) & STATE_PRESENT)
            with self.client.connect(second.reader) as connection:
                self.assertEqual(connection.transmit(SELECT)[1], "6A82")
            with self.client.connect(self.card.reader) as connection:
                self.assertEqual(connection.transmit(SELECT)[1], "9000")
        self.client.wait_empty(second.reader)


class OddCardsTest(unittest.TestCase):
    def test_mute_card__in_the_reader__pcscd_says_mute(self):
        with Rig(profile="mute") as rig:
            self.assertEqual(rig.pcscd.client.state(rig.card.reader) & (STATE_PRESENT | STATE_MUTE),
                             STATE_PRESENT | STATE_MUTE)

    def test_no_card__insert_later__is_seen(self):
        with Rig(profile="unknown", inserted=False) as rig:
            self.assertTrue(rig.pcscd.client.state(rig.card.reader) & STATE_EMPTY)
            rig.card.insert()
            self.assertTrue(rig.pcscd.client.state(rig.card.reader) & STATE_PRESENT)

    def test_no_reader__list__is_empty(self):
        with Rig(readers=0, card=False) as rig:
            self.assertEqual(rig.pcscd.readers, [])

    def test_given_pins__by_descriptor__are_on_the_card_and_on_no_command_line(self):
        with Rig(pins={"pin1": "987654"}) as rig:
            with open(f"/proc/{rig.card.pid}/cmdline", "rb") as file:
                self.assertNotIn(b"987654", file.read())
            with rig.pcscd.client.connect(rig.card.reader) as connection:
                connection.transmit(SELECT)
                self.assertEqual(connection.transmit("002000110C393837363534000000000000")[1], "9000")


class CleanUpTest(unittest.TestCase):
    def test_rig__ended__processes_sockets_and_files_are_gone(self):
        with Rig(profile="unknown") as rig:
            directory, ports = rig.directory, rig.pcscd.ports
            pids = [rig.pcscd.pid, rig.card.pid]
            self.assertTrue(os.path.exists(rig.pcscd.socket_path))
        self.assertFalse(os.path.exists(directory))
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        for port in ports:
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0)

    def test_two_rigs__side_by_side__do_not_meet(self):
        with Rig(profile="unknown") as first, Rig(profile="unknown", inserted=False) as second:
            self.assertNotEqual(first.pcscd.ports, second.pcscd.ports)
            self.assertTrue(first.pcscd.client.state(first.card.reader) & STATE_PRESENT)
            self.assertTrue(second.pcscd.client.state(second.card.reader) & STATE_EMPTY)

    def test_machine_wide_pcscd_directory__is_not_touched(self):
        def snapshot():
            try:
                return [(entry.name, entry.stat().st_mtime_ns) for entry in os.scandir("/run/pcscd")]
            except FileNotFoundError:
                return None

        before = snapshot()
        with Rig(profile="unknown") as rig:
            self.assertTrue(os.path.exists(os.path.join(rig.directory, "pcscd", "pcscd.pid")))
            self.assertEqual(snapshot(), before)
        self.assertEqual(snapshot(), before)

    def test_test_that_is_killed__its_daemons_end_too(self):
        script = ("import sys, time; from digisign_rig import Rig\n"
                  "with Rig(profile='unknown') as rig:\n"
                  "    print(rig.directory, rig.pcscd.pid, rig.card.pid, flush=True)\n"
                  "    sys.stdin.read()\n")
        victim = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        directory, *pids = victim.stdout.readline().split()
        descriptors = [os.pidfd_open(int(pid)) for pid in pids]
        victim.kill()
        victim.wait()
        victim.stdin.close()
        victim.stdout.close()
        for descriptor in descriptors:
            self.assertTrue(select.select([descriptor], [], [], 10)[0])
            os.close(descriptor)
        subprocess.run(["rm", "-rf", directory], check=True)


if __name__ == "__main__":
    tap_runner.main()
