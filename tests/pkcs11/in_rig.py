# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a test program with a rig at its side, and does to the rig what the program asks for; see rig.hpp.

    in_rig.py PROGRAM [ARGUMENTS…]

The program finds one end of a socket at DIGISIGN_RIG_FD. A request is a line there, a method of Desk with its arguments,
and so is the answer, which begins with "ok" or "error". It comes when digisignd, if it runs, has taken notice.
"""

import os
import select
import signal
import socket
import sys

import paths
from bus_client import BusClient
from child_process import Deadline, end_child, start_child
from digisign_rig import Rig

SERVICE = "org.digisign.DigiSign1"
ROOT = "/org/digisign/DigiSign1"

SELECT_APPLICATION = "00A4040C0CA000000063504B43532D3135"
VERIFY_WRONG_PIN = "0020000108" + b"0000".hex() + "FF" * 4  # of the profile myeid, PIN 1
RESET_RETRY_COUNTER = "002C000110" + b"12345678".hex() + b"1234".hex() + "FF" * 4


def wait_for_end(process, seconds=10):
    """Of a process that is not our child, by its pidfd."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    if not poll.poll(seconds * 1000):
        raise RuntimeError("the process does not end")


class Desk:
    def __init__(self, rig):
        self._rig = rig
        self._bus = None
        self._daemon = None  # its pidfd
        self._pin_locked = False

    def serve(self, connection):
        with connection.makefile("rw", encoding="utf-8", newline="\n") as stream:
            for line in stream:
                name, *arguments = line.split()
                try:
                    stream.write(f"ok {getattr(self, name)(*arguments) or ''}\n")
                except Exception as error:  # whatever it is, the test that asked fails with it
                    stream.write(f"error {type(error).__name__} {error}".replace("\n", " ") + "\n")
                stream.flush()

    def reset(self):
        """As a test expects it: digisignd runs, and the card is in the reader with nothing wrong."""
        self.thaw_daemon()
        self._rig.card.control("fault clear")
        self._rig.card.control("latency 0")
        self.start_daemon()
        self.insert()
        if self._pin_locked:
            self._talk_to_card(SELECT_APPLICATION, RESET_RETRY_COUNTER)
            self._pin_locked = False
            self.remove()
            self.insert()

    def start_daemon(self):
        if self._daemon is not None:
            return
        self._bus = BusClient(self._rig.env["DBUS_SESSION_BUS_ADDRESS"])
        self._bus.subscribe()
        self._bus.get_property(SERVICE, ROOT, f"{SERVICE}.Manager", "Version")
        self._daemon = os.pidfd_open(self._rig.bus.service_pid(SERVICE))
        self._wait_until_seen()

    def kill_daemon(self):
        if self._daemon is None:
            return
        signal.pidfd_send_signal(self._daemon, signal.SIGKILL)
        wait_for_end(self._daemon)
        os.close(self._daemon)
        self._daemon = None
        self._bus.close()

    def freeze_daemon(self):
        signal.pidfd_send_signal(self._daemon, signal.SIGSTOP)

    def thaw_daemon(self):
        if self._daemon is not None:
            signal.pidfd_send_signal(self._daemon, signal.SIGCONT)

    def insert(self):
        self._rig.card.insert()
        self._wait_until_seen()

    def begin_insert(self):
        """As insert(), but digisignd may still be reading the card."""
        self._rig.card.insert()

    def remove(self):
        self._rig.card.remove()
        self._wait_until_seen()

    def lock_pin(self):
        """As another program does it. digisignd sees it when the card is inserted again."""
        self._talk_to_card(SELECT_APPLICATION, *[VERIFY_WRONG_PIN] * 3)
        self._pin_locked = True
        self.remove()
        self.insert()

    def restart_pcscd(self):
        self._rig.pcscd.restart()
        self._rig.card.insert()
        self._wait_until_seen()

    def latency(self, microseconds):
        """Of each APDU."""
        self._rig.card.control(f"latency {microseconds}")

    def fault(self, kind, apdu):
        self._rig.card.fault(kind, int(apdu))

    def begin_count(self):
        self._rig.card.clear_log()

    def wait_for_apdu(self):
        """Since begin_count()."""
        deadline = Deadline(20)
        while not self._rig.card.status()["apdus"]:
            deadline.require("an APDU")

    def wait_for_logout(self):
        """Since begin_count(): the card was told to forget its PIN."""
        deadline = Deadline(20)
        while not any(line.split()[1].startswith("002E") for line in self._rig.card.apdus()):
            deadline.require("a log-out")

    def _talk_to_card(self, *commands):
        with self._rig.pcscd.client.connect(self._rig.card.reader) as card:
            for command in commands:
                card.transmit(command)

    def _wait_until_seen(self):
        if self._daemon is None:
            return
        wanted = "present" if self._rig.card.status()["inserted"] else "empty"
        while True:
            self._bus.signals.clear()
            if self._state_of_reader() == wanted:
                return
            self._bus.wait_for(lambda *_: True, f"the reader to be {wanted}")

    def _state_of_reader(self):
        objects = self._bus.call(SERVICE, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]
        for interfaces in objects.values():
            reader = interfaces.get(f"{SERVICE}.Reader")
            if reader is not None and reader["Name"] == self._rig.card.reader:
                return reader["State"]
        return None


def main():
    program, *arguments = sys.argv[1:]
    with Rig(profile="myeid", inserted=False) as rig:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            env = dict(rig.env, DIGISIGN_RIG_FD=str(theirs.fileno()),
                       DIGISIGN_PKCS11_MODULE=paths.build("pkcs11/digisign-pkcs11.so"))
            child = start_child([program, *arguments], env=env, pass_fds=[theirs.fileno()])
            theirs.close()
            try:
                Desk(rig).serve(ours)
                status = child.wait(30)
            finally:
                end_child(child)
    return status


if __name__ == "__main__":
    sys.exit(main())
