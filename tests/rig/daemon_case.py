# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case with digisignd on a bus, a card in its reader, and a peer of the private socket that answers for PINs."""

import functools
import os
import unittest

from bus_client import ERROR, BusClient, GLib, remote_error
from digisign_rig import Rig
from private_peer import ROOT, PrivatePeer

SERVICE = "org.digisign.DigiSign1"
DIGEST = bytes(range(32))
PIN1, PIN2, PUK = "2468", "951357", "73519264"


def managed_objects(client):
    return client.call(SERVICE, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]


def start_daemon(client):
    """Comes back when the card has been read; the client collects signals from now on."""
    client.subscribe()
    client.get_property(SERVICE, ROOT, f"{SERVICE}.Manager", "Version")  # starts it
    wait_until_read(client)


def wait_until_read(client):
    def ready():
        return any(i.get(f"{SERVICE}.Reader", {}).get("State") == "present" for i in managed_objects(client).values())

    while not ready():
        client.signals.clear()
        if not ready():
            client.wait_for(lambda *_: True, "the card to be read")


class DaemonCase(unittest.TestCase):
    """`card` has further arguments of the Rig; configuration() the user's digisign.conf."""

    card = {}

    def setUp(self):
        self.rig = Rig(**{"pins": {"pin1": PIN1, "pin2": PIN2, "puk": PUK}, **self.card})
        self.rig.__enter__()
        self.addCleanup(self.rig.__exit__, None, None, None)
        self.write_configuration(self.configuration())
        self.client = self.new_client()
        start_daemon(self.client)
        self.peer = PrivatePeer(self.rig)
        self.peer.__enter__()
        self.addCleanup(self.peer.hang_up)

    @functools.cached_property
    def key(self):
        return self.find("Key", lambda key: "non-repudiation" in key["Usage"])

    def configuration(self):
        return ""

    def write_configuration(self, text):
        directory = os.path.join(self.rig.env["XDG_CONFIG_HOME"], "digisign")
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "digisign.conf"), "w", encoding="utf-8") as file:
            file.write(text)

    def new_client(self):
        client = BusClient(self.rig.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(client.close)
        return client

    def get(self, path, interface, name):
        return self.client.get_property(SERVICE, path, f"{SERVICE}.{interface}", name)

    def objects(self):
        return managed_objects(self.client)

    def find(self, interface, wanted=lambda _: True):
        for path, interfaces in self.objects().items():
            if f"{SERVICE}.{interface}" in interfaces and wanted(interfaces[f"{SERVICE}.{interface}"]):
                return path
        raise LookupError(interface)

    def wait_until_read(self):
        wait_until_read(self.client)

    def sign(self, client=None, mechanism="ECDSA-SHA256", data=DIGEST, key=None, **options):
        variants = {name.replace("_", "-"): value if isinstance(value, GLib.Variant) else GLib.Variant("s", value)
                    for name, value in options.items()}
        return (client or self.client).call(SERVICE, key or self.key, f"{SERVICE}.Key", "Sign", "(saya{sv})",
                                            (mechanism, data, variants))[0]

    @property
    def authentication_key(self):
        return self.find("Key", lambda key: "sign" in key["Usage"])

    def pin(self, role):
        return self.find("Pin", lambda pin: pin["Role"] == role)

    def job(self, path, interface, member, client=None, **options):
        """Calls a method that only has options and returns a job."""
        return (client or self.client).call(SERVICE, path, f"{SERVICE}.{interface}", member, "(a{sv})",
                                            ({name: GLib.Variant("s", text) for name, text in options.items()},))[0]

    def assert_done(self, job, client=None):
        outcome, results = self.finished(job, client)
        self.assertEqual(outcome, "done", results)
        return results

    def answer(self, member, value, **details):
        """Checks that such a question comes next, and answers it with a PIN or with True or False."""
        question = self.peer.next_request()
        self.assertEqual(question.member, member, question.details)
        for name, expected in details.items():
            self.assertEqual(question.details.get(name.replace("_", "-")), expected, question.details)
        if member == "Confirm":
            self.peer.agree(question, value)
        else:
            self.peer.answer(question, value)
        return question

    def commands(self, prefix=""):
        """Command APDUs that began so, with their status words, since the log was cleared."""
        found = []
        for line in self.rig.card.apdus():
            _, command, response = line.split()[:3]
            if command.startswith(prefix):
                found.append((command, response[-4:]))
        return found

    def finished(self, job, client=None):
        """(outcome, results)"""
        _, _, values = (client or self.client).wait_for(
            lambda path, member, _: path == job and member == "Finished", f"{job} to finish", seconds=40)
        return values

    def assert_failed(self, job, error, client=None):
        outcome, results = self.finished(job, client)
        self.assertEqual((outcome, results.get("error")), ("failed", ERROR + error), results)
        return results

    def assert_refused(self, error, call, *arguments, **options):
        with self.assertRaises(GLib.Error) as raised:
            call(*arguments, **options)
        self.assertEqual(remote_error(raised.exception), ERROR + error)
