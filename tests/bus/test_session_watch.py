# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon makes of systemd-logind and of screen savers, on buses of the test's own."""

import os
import subprocess
import unittest

import paths
import tap_runner
from bus_client import BusClient
from child_process import Deadline, end_child, read_line, start_child
from digisign_rig import SessionBus, private_directory
from logind import Logind, SystemBus

PROGRAM = "tests/bus/session-probe"


class Probe:
    """Context manager around the program."""

    def __init__(self, env):
        self._child = start_child([paths.build(PROGRAM)], env=dict(os.environ, **env), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.stdin.close()  # which ends it
        self._child.wait(10)
        end_child(self._child)

    def say(self, line):
        self._child.stdin.write(line.encode() + b"\n")

    def next(self, seconds=20):
        return read_line(self._child.stdout, Deadline(seconds), "the next event")

    def log_line(self, seconds=20):
        return read_line(self._child.stderr, Deadline(seconds), "a line in the log")

    def events(self):
        """All that was reported since the last call. A signal that was sent before is reported before: see settle()."""
        self.say("ping")
        return list(iter(self.next, "pong"))


class SessionWatchTest(unittest.TestCase):
    def setUp(self):
        self.session_bus = self.enterContext(SessionBus(self.enterContext(private_directory())))
        self.system_bus = SystemBus(self.session_bus)
        self.addCleanup(self.system_bus.stop)

    def start_bus_and_logind(self):
        self.system_bus.start()
        return self.enterContext(Logind(self.system_bus))

    def probe(self):
        return self.enterContext(Probe(self.session_bus.env))

    def watched(self, **properties):
        """(logind with the session "1" of ours, a probe that knows it)"""
        logind = self.start_bus_and_logind()
        logind.add_session("1", Active=True, **properties)
        probe = self.probe()
        self.assertEqual(probe.next(), "active")
        logind.wait_for_inhibitor(1)
        return logind, probe

    def settle(self, logind, probe):
        """Everything reported up to a signal that is surely noticed."""
        logind.set("1", Active=False)
        logind.set("1", Active=True)
        events = list(iter(probe.next, "active"))
        return events + probe.events()

    def test_lock__asked_for__is_reported(self):
        logind, probe = self.watched()
        logind.ask_to_lock("1")
        self.assertEqual(probe.next(), "locked")

    def test_locked_hint__set_and_taken_back__is_reported_once(self):
        logind, probe = self.watched()
        logind.set("1", LockedHint=True)
        logind.set("1", LockedHint=True)
        logind.set("1", LockedHint=False, IdleHint=False)
        logind.ask_to_unlock("1")
        self.assertEqual(self.settle(logind, probe), ["locked"])
        logind.set("1", LockedHint=True)
        self.assertEqual(probe.next(), "locked")

    def test_other_users_session__locked__is_nothing_to_us(self):
        logind, probe = self.watched()
        logind.add_session("2", uid=os.getuid() + 1, Active=False)
        logind.ask_to_lock("2")
        logind.set("2", LockedHint=True, Active=True)
        self.assertEqual(self.settle(logind, probe), [])

    def test_sessions__of_ours_that_come_and_go__are_followed(self):
        logind, probe = self.watched()
        logind.add_session("3", Active=True)
        self.assertEqual(probe.next(), "active")
        logind.ask_to_lock("3")
        self.assertEqual(probe.next(), "locked")
        logind.remove_session("3")
        self.assertEqual(self.settle(logind, probe), [])
        logind.add_session("3", LockedHint=True)
        self.assertEqual(probe.next(), "locked")

    def test_start__session_is_active_and_locked__both_are_reported(self):
        logind = self.start_bus_and_logind()
        logind.add_session("1", Active=True, LockedHint=True)
        probe = self.probe()
        self.assertEqual([probe.next(), probe.next()], ["locked", "active"])

    def test_sleep__delayed_until_ready__and_again_the_next_time(self):
        logind, probe = self.watched()
        for number in (1, 2):
            lock = logind.wait_for_inhibitor(number)
            self.assertEqual((lock.what, lock.mode), ("sleep", "delay"))
            logind.prepare_for_sleep(True)
            self.assertEqual(probe.next(), "suspending")
            self.assertTrue(lock.is_held())
            probe.say("ready")
            lock.wait_released()
            logind.prepare_for_sleep(False)
        third = logind.wait_for_inhibitor(3)
        probe.say("ready")  # late: of the sleep before
        self.assertEqual(self.settle(logind, probe), [])
        self.assertTrue(third.is_held())

    def test_sleep__nobody_gets_ready__is_not_delayed_for_long(self):
        logind, probe = self.watched()
        lock = logind.wait_for_inhibitor(1)
        logind.prepare_for_sleep(True)
        self.assertEqual(probe.next(), "suspending")
        lock.wait_released(seconds=5)  # InhibitDelayMaxSec=
        probe.say("ready")
        self.assertEqual(probe.events(), [])

    def test_sleep__logind_refuses_to_wait__is_reported_and_logged(self):
        logind = self.start_bus_and_logind()
        logind.refuses_inhibitors = True
        logind.add_session("1", Active=True)
        probe = self.probe()
        self.assertIn("Permission denied", probe.log_line())
        self.assertEqual(probe.next(), "active")
        logind.prepare_for_sleep(True)
        self.assertEqual(probe.next(), "suspending")
        probe.say("ready")
        self.assertEqual(probe.events(), [])

    def test_logind__comes_later__is_found(self):
        self.system_bus.start()
        probe = self.probe()
        self.assertEqual(probe.events(), [])
        logind = self.enterContext(Logind(self.system_bus))
        logind.wait_for_inhibitor(1)
        logind.add_session("1", Active=True)
        self.assertEqual(probe.next(), "active")

    def test_logind__restarted__sessions_are_known_still_and_the_lock_is_taken_anew(self):
        logind, probe = self.watched()
        logind.stop()
        logind.start()
        second = logind.wait_for_inhibitor(2)
        logind.wait_for_inhibitor(1).wait_released()
        self.assertEqual(self.settle(logind, probe), [])
        logind.prepare_for_sleep(True)
        self.assertEqual(probe.next(), "suspending")
        probe.say("ready")
        second.wait_released()

    def test_system_bus__comes_later__is_found(self):
        probe = self.probe()
        self.assertEqual(probe.events(), [])
        logind = self.start_bus_and_logind()
        logind.wait_for_inhibitor(1)
        logind.add_session("1", Active=True)
        self.assertEqual(probe.next(), "active")

    def test_system_bus__restarted__is_found_again(self):
        logind, probe = self.watched()
        for number in (2, 3):
            logind.stop()
            self.system_bus.stop()
            self.assertEqual(probe.events(), [])
            self.system_bus.start()
            logind.start()
            logind.wait_for_inhibitor(number)
            self.assertEqual(self.settle(logind, probe), [])
            logind.ask_to_lock("1")
            self.assertEqual(probe.next(), "locked")

    def test_system_bus__hangs__blocks_nothing(self):
        self.system_bus.start()
        self.system_bus.suspend()
        probe = self.probe()
        self.assertEqual(probe.events(), [])
        self.system_bus.resume()
        logind = self.enterContext(Logind(self.system_bus))
        logind.wait_for_inhibitor(1)

    def test_logind__missing__is_logged_once_and_so_is_its_return(self):
        probe = self.probe()
        self.assertIn("systemd-logind cannot be reached", probe.log_line())
        self.system_bus.start()
        self.system_bus.stop()
        logind = self.start_bus_and_logind()
        self.assertIn("systemd-logind can be reached", probe.log_line())
        logind.wait_for_inhibitor(1)

    def test_screen_saver__of_gnome_and_others__locks(self):
        probe = self.probe()
        self.assertEqual(probe.events(), [])
        with BusClient(self.session_bus.env["DBUS_SESSION_BUS_ADDRESS"]) as saver, \
             BusClient(self.session_bus.env["DBUS_SESSION_BUS_ADDRESS"]) as stranger:
            for name in ("org.gnome.ScreenSaver", "org.freedesktop.ScreenSaver"):
                path = "/" + name.replace(".", "/")
                saver.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", "(su)", (name, 0))
                stranger.emit(path, name, "ActiveChanged", "(b)", (True,))
                saver.emit(path, name, "ActiveChanged", "(b)", (False,))
                saver.emit(path, name, "ActiveChanged", "(b)", (True,))
                self.assertEqual(probe.next(), "locked")
                self.assertEqual(probe.events(), [])


if __name__ == "__main__":
    tap_runner.main()
