# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person is told about the program that asks, and the first words on the private socket."""

import os
import select
import socket

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio  # noqa: E402

import tap_runner  # noqa: E402
from daemon_case import PIN1, SERVICE, DaemonCase  # noqa: E402
from private_peer import ROOT, socket_path  # noqa: E402


class RequesterTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.peer.register(default=True)
        self.pin1 = self.pin("authentication")

    def assert_described(self, details, pid, executable):
        described = {name.removeprefix("requester-"): value for name, value in details.items()
                     if name.startswith("requester-")}
        self.assertEqual((described.get("pid"), described.get("executable"), described.get("verified")),
                         (pid, executable, True), described)
        # A test started by hand has a terminal and perhaps a unit, one started by a service has not.
        self.assertLessEqual(set(described), {"pid", "executable", "verified", "terminal", "unit"})

    def test_client_of_the_session_bus__is_known_for_certain(self):
        job = self.job(self.pin1, "Pin", "Verify")
        question = self.answer("RequestPin", PIN1)
        self.assert_described(question.details, os.getpid(), os.path.realpath("/proc/self/exe"))
        self.assert_done(job)

    def test_client_of_the_private_socket__is_known_for_certain(self):
        self.peer.call(self.pin1, f"{SERVICE}.Pin", "Verify", "(a{sv})", ({},))
        question = self.answer("RequestPin", PIN1)
        self.assert_described(question.details, os.getpid(), os.path.realpath("/proc/self/exe"))


class FirstMessageTest(DaemonCase):
    def ping(self, serial):
        message = Gio.DBusMessage.new_method_call(None, ROOT, "org.freedesktop.DBus.Peer", "Ping")
        message.set_serial(serial)
        return bytes(message.to_blob(Gio.DBusCapabilityFlags.NONE))

    def test_messages_in_one_piece_with_the_authentication__are_answered(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(socket_path(self.rig))
            client.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
            self.assertTrue(client.recv(200).startswith(b"OK "))
            client.sendall(b"BEGIN\r\n" + self.ping(1) + self.ping(2))
            answers = b""
            while answers.count(b"l\x02\x01\x01") < 2:  # little endian, method return, no reply expected, version 1
                self.assertTrue(select.select([client], [], [], 20)[0], answers)
                answers += client.recv(4096)


if __name__ == "__main__":
    tap_runner.main()
