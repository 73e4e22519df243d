# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program pcsc-watch: the daemon's reader service alone, on a pcscd of the test's own."""

import os
import subprocess
import time

import paths
from child_process import Deadline, end_child, read_line, start_child

PROGRAM = "tests/system/pcsc-watch"
KEPT = 3600_000  # milliseconds an unused card stays connected: longer than any test
PATIENCE = 20


class Watch:
    """Context manager around the program; remembers all it said."""

    def __init__(self, socket_path, linger=KEPT):
        self.lines = []
        self._child = start_child([paths.build(PROGRAM), str(linger)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  bufsize=0, env=dict(os.environ, PCSCLITE_CSOCK_NAME=socket_path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end_child(self._child)

    @property
    def pid(self):
        return self._child.pid

    def wait_for(self, start, seconds=PATIENCE):
        """The next line that begins so."""
        deadline = Deadline(seconds)
        while True:
            line = read_line(self._child.stdout, deadline, f"{start!r}; so far {self.lines}")
            self.lines.append(line)
            if line.startswith(start):
                return line

    def say(self, line):
        self._child.stdin.write(line.encode() + b"\n")

    def status(self, milliseconds=10_000):
        self.say(f"status {milliseconds}")
        return self.wait_for("status")

    def quit(self):
        """Seconds that the end took."""
        start = time.monotonic()
        self.say("quit")
        self._child.stdin.close()
        self.wait_for("stopped")
        self._child.wait(PATIENCE)
        return time.monotonic() - start

    def pad(self, what):
        """Has a PIN typed on the reader: "verify", "change", "unblock". wait_for("pad") tells what came of it."""
        self.say(f"pad {what}")
