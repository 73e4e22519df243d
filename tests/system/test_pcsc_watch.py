# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon's reader service on the real pcscd: hot-plug, restarts, other programs, and silence while nothing happens."""

import os
import select
import signal
import socket
import time
import unittest

import tap_runner
from digisign_rig import Pcscd, VirtualCard, private_directory
from pcsc_client import SCARD_LEAVE_CARD, SCARD_SHARE_EXCLUSIVE
from watch import PATIENCE, Watch

GREETING = 20  # octets of libpcsclite's first message: header and protocol version


def context_switches(pid):
    """Per thread, how often it went to sleep: unchanged means that it was never awake."""
    counts = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
            fields = dict(line.split(":\t", 1) for line in status if ":\t" in line)
        counts[fields["Name"].strip() + " " + task] = int(fields["voluntary_ctxt_switches"])
    return counts


def voluntary_silence(pid, seconds, attempts=5):
    """Waits until no thread of the process woke up for `seconds`; False if that never came."""
    nothing = select.poll()
    for _ in range(attempts):
        before = context_switches(pid)
        nothing.poll(seconds * 1000)  # the measurement: there is no event for "nothing happened"
        if context_switches(pid) == before:
            return True
    return False


class PcscWatchTest(unittest.TestCase):
    def setUp(self):
        self.directory = self.enter(private_directory())
        self.pcscd = Pcscd(self.directory)
        self.addCleanup(self.pcscd.stop)

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def start_pcscd(self):
        self.pcscd.start()

    def add_card(self, **options):
        return self.enter(VirtualCard(self.pcscd, os.path.join(self.directory, "card"), **options))

    def watch(self, **options):
        return self.enter(Watch(self.pcscd.socket_path, **options))

    def test_insert_and_remove__are_seen(self):
        self.start_pcscd()
        card = self.add_card(inserted=False)
        watch = self.watch()
        watch.wait_for("pcsc available")
        self.assertEqual(sorted(line for line in watch.lines if line.startswith("added")),
                         sorted(f"added {reader}" for reader in self.pcscd.readers))
        for _ in range(3):
            card.insert()
            watch.wait_for(f"state {card.reader} present")
            self.assertEqual(watch.status(), "status 5")
            card.remove()
            watch.wait_for(f"removed {card.reader}")
            watch.wait_for(f"state {card.reader} empty")
        self.assertLess(watch.quit(), 3)

    def test_request_at_a_card_just_removed__says_so(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        card.fault("removed", 1)
        self.assertRegex(watch.status(), "^status error CardRemoved ")

    def test_pcscd_comes_later__is_noticed(self):
        watch = self.watch()
        watch.wait_for("pcsc unavailable: ")
        self.start_pcscd()
        watch.wait_for("pcsc available")
        self.assertTrue(any(line.startswith("added") for line in watch.lines))

    def test_pcscd_restarted__readers_and_cards_are_announced_again(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        self.pcscd.restart()
        watch.wait_for("removed")
        watch.wait_for("pcsc unavailable: ")
        card.insert()
        watch.wait_for(f"state {card.reader} present")
        self.assertEqual(watch.status(), "status 5")

    def test_pcscd_killed__its_socket_left_behind_is_not_mistaken_for_it(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        os.kill(self.pcscd.pid, signal.SIGKILL)
        watch.wait_for("pcsc unavailable: ")
        self.assertTrue(os.path.exists(self.pcscd.socket_path))
        # A few tries soon after, and then only the socket counts.
        self.assertTrue(voluntary_silence(watch.pid, 3.5), context_switches(watch.pid))
        self.pcscd.restart()
        card.insert()
        watch.wait_for(f"state {card.reader} present")

    def test_idle__no_thread_wakes_up(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch(linger=200)
        watch.wait_for(f"state {card.reader} present")
        # The card is let go, pcscd switches it off (after 5 s): no more than that.
        self.assertTrue(voluntary_silence(watch.pid, 7), context_switches(watch.pid))
        self.assertEqual(watch.status(), "status 5")

    def test_idle_without_pcscd__no_thread_wakes_up(self):
        watch = self.watch()
        watch.wait_for("pcsc unavailable: ")
        self.assertTrue(voluntary_silence(watch.pid, 3), context_switches(watch.pid))

    def test_card_held_exclusively__names_the_program_and_goes_on_when_it_is_free(self):
        self.start_pcscd()
        card = self.add_card()
        with self.pcscd.client.connect(card.reader, share=SCARD_SHARE_EXCLUSIVE):
            watch = self.watch()
            line = watch.wait_for(f"state {card.reader} busy: ")
            self.assertIn(f"(process {os.getpid()})", line)
        watch.wait_for(f"state {card.reader} present")

    def test_card_not_used__can_be_taken_exclusively_by_others(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch(linger=100)
        watch.wait_for(f"state {card.reader} present")
        self.assertTrue(voluntary_silence(watch.pid, 0.5), context_switches(watch.pid))
        with self.pcscd.client.connect(card.reader, share=SCARD_SHARE_EXCLUSIVE):
            self.assertRegex(watch.status(), "^status error CardBusy another program holds the card")
        self.assertEqual(watch.status(), "status 5")

    def test_reset_by_another_program__is_not_noticed_outside(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        for _ in range(3):
            card.reset_by_another_program()
            self.assertEqual(watch.status(), "status 5")
        # None of them was taken for a removal, and no transaction was left open.
        card.reset_by_another_program()
        self.assertFalse([line for line in watch.lines if line.startswith("removed")])

    def test_transaction_of_another_program__busy_in_time_then_usable(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        with self.pcscd.client.connect(card.reader) as other:
            other.begin_transaction()
            start = time.monotonic()
            self.assertRegex(watch.status(500), "^status error CardBusy ")
            self.assertLess(time.monotonic() - start, 2)
            other.end_transaction(SCARD_LEAVE_CARD)
            watch.wait_for(f"state {card.reader} present")
        self.assertEqual(watch.status(), "status 5")

    def test_silent_card__answered_in_time_and_shown_mute(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        card.fault("mute", 1)
        start = time.monotonic()
        self.assertRegex(watch.status(500), "^status error CardMute ")
        self.assertLess(time.monotonic() - start, 2)
        self.assertTrue(any(line.startswith(f"state {card.reader} mute") for line in watch.lines))
        # The command still hangs, and the end does not wait for it.
        self.assertLess(watch.quit(), 5)

    def test_pcscd_that_hangs__requests_are_answered_and_the_end_comes(self):
        self.start_pcscd()
        card = self.add_card()
        watch = self.watch()
        watch.wait_for(f"state {card.reader} present")
        self.pcscd.suspend()
        self.addCleanup(self.pcscd.resume)
        self.assertRegex(watch.status(500), "^status error Card(Busy|Mute) ")
        self.assertLess(watch.quit(), 5)

    def test_refused_session__is_a_state_of_its_own_and_can_be_retried(self):
        # What polkit's refusal looks like from outside: pcscd closes the connection without reading what was said.
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self.pcscd.socket_path)
            listening.listen(8)
            listening.settimeout(PATIENCE)
            watch = self.watch()
            self.refuse(listening)
            self.assertRegex(watch.wait_for("pcsc"), "^pcsc access-denied: .* trying again in 1 s$")
            watch.say("retry")
            self.refuse(listening)
            self.assertRegex(watch.wait_for("pcsc"), "^pcsc access-denied: .* trying again in 1 s$")
            self.refuse(listening)  # by itself
            self.assertRegex(watch.wait_for("pcsc"), "^pcsc access-denied: .* trying again in 2 s$")
        self.start_pcscd()
        watch.wait_for("pcsc available")

    @staticmethod
    def refuse(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(GREETING - 1, socket.MSG_WAITALL)  # the client waits for the answer now


if __name__ == "__main__":
    tap_runner.main()
