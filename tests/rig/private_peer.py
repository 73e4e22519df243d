# SPDX-License-Identifier: LGPL-2.1-or-later
"""A peer of the private socket that answers for PINs, on GDBus."""

import concurrent.futures
import os
import queue
import threading
import time
import typing

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import paths  # noqa: E402

ROOT = "/org/digisign/DigiSign1"
AGENT_PATH = "/test/agent"


def socket_path(rig):
    return os.path.join(rig.env["XDG_RUNTIME_DIR"], "digisign", "private")


class Question(typing.NamedTuple):
    request: str
    details: dict
    invocation: Gio.DBusMethodInvocation
    member: str  # RequestPin, RequestNewPin, Confirm, ShowPinPad
    question: str | None  # of Confirm


class PrivatePeer:
    """Context manager. Questions, their cancellations and the names of jobs that ask no more arrive in `requests`,
    `cancellations` and `releases`; the test answers with answer(), agree() or decline(). Runs a loop of its own, so that
    waiting for it blocks nothing else. `signals` has (member, arguments) of what the daemon tells the PKCS#11 module."""

    def __init__(self, rig):
        self.requests = queue.Queue()
        self.cancellations = queue.Queue()
        self.releases = queue.Queue()
        self.signals = queue.Queue()
        self._context = GLib.MainContext()
        self._loop = GLib.MainLoop(self._context)
        self._connection = None
        self._address = f"unix:path={socket_path(rig)}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def _run(self):
        self._context.push_thread_default()
        self._connection = Gio.DBusConnection.new_for_address_sync(
            self._address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)
        with open(os.path.join(paths.SOURCE_ROOT, "dbus-interfaces/private/org.digisign.DigiSign1.Agent.xml"),
                  encoding="utf-8") as file:
            interface = Gio.DBusNodeInfo.new_for_xml(file.read()).interfaces[0]
        self._connection.register_object(AGENT_PATH, interface, self._on_call, None, None)
        self._connection.signal_subscribe(None, "org.digisign.DigiSign1.Cryptoki", None, ROOT, None,
                                          Gio.DBusSignalFlags.NONE, self._on_signal)
        self._ready.set()
        self._loop.run()

    def _on_call(self, _connection, _sender, _path, _interface, member, parameters, invocation):
        arguments = parameters.unpack()
        if member == "Cancel":
            self.cancellations.put(arguments)
            invocation.return_value(None)
        elif member == "Release":
            self.releases.put(arguments[0])
            invocation.return_value(None)
        else:
            question = arguments[1] if member == "Confirm" else None
            self.requests.put(Question(arguments[0], arguments[-1], invocation, member, question))

    def _on_signal(self, _connection, _sender, _path, _interface, member, parameters):
        self.signals.put((member, parameters.unpack()))

    def next_signal(self, member, seconds=20):
        """Arguments of the next one with this name; others before it are dropped."""
        deadline = time.monotonic() + seconds
        while True:
            name, arguments = self.signals.get(timeout=max(deadline - time.monotonic(), 0))
            if name == member:
                return arguments

    def __enter__(self):
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the private socket does not answer")
        return self

    def __exit__(self, *_):
        self.hang_up()

    def hang_up(self):
        if not self._connection.is_closed():
            self._connection.close_sync(None)
        self._loop.quit()

    def register(self, **options):
        """The agent's id."""
        return self.call(ROOT, "org.digisign.DigiSign1.AgentManager", "RegisterAgent", "(oa{sv})",
                         (AGENT_PATH, {name: GLib.Variant("b", value) for name, value in options.items()}))[0]

    def call(self, path, interface, member, signature, arguments):
        return self._connection.call_sync(None, path, interface, member, GLib.Variant(signature, arguments), None,
                                          Gio.DBusCallFlags.NONE, 20_000, None).unpack()

    def start_call(self, path, interface, member, signature, arguments):
        """As call(), but returns a concurrent.futures.Future of the answer."""
        pending = concurrent.futures.Future()

        def finished(connection, result):
            try:
                pending.set_result(connection.call_finish(result).unpack())
            except GLib.Error as error:
                pending.set_exception(error)

        def start():
            self._connection.call(None, path, interface, member, GLib.Variant(signature, arguments), None,
                                  Gio.DBusCallFlags.NONE, 20_000, None, finished)
            return GLib.SOURCE_REMOVE

        source = GLib.idle_source_new()  # the answer comes to the loop of the thread that called
        source.set_callback(lambda *_: start())
        source.attach(self._context)
        return pending

    def next_request(self, seconds=20):
        """A Question."""
        return self.requests.get(timeout=seconds)

    @staticmethod
    def answer(request, pin):
        request.invocation.return_value(GLib.Variant("(ay)", (pin.encode(),)))

    @staticmethod
    def agree(request, agreed=True):
        request.invocation.return_value(GLib.Variant("(b)", (agreed,)))

    @staticmethod
    def decline(request):
        request[2].return_dbus_error("org.digisign.DigiSign1.Error.Cancelled", "no")
