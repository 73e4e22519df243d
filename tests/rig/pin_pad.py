# SPDX-License-Identifier: LGPL-2.1-or-later
"""A reader with keys of its own (PC/SC part 10), and the person who types on them.

    with Rig(readers=0, pin_pad={}) as rig:
        ...                                    # a program asks for PIN 1 on the reader
        entry = rig.pcscd.pin_pad.wait_for_entry()
        entry.fields["wPINMaxExtraDigit"]      # of PIN_VERIFY_STRUCTURE or PIN_MODIFY_STRUCTURE
        entry.type("1234")                     # or entry.cancel(), or entry.time_out()
        entry.result()                         # "9000"
"""

import os
import select
import socket
import struct

import paths
from child_process import Deadline, read_line

DRIVER = "tests/pin-pad-reader/ifd-pin-pad.so"
READER_NAME = "Virtual PIN Pad"
FEATURES = ("verify", "modify", "pin-properties", "tlv-properties")

# Names and layout of PC/SC part 10, read here apart from the reader's own reading.
_STRUCTURES = {
    "verify": ("<BBBBBHBBHB3sI", ("bTimerOut", "bTimerOut2", "bmFormatString", "bmPINBlockString",
                                  "bmPINLengthFormat", "wPINMaxExtraDigit", "bEntryValidationCondition",
                                  "bNumberMessage", "wLangId", "bMsgIndex", "bTeoPrologue", "ulDataLength")),
    "modify": ("<BBBBBBBHBBBHBBB3sI", ("bTimerOut", "bTimerOut2", "bmFormatString", "bmPINBlockString",
                                       "bmPINLengthFormat", "bInsertionOffsetOld", "bInsertionOffsetNew",
                                       "wPINMaxExtraDigit", "bConfirmPIN", "bEntryValidationCondition",
                                       "bNumberMessage", "wLangId", "bMsgIndex1", "bMsgIndex2", "bMsgIndex3",
                                       "bTeoPrologue", "ulDataLength")),
}  # fmt: skip


class Entry:
    """The reader waits for keys. Context manager that walks away from them."""

    def __init__(self, connection):
        self._stream = connection.makefile("rwb", buffering=0)
        connection.close()  # the stream keeps it
        self.feature, _, structure = self._line(10, "what the reader wants").partition(" ")
        self.structure = bytes.fromhex(structure)
        layout, names = _STRUCTURES[self.feature]
        self.fields = dict(zip(names, struct.unpack_from(layout, self.structure)))
        self.command = self.structure[struct.calcsize(layout):]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def _line(self, seconds, what):
        return read_line(self._stream, Deadline(seconds), what)

    def _say(self, line):
        self._stream.write(line.encode() + b"\n")

    def type(self, *values):
        """VERIFY: the PIN. MODIFY: old value, new value, new value again, as far as the reader asks for them."""
        self._say("type " + " ".join(values))

    def cancel(self):
        self._say("cancel")

    def time_out(self):
        """As if the reader had waited long enough."""
        self._say("timeout")

    def result(self, seconds=20):
        """The status word that the reader gave the program, as "63C4"; "none" where the card was pulled."""
        verdict, _, value = self._line(seconds, "the end of the entry").partition(" ")
        if verdict != "result":
            raise ValueError(value)
        return value


class PinPad:
    """The keys, and what kind of reader they are on. Context manager; the reader itself is in the pcscd."""

    def __init__(self, directory, features=FEATURES, min_length=None, max_length=None):
        self.settings_path = os.path.join(directory, "pin-pad.conf")
        self._socket_path = os.path.join(directory, "keypad")
        self._features = features
        self._limits = {"min-length": min_length, "max-length": max_length}
        self._listener = None

    def __enter__(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._socket_path)
        self._listener.listen(8)
        return self

    def __exit__(self, *_):
        self._listener.close()
        os.unlink(self._socket_path)

    def configuration(self, port):
        """The entry of reader.conf; `port` is where the card plugs in."""
        lines = [f"port {port}", f"keypad {self._socket_path}", *(f"feature {name}" for name in self._features),
                 *(f"{name} {value}" for name, value in self._limits.items() if value is not None)]
        with open(self.settings_path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        return (f'FRIENDLYNAME "{READER_NAME}"\nDEVICENAME {self.settings_path}\n'
                f"LIBPATH {paths.build(DRIVER)}\nCHANNELID {port:#x}\n")

    def wait_for_entry(self, seconds=20):
        """The next time that the reader asks for keys; its structure has been found right."""
        self._listener.settimeout(seconds)
        return Entry(self._listener.accept()[0])

    def is_asked(self):
        """Whether the reader has asked without anybody having come to the keys yet."""
        return bool(select.select([self._listener], [], [], 0)[0])
