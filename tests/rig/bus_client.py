# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plain client of the session bus, on GDBus: what it sends is not checked by any code of the project."""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from child_process import Deadline  # noqa: E402

ERROR = "org.digisign.DigiSign1.Error."


class BusClient:
    """One connection; context manager."""

    def __init__(self, address):
        self._connection = Gio.DBusConnection.new_for_address_sync(
            address,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None,
            None,
        )
        self.name = self._connection.get_unique_name()
        self.signals = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if not self._connection.is_closed():
            self._connection.close_sync(None)

    def call(self, service, path, interface, member, signature="()", arguments=(), descriptors=()):
        """The answer as Python values; raises GLib.Error."""
        handles = Gio.UnixFDList()
        for descriptor in descriptors:
            handles.append(descriptor)
        answer, _ = self._connection.call_with_unix_fd_list_sync(
            service, path, interface, member, GLib.Variant(signature, arguments), None,
            Gio.DBusCallFlags.NONE, 20_000, handles, None)  # fmt: skip
        return answer.unpack()

    def emit(self, path, interface, member, signature, arguments):
        """Sends a signal; it is with the bus when this returns."""
        self._connection.emit_signal(None, path, interface, member, GLib.Variant(signature, arguments))
        self._connection.flush_sync(None)

    def get_property(self, service, path, interface, name):
        return self.call(service, path, "org.freedesktop.DBus.Properties", "Get", "(ss)", (interface, name))[0]

    def subscribe(self, interface=None, member=None, path=None):
        """From now on such signals are collected in `signals`, as (path, member, values)."""

        def collect(_connection, _sender, object_path, _interface, name, parameters):
            self.signals.append((object_path, name, parameters.unpack()))

        self._connection.signal_subscribe(None, interface, member, path, None, Gio.DBusSignalFlags.NONE, collect)
        # The bus handles calls in their order, so the rule is in force when this is answered.
        self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer", "Ping")

    def wait_for(self, wanted, what, seconds=20):
        """Returns the first collected signal for which wanted(path, member, values) holds."""
        deadline = Deadline(seconds)
        context = GLib.MainContext.default()
        while True:
            for signal in self.signals:
                if wanted(*signal):
                    return signal
            GLib.timeout_add(int(deadline.require(what) * 1000) + 1, lambda: GLib.SOURCE_REMOVE)
            context.iteration(True)

    @staticmethod
    def iterate(seconds):
        """Takes in what comes within this time."""
        context = GLib.MainContext.default()
        GLib.timeout_add(int(seconds * 1000) + 1, lambda: GLib.SOURCE_REMOVE)
        context.iteration(True)


def remote_error(error):
    """The name of the D-Bus error in a GLib.Error."""
    return Gio.DBusError.get_remote_error(error)
