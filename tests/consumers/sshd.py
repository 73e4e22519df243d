# SPDX-License-Identifier: LGPL-2.1-or-later
"""An OpenSSH server of the test's own, which lets in the user who runs it."""

import os
import subprocess

from child_process import Deadline, end_child, read_line, start_child
from tls_server import free_port

PROGRAM = "/usr/sbin/sshd"
_PRIVILEGE_SEPARATION = "/run/sshd"

_CONFIGURATION = """Port {port}
ListenAddress 127.0.0.1
HostKey {directory}/host
AuthorizedKeysFile {directory}/authorized
PidFile none
StrictModes no
UsePAM no
AuthenticationMethods publickey
PermitRootLogin yes
"""


class Sshd:
    """Context manager. `directory` becomes its own; `authorized` are lines of an authorized_keys file."""

    def __init__(self, directory, authorized):
        os.makedirs(directory, exist_ok=True)
        self._directory = directory
        self._authorized = authorized
        self._child = None
        self._made_directory = False
        self.port = None
        self.known_hosts = os.path.join(directory, "known")

    def __enter__(self):
        if os.getuid() == 0 and not os.path.exists(_PRIVILEGE_SEPARATION):
            os.mkdir(_PRIVILEGE_SEPARATION, 0o755)  # which root's sshd wants; its service makes it
            self._made_directory = True
        self.port = free_port()
        host = self._path("host")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "TEST", "-f", host], check=True)
        with open(host + ".pub", encoding="ascii") as key:
            self._write("known", f"[localhost]:{self.port} {key.read()}")
        self._write("authorized", self._authorized)
        self._write("config", _CONFIGURATION.format(port=self.port, directory=self._directory))
        self._child = start_child([PROGRAM, "-D", "-e", "-f", self._path("config")], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
        deadline = Deadline(10)
        while "Server listening" not in read_line(self._child.stderr, deadline, "sshd gets ready"):
            pass
        return self

    def __exit__(self, *_):
        end_child(self._child)
        if self._made_directory:
            os.rmdir(_PRIVILEGE_SEPARATION)

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="ascii") as file:
            file.write(text)
