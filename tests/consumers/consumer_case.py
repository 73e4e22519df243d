# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case in which other people's programs load the PKCS#11 module."""

import paths
from bus_client import BusClient
from daemon_case import PIN1, PIN2, PUK, start_daemon
from program_case import ProgramCase
from prompter import Prompter


class ConsumerCase(ProgramCase):
    """A card and digisignd for all tests of the class; `prompter` is the desktop's PIN prompt, or None where `prompts` is
    False and PINs come from the program."""

    pin1, pin2, puk = PIN1, PIN2, PUK
    prompts = True

    @classmethod
    def setUpClass(cls):
        cls.card = {"pins": {"pin1": cls.pin1, "pin2": cls.pin2, "puk": cls.puk}}
        super().setUpClass()
        cls.module = paths.build("pkcs11/digisign-pkcs11.so")
        with BusClient(cls.rig.env["DBUS_SESSION_BUS_ADDRESS"]) as client:
            start_daemon(client)
        cls.prompter = None
        if cls.prompts:
            cls.prompter = cls.enterClassContext(
                Prompter(cls.rig, {"authentication": cls.pin1, "signature": cls.pin2}))

    def setUp(self):
        if self.prompter:
            self.prompter.asked.clear()

    def assert_asked(self, *roles):
        """For these PINs, and nothing else, since the test began or since the last time."""
        self.assertEqual([question["role"] for question in self.prompter.asked], list(roles), self.prompter.asked)
        self.prompter.asked.clear()
