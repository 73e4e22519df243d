# SPDX-License-Identifier: LGPL-2.1-or-later
"""A system bus of the test's own, and on it what a user's program sees of systemd-logind."""

import concurrent.futures
import os
import select
import signal
import subprocess
import threading

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from child_process import Deadline, end_child, read_line, start_child  # noqa: E402

NAME = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

# Of org.freedesktop.login1(5), what is used.
_INTERFACES = """<node>
  <interface name="org.freedesktop.login1.Manager">
    <method name="ListSessions"><arg type="a(susso)" direction="out"/></method>
    <method name="Inhibit">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="h" direction="out"/>
    </method>
  </interface>
  <interface name="org.freedesktop.login1.Session">
    <property name="Id" type="s" access="read"/>
    <property name="VTNr" type="u" access="read"/>
    <property name="Active" type="b" access="read"/>
    <property name="LockedHint" type="b" access="read"/>
    <property name="IdleHint" type="b" access="read"/>
  </interface>
</node>"""


class SystemBus:
    """Context manager: the one that the programs of a SessionBus look for. May be stopped and started again."""

    def __init__(self, session_bus):
        self._directory = session_bus.directory
        self._child = None
        self.address = session_bus.env["DBUS_SYSTEM_BUS_ADDRESS"]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, seconds=10):
        configuration = os.path.join(self._directory, "system-bus.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(_CONFIGURATION.format(address=self.address))
        with open(os.path.join(self._directory, "system-bus.log"), "ab") as log:
            self._child = start_child(["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile",
                                       "--print-address"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=log, bufsize=0)
        read_line(self._child.stdout, Deadline(seconds), "the system bus gets ready")

    def stop(self):
        if self._child is not None:
            end_child(self._child)
            self._child = None

    def suspend(self):
        """A bus that hangs."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self):
        self._child.send_signal(signal.SIGCONT)


class Inhibitor:
    """A delay lock as logind keeps it: it lasts until the other end of the pipe is closed everywhere."""

    def __init__(self, what, who, why, mode):
        self.what, self.who, self.why, self.mode = what, who, why, mode
        self._reading, self.writing = os.pipe()

    def is_held(self):
        return not self._hung_up(0)

    def wait_released(self, seconds=20):
        if not self._hung_up(seconds):
            raise TimeoutError("the inhibitor lock is still held")

    def _hung_up(self, seconds):
        poll = select.poll()
        poll.register(self._reading, 0)  # POLLHUP comes unasked
        return bool(poll.poll(seconds * 1000))

    def close(self):
        os.close(self._reading)


class Logind:
    """Context manager: owns the name from start() to stop(), which a test may call as well."""

    def __init__(self, bus):
        self._bus = bus
        self._context = GLib.MainContext()
        self._loop = GLib.MainLoop(self._context)
        self._thread = None
        self._connection = None
        self._sessions = {}  # id → (uid, properties)
        self._exported = {}
        self._changed = threading.Condition()
        self._inhibitors = []
        self.refuses_inhibitors = False

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._in_loop(self._loop.quit)
        self._thread.join()
        for inhibitor in self._inhibitors:
            inhibitor.close()

    def _run(self):
        self._context.push_thread_default()
        self._loop.run()

    def _in_loop(self, work):
        """Runs `work` where the connection's callbacks run, and waits for it."""
        outcome = concurrent.futures.Future()

        def run(*_):
            try:
                outcome.set_result(work())
            except Exception as error:  # the caller gets it
                outcome.set_exception(error)
            return GLib.SOURCE_REMOVE

        source = GLib.idle_source_new()
        source.set_callback(run)
        source.attach(self._context)
        outcome.result(10)

    def start(self):
        """Takes the name; a new process as far as others can see."""
        self._in_loop(self._connect)

    def stop(self):
        if self._connection is not None:
            self._in_loop(self._connection.close_sync)
            self._connection = None

    def _connect(self):
        self._connection = Gio.DBusConnection.new_for_address_sync(
            self._bus.address,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self._connection.set_exit_on_close(False)
        manager = Gio.DBusNodeInfo.new_for_xml(_INTERFACES).lookup_interface(MANAGER)
        self._connection.register_object(PATH, manager, self._on_call, None, None)
        for session in self._sessions:
            self._export(session)
        self._connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                   "RequestName", GLib.Variant("(su)", (NAME, 4)), None, Gio.DBusCallFlags.NONE,
                                   10_000, None)

    @staticmethod
    def _path(session):
        return f"{PATH}/session/_3{session}"

    def _export(self, session):
        interface = Gio.DBusNodeInfo.new_for_xml(_INTERFACES).lookup_interface(SESSION)
        self._exported[session] = self._connection.register_object(self._path(session), interface, None, self._on_get,
                                                                   None)

    def _on_call(self, connection, _sender, _path, _interface, member, parameters, invocation):
        if member == "ListSessions":
            sessions = [(session, uid, "somebody", "seat0", self._path(session))
                        for session, (uid, _) in self._sessions.items()]
            invocation.return_value(GLib.Variant("(a(susso))", (sessions,)))
        elif self.refuses_inhibitors:
            invocation.return_dbus_error("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")
        else:
            inhibitor = Inhibitor(*parameters.unpack())
            descriptors = Gio.UnixFDList()
            descriptors.append(inhibitor.writing)
            os.close(inhibitor.writing)  # the list has its own
            invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), descriptors)
            connection.flush_sync()
            with self._changed:
                self._inhibitors.append(inhibitor)
                self._changed.notify_all()

    def _on_get(self, _connection, _sender, path, _interface, name):
        session = path.rpartition("_3")[2]
        kind = {"Id": "s", "VTNr": "u"}.get(name, "b")
        return GLib.Variant(kind, {"Id": session, "VTNr": 2, **self._sessions[session][1]}.get(name, False))

    def _emit(self, path, interface, member, signature, arguments):
        self._connection.emit_signal(None, path, interface, member, GLib.Variant(signature, arguments))
        self._connection.flush_sync()

    def add_session(self, session, uid=None, **properties):
        """`session` is a number as text; properties: Active, LockedHint."""
        self._sessions[session] = (os.getuid() if uid is None else uid, properties)
        self._in_loop(lambda: self._export(session))
        self._emit(PATH, MANAGER, "SessionNew", "(so)", (session, self._path(session)))

    def remove_session(self, session):
        del self._sessions[session]
        self._in_loop(lambda: self._connection.unregister_object(self._exported.pop(session)))
        self._emit(PATH, MANAGER, "SessionRemoved", "(so)", (session, self._path(session)))

    def set(self, session, **properties):
        """Changes properties and tells so."""
        self._sessions[session][1].update(properties)
        changed = {name: GLib.Variant("b", value) for name, value in properties.items()}
        self._emit(self._path(session), "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)",
                   (SESSION, changed, []))

    def ask_to_lock(self, session):
        """`loginctl lock-session`."""
        self._emit(self._path(session), SESSION, "Lock", "()", ())

    def ask_to_unlock(self, session):
        self._emit(self._path(session), SESSION, "Unlock", "()", ())

    def prepare_for_sleep(self, begins):
        self._emit(PATH, MANAGER, "PrepareForSleep", "(b)", (begins,))

    def wait_for_inhibitor(self, number, seconds=20):
        """The number-th lock that was taken, counted from 1."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._inhibitors) >= number, seconds):
                raise TimeoutError("no inhibitor lock was taken")
            return self._inhibitors[number - 1]
