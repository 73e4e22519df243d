# SPDX-License-Identifier: LGPL-2.1-or-later
"""A D-Bus session bus of the test's own, which starts the built services on demand."""

import os
import subprocess

import paths
from child_process import Deadline, end_child, end_process, read_line, start_child

SERVICES = {
    "org.digisign.DigiSign1": "daemon/digisignd",
    "org.digisign.Documents1": "documents/digisign-documents",
}

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={runtime}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionBus:
    """Context manager. `directory` becomes the user's whole world: home, runtime directory, cache."""

    def __init__(self, directory, env=None):
        self.directory = directory
        self._child = None
        runtime = os.path.join(directory, "run")
        self.log_path = os.path.join(directory, "bus.log")
        self.env = {
            "HOME": os.path.join(directory, "home"),
            "XDG_RUNTIME_DIR": runtime,
            "XDG_CACHE_HOME": os.path.join(directory, "cache"),
            "XDG_CONFIG_HOME": os.path.join(directory, "config"),
            "XDG_DATA_HOME": os.path.join(directory, "data"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            # Of the machine's own one nothing shall be seen; a SystemBus can be put there.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={runtime}/system-bus",
            **(env or {}),
        }

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, seconds=10):
        services = os.path.join(self.directory, "services")
        for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.makedirs(self.env[variable], mode=0o700, exist_ok=True)
        os.makedirs(services, exist_ok=True)
        for name, program in SERVICES.items():
            self._write_activation_file(services, name, program)
        configuration = os.path.join(self.directory, "bus.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(_CONFIGURATION.format(runtime=self.env["XDG_RUNTIME_DIR"], services=services))
        with open(self.log_path, "ab") as log:
            self._child = start_child(["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile",
                                       "--print-address"], env=dict(os.environ, **self.env),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, bufsize=0)
        read_line(self._child.stdout, Deadline(seconds), "the session bus gets ready")

    @staticmethod
    def _write_activation_file(directory, name, program):
        try:
            path = paths.build(program)
        except RuntimeError:
            return  # a test that needs the service learns so from the bus
        with open(os.path.join(directory, name + ".service"), "w", encoding="ascii") as file:
            file.write(f"[D-BUS Service]\nName={name}\nExec={path}\n")

    def service_pid(self, name):
        """Process of the owner of a bus name, or None."""
        answer = subprocess.run(
            ["dbus-send", f"--bus={self.env['DBUS_SESSION_BUS_ADDRESS']}", "--print-reply=literal",
             "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetConnectionUnixProcessID", f"string:{name}"],
            capture_output=True, text=True, timeout=10, check=False)
        return int(answer.stdout.split()[-1]) if answer.returncode == 0 else None

    def stop(self):
        if self._child is None:
            return
        # The services leave when their bus goes; here we see to it that they have left.
        running = [pid for pid in map(self.service_pid, SERVICES) if pid is not None]
        end_child(self._child)
        self._child = None
        for pid in running:
            end_process(pid)

    def log(self):
        """What the bus and the services started by it wrote to stderr."""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()
