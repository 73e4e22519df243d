# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service started by hand, and the moment at which it says that it is ready (sd_notify(3))."""

import os
import socket
import subprocess
import time

import paths
from child_process import end_child, start_child


class StartedService:
    """Context manager. `seconds` is the time from fork() to READY=1."""

    def __init__(self, rig, program, **options):
        self._rig = rig
        self._program = paths.build(program)
        self._options = options
        self.child = None
        self.seconds = None

    def __enter__(self):
        name = os.path.join(self._rig.directory, f"notify{os.urandom(4).hex()}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
            notifications.bind(name)
            notifications.settimeout(10)
            start = time.monotonic()
            self.child = start_child([self._program], env=dict(self._rig.env, NOTIFY_SOCKET=name),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     **self._options)
            while b"READY=1" not in notifications.recv(4096):
                pass
            self.seconds = time.monotonic() - start
        return self

    def __exit__(self, *_):
        end_child(self.child)
