# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pcscd of the test's own, with virtual readers."""

import contextlib
import os
import socket
import subprocess
import sys

import paths
from child_process import end_child, start_child
from pcsc_client import PcscClient
from pin_pad import PinPad

PROGRAM = "/usr/sbin/pcscd"
DRIVER_DIRECTORIES = ["/usr/lib/pcsc/drivers/serial", "/usr/lib64/pcsc/drivers/serial"]
DRIVER = "libifdvpcd.so"

READER_NAME = "Virtual Reader"
SLOTS = 2  # fixed by vpcd: the port it is told, and the next one
# Below the range from which the kernel gives ports to clients; after vpcd's two comes that of the PIN pad.
PORTS = range(20000, 32000, SLOTS + 1)

# pcscd takes its socket from descriptor 3, like under systemd, if LISTEN_PID is its own number.
_LAUNCHER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LD_PRELOAD=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def _driver():
    for directory in DRIVER_DIRECTORIES:
        path = os.path.join(directory, DRIVER)
        if os.path.exists(path):
            return path
    raise RuntimeError(f"{DRIVER} is not installed (package vsmartcard-vpcd)")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Pcscd:
    """Context manager. `readers` is 0 or 2: vpcd always has two slots. `pin_pad` are options of a PinPad, whose slot
    is the last one.
    """

    def __init__(self, directory, readers=SLOTS, pin_pad=None):
        if readers not in (0, SLOTS):
            raise ValueError("vpcd has two slots")
        self.directory = directory
        self.socket_path = os.path.join(directory, "pcscd.comm")
        self.log_path = os.path.join(directory, "pcscd.log")
        self.ports = []
        self.readers = []
        self.pin_pad = None if pin_pad is None else PinPad(directory, **pin_pad)
        self._vpcd = bool(readers)
        self._child = None
        self._client = None
        self._stack = None

    @property
    def env(self):
        """What a client of this pcscd needs in its environment."""
        return {"PCSCLITE_CSOCK_NAME": self.socket_path}

    @property
    def pid(self):
        return self._child.pid

    @property
    def client(self):
        if self._client is None:
            self._client = PcscClient(self.socket_path, self.directory)
        return self._client

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            if self.pin_pad is not None:
                stack.enter_context(self.pin_pad)
            stack.callback(self.stop)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def start(self):
        """Comes back when pcscd answers and has its readers."""
        slots = SLOTS * self._vpcd + (self.pin_pad is not None)
        if self.ports or not slots:
            self._start_on(self.ports)
            return
        start = os.getpid() % len(PORTS)  # runs side by side begin to look in different places
        for index in range(len(PORTS)):
            port = PORTS[(start + index) % len(PORTS)]
            ports = [port + slot for slot in range(slots)]
            if all(map(_is_free, ports)):
                self._start_on(ports)
                # Another program may have taken the port meanwhile; then pcscd lacks a reader.
                if len(self.readers) == slots:
                    self.ports = ports
                    return
                self.stop()
        raise RuntimeError("no free ports for the virtual readers")

    def _configuration(self, ports):
        entries = []
        if self._vpcd:
            entries.append(f'FRIENDLYNAME "{READER_NAME}"\nDEVICENAME /dev/null:{ports[0]:#x}\n'
                           f"LIBPATH {_driver()}\nCHANNELID {ports[0]:#x}\n")
        if self.pin_pad is not None:
            entries.append(self.pin_pad.configuration(ports[-1]))
        return "\n".join(entries)

    def _start_on(self, ports):
        configuration = os.path.join(self.directory, "reader.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(self._configuration(ports))
        if os.path.exists(self.socket_path):
            os.unlink(self.socket_path)
        with socket.socket(socket.AF_UNIX) as listening, open(self.log_path, "ab") as log:
            listening.bind(self.socket_path)
            listening.listen(64)
            self._child = start_child(
                [sys.executable, "-c", _LAUNCHER, str(listening.fileno()), paths.build("tests/rig/pcscd-private.so"),
                 PROGRAM, "--foreground", "--config", configuration],
                pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, DIGISIGN_PCSCD_DIR=self.directory))
        # The socket is there already, so this waits until pcscd is ready, and fails if it ends.
        self.readers = self.client.readers()

    def stop(self):
        if self._child is not None:
            end_child(self._child)
            self._child = None

    def restart(self):
        self.stop()
        self.start()

    def suspend(self):
        """A pcscd that hangs."""
        self._child.send_signal(19)  # SIGSTOP

    def resume(self):
        self._child.send_signal(18)  # SIGCONT
