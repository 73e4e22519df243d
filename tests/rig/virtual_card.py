# SPDX-License-Identifier: LGPL-2.1-or-later
"""The virtual card as a test handles it."""

import json
import os
import socket
import subprocess

import paths
from child_process import Deadline, end_child, read_line, start_child
from pcsc_client import STATE_MUTE, STATE_PRESENT

PROGRAM = "tests/virtual-card/digisign-virtual-card"


class ControlError(Exception):
    pass


class VirtualCard:
    """Context manager. The card lies in `slot` of the pcscd; its files are in `directory`.

    pins: {"pin1": "1234", ...}, for a new card only. options: further arguments of the program.
    """

    def __init__(self, pcscd, directory, profile=None, slot=0, inserted=True, pins=None, activation=None,
                 validity=None, options=()):
        os.makedirs(directory, exist_ok=True)
        self.pcscd = pcscd
        self.reader = pcscd.readers[slot]
        self.certificates = os.path.join(directory, "certificates")
        self.apdu_log = os.path.join(directory, "apdu.log")
        self.state = os.path.join(directory, "state.json")
        self.control_path = os.path.join(directory, "control")
        self._slot = slot
        self._inserted = inserted
        self._pins = pins
        self._child = None
        self._arguments = [*self._given("--profile", profile), *self._given("--activation", activation),
                           *self._given("--validity", validity), *options]

    @staticmethod
    def _given(option, value):
        return [] if value is None else [option, value]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, seconds=60):
        """Comes back when the card can be controlled and, unless it starts removed, pcscd sees it."""
        # 60 s: a new card makes its RSA keys, which takes as long as it takes.
        arguments = [paths.build(PROGRAM), "--state", self.state, "--control", self.control_path,
                     "--apdu-log", self.apdu_log, "--export-certificates", self.certificates,
                     "--port", str(self.pcscd.ports[self._slot]), "--no-card", *self._arguments]
        options = {}
        if self._pins is not None:
            reading, writing = os.pipe()
            os.write(writing, "".join(f"{name} {value}\n" for name, value in self._pins.items()).encode())
            os.close(writing)
            arguments += ["--pins-file", f"/dev/fd/{reading}"]
            options["pass_fds"] = [reading]
        self._child = start_child(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0, **options)
        if self._pins is not None:
            os.close(reading)
        read_line(self._child.stdout, Deadline(seconds), "the virtual card gets ready")
        if self._inserted:
            self.insert()

    def stop(self):
        if self._child is not None:
            end_child(self._child)
            self._child = None

    @property
    def pid(self):
        return self._child.pid

    def control(self, command):
        """Sends one command; returns what follows "ok", raises ControlError for "error"."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.control_path)
            connection.sendall(command.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                got = connection.recv(4096)
                if not got:
                    raise ControlError(f"{command}: the card hung up")
                answer += got
        verdict, _, rest = answer.decode().rstrip("\n").partition(" ")
        if verdict != "ok":
            raise ControlError(f"{command}: {rest}")
        return rest

    def status(self):
        return json.loads(self.control("status"))

    def insert(self):
        # A card that was pulled a moment ago is still there for pcscd; its state must not be taken for the new one.
        if not self.status()["inserted"]:
            self.pcscd.client.wait_empty(self.reader)
        self.control("insert")
        self.pcscd.client.wait_for_state(self.reader, lambda bits: bits & (STATE_PRESENT | STATE_MUTE), 10)

    def remove(self):
        self.control("remove")
        self.pcscd.client.wait_empty(self.reader)

    def fault(self, kind, apdu=1):
        self.control(f"fault {kind} {apdu}")

    def reset_by_another_program(self):
        self.pcscd.client.reset_card(self.reader)

    def clear_log(self):
        self.control("log clear")

    def apdus(self):
        """Lines of the APDU log: number, command, answer; PINs masked."""
        with open(self.apdu_log, encoding="ascii") as log:
            return log.read().splitlines()
