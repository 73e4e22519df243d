# SPDX-License-Identifier: LGPL-2.1-or-later
"""digisignctl as a script uses it."""

import os
import subprocess

import paths
from child_process import start_child

PROGRAM = "cli/digisignctl"
DEFAULT_PINS = {"pin1": "1234", "pin2": "123456"}


def start(rig, *arguments, pin=None, new_pins=(), **options):
    """subprocess.Popen of digisignctl; `pin` comes through --pin-fd, as from a password manager, and new values after it
    through the same descriptor."""
    descriptors = []
    if pin is not None:
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{value}\n" for value in (pin, *new_pins)).encode())
        os.close(writing)
        descriptors = [reading]
        arguments += ("--pin-fd", str(reading))
        if new_pins:
            arguments += ("--new-pin-fd", str(reading))
    try:
        return start_child([paths.build(PROGRAM), *arguments], env=rig.env, pass_fds=descriptors,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           start_new_session=True, **options)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class Result:
    def __init__(self, code, output, errors):
        self.code = code
        self.output = output
        self.errors = errors

    def __repr__(self):
        return f"exit code {self.code}\n{self.output}{self.errors}"


def run(rig, *arguments, pin=None, new_pins=(), timeout=60):
    """The Result of digisignctl without a terminal."""
    child = start(rig, *arguments, pin=pin, new_pins=new_pins)
    output, errors = child.communicate(timeout=timeout)
    return Result(child.returncode, output, errors)
