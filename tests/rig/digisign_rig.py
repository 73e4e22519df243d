# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole desktop for a test: private pcscd, virtual card, session bus with the built services.

Works as root and as an ordinary user, also in a chroot; needs no privilege and touches nothing of the machine's own
pcscd. DIGISIGN_BUILD names the build directory. DIGISIGN_RIG_KEEP=1 keeps the rig's directory.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile

from child_process import Deadline, DeadlineError
from pcsc_client import PcscClient, PcscError
from pcscd import Pcscd
from session_bus import SessionBus
from virtual_card import ControlError, VirtualCard

__all__ = ["ControlError", "Deadline", "DeadlineError", "Pcscd", "PcscClient", "PcscError", "Rig", "SessionBus",
           "VirtualCard", "private_directory"]


@contextlib.contextmanager
def private_directory():
    """A short path, because socket names end at 107 characters."""
    path = tempfile.mkdtemp(prefix="digisign-", dir="/tmp")
    try:
        yield path
    finally:
        if os.environ.get("DIGISIGN_RIG_KEEP"):
            print(f"# kept {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)


class Rig:
    """Context manager with pcscd, card and bus. Arguments beyond these go to VirtualCard; card=False leaves it out."""

    def __init__(self, readers=2, card=True, env=None, pin_pad=None, **card_options):
        self._readers = readers
        self._pin_pad = pin_pad
        self._with_card = card
        self._extra_env = env or {}
        self._card_options = card_options
        self._stack = contextlib.ExitStack()
        self.directory = None
        self.pcscd = None
        self.card = None
        self.bus = None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(private_directory())
            self.pcscd = stack.enter_context(Pcscd(self._make("pcscd"), self._readers, self._pin_pad))
            if self._with_card:
                self.card = stack.enter_context(self.add_card(**self._card_options))
            self.bus = stack.enter_context(SessionBus(self._make("user"), {**self.pcscd.env, **self._extra_env}))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _make(self, name):
        path = os.path.join(self.directory, name)
        os.mkdir(path, 0o700)
        return path

    def add_card(self, slot=0, **options):
        """A VirtualCard for a slot, not started yet: `with rig.add_card(slot=1) as second:`."""
        return VirtualCard(self.pcscd, os.path.join(self.directory, f"card{slot}"), slot=slot, **options)

    @property
    def env(self):
        """Environment for programs that shall see the card and the bus."""
        return dict(os.environ, **self.bus.env)

    def run(self, arguments, timeout=60, **options):
        """subprocess.run in that environment, output captured as text."""
        options.setdefault("text", True)
        options.setdefault("capture_output", True)
        return subprocess.run(arguments, env=self.env, timeout=timeout, check=False, **options)
