# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small PC/SC client for tests, on libpcsclite by ctypes.

libpcsclite takes the name of pcscd's socket from the environment once per process. A test may have several daemons, so
each client loads a copy of the library of its own.
"""

import contextlib
import ctypes
import ctypes.util
import os
import shutil
import struct
import threading

from child_process import Deadline, DeadlineError

SCARD_SCOPE_SYSTEM = 2
SCARD_SHARE_EXCLUSIVE = 1
SCARD_SHARE_SHARED = 2
SCARD_PROTOCOL_T0 = 1
SCARD_PROTOCOL_T1 = 2
SCARD_LEAVE_CARD = 0
SCARD_RESET_CARD = 1

GET_FEATURE_REQUEST = 0x42000000 + 3400  # CM_IOCTL_GET_FEATURE_REQUEST of pcsc-lite

STATE_UNAWARE = 0x0000
STATE_CHANGED = 0x0002
STATE_EMPTY = 0x0010
STATE_PRESENT = 0x0020
STATE_MUTE = 0x0200

E_TIMEOUT = 0x8010000A
E_NO_READERS_AVAILABLE = 0x8010002E

_LIBRARY = "libpcsclite.so.1"
_environment_lock = threading.Lock()

_Handle = ctypes.c_long
_Dword = ctypes.c_ulong


class _ReaderState(ctypes.Structure):
    _fields_ = [
        ("reader", ctypes.c_char_p),
        ("user_data", ctypes.c_void_p),
        ("current_state", _Dword),
        ("event_state", _Dword),
        ("atr_length", _Dword),
        ("atr", ctypes.c_ubyte * 33),
    ]


class _IoRequest(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong)]


class PcscError(Exception):
    def __init__(self, function, code):
        super().__init__(f"{function}: {code:08X}")
        self.code = code


def _library_path():
    """Where the dynamic linker finds libpcsclite."""
    handle = ctypes.CDLL(_LIBRARY)
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        for line in maps:
            path = line.split(maxsplit=5)[-1].strip()
            if "/libpcsclite.so" in path and handle:
                return path
    raise RuntimeError(f"{_LIBRARY} is not in the memory map")


class PcscClient:
    """Asks one pcscd. Every call has its own context, so that a restart of pcscd does no harm."""

    def __init__(self, socket_path, directory):
        copy = os.path.join(directory, "libpcsclite-client.so")
        if not os.path.exists(copy):
            shutil.copyfile(_library_path(), copy)
        with _environment_lock:
            before = os.environ.get("PCSCLITE_CSOCK_NAME")
            os.environ["PCSCLITE_CSOCK_NAME"] = socket_path
            self._library = ctypes.CDLL(copy)
            # The first call reads the environment.
            context = _Handle()
            if self._function("SCardEstablishContext")(SCARD_SCOPE_SYSTEM, None, None, ctypes.byref(context)) == 0:
                self._function("SCardReleaseContext")(context)
            if before is None:
                del os.environ["PCSCLITE_CSOCK_NAME"]
            else:
                os.environ["PCSCLITE_CSOCK_NAME"] = before

    def _function(self, name):
        function = getattr(self._library, name)
        function.restype = ctypes.c_long
        return function

    def _call(self, name, *arguments):
        code = self._function(name)(*arguments) & 0xFFFFFFFF
        if code != 0:
            raise PcscError(name, code)

    @contextlib.contextmanager
    def _context(self):
        context = _Handle()
        self._call("SCardEstablishContext", _Dword(SCARD_SCOPE_SYSTEM), None, None, ctypes.byref(context))
        try:
            yield context
        finally:
            self._function("SCardReleaseContext")(context)

    def readers(self):
        with self._context() as context:
            length = _Dword(0)
            try:
                self._call("SCardListReaders", context, None, None, ctypes.byref(length))
                names = ctypes.create_string_buffer(length.value)
                self._call("SCardListReaders", context, None, names, ctypes.byref(length))
            except PcscError as error:
                if error.code == E_NO_READERS_AVAILABLE:
                    return []
                raise
            return [name.decode() for name in names.raw[: length.value].split(b"\0") if name]

    def state(self, reader):
        """State bits of the reader now."""
        return self.wait_for_state(reader, lambda bits: True, 5)

    def wait_for_state(self, reader, wanted, seconds):
        """Returns the state bits as soon as wanted(bits) is true; raises DeadlineError."""
        deadline = Deadline(seconds)
        state = _ReaderState(reader=reader.encode(), current_state=STATE_UNAWARE)
        with self._context() as context:
            while True:
                left = deadline.require(f"state of {reader}, last seen {state.event_state:#x}")
                try:
                    self._call("SCardGetStatusChange", context, _Dword(int(left * 1000)), ctypes.byref(state), _Dword(1))
                except PcscError as error:
                    if error.code != E_TIMEOUT:
                        raise
                    continue
                if wanted(state.event_state & 0xFFFF):
                    return state.event_state & 0xFFFF
                state.current_state = state.event_state & ~STATE_CHANGED

    def wait_present(self, reader, seconds=10):
        return self.wait_for_state(reader, lambda bits: bits & STATE_PRESENT, seconds)

    def wait_empty(self, reader, seconds=10):
        return self.wait_for_state(reader, lambda bits: bits & STATE_EMPTY, seconds)

    @contextlib.contextmanager
    def connect(self, reader, disposition=SCARD_LEAVE_CARD, share=SCARD_SHARE_SHARED):
        """A connection to the card in the reader; `disposition` is what happens to the card afterwards."""
        with self._context() as context:
            card = _Handle()
            protocol = _Dword()
            self._call("SCardConnect", context, reader.encode(), _Dword(share),
                       _Dword(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1), ctypes.byref(card), ctypes.byref(protocol))
            try:
                yield CardConnection(self, card, protocol.value)
            finally:
                self._function("SCardDisconnect")(card, _Dword(disposition))

    def reset_card(self, reader):
        """What another program does that disconnects with SCARD_RESET_CARD."""
        with self.connect(reader, disposition=SCARD_RESET_CARD):
            pass


class CardConnection:
    def __init__(self, client, card, protocol):
        self._client = client
        self._card = card
        self.protocol = protocol

    def begin_transaction(self):
        self._client._call("SCardBeginTransaction", self._card)

    def end_transaction(self, disposition=SCARD_LEAVE_CARD):
        self._client._call("SCardEndTransaction", self._card, _Dword(disposition))

    def transmit(self, command):
        """Answer and status word of one APDU, both as bytes objects; a hexadecimal string is fine as the command."""
        if isinstance(command, str):
            command = bytes.fromhex(command)
        request = _IoRequest(self.protocol, ctypes.sizeof(_IoRequest))
        answer = ctypes.create_string_buffer(65538)
        length = _Dword(len(answer))
        self._client._call("SCardTransmit", self._card, ctypes.byref(request), command, _Dword(len(command)), None,
                           answer, ctypes.byref(length))
        data = answer.raw[: length.value]
        return data[:-2], data[-2:].hex().upper()

    def control(self, code, data=b""):
        """Answer of the reader itself."""
        answer = ctypes.create_string_buffer(65538)
        length = _Dword(0)
        self._client._call("SCardControl", self._card, _Dword(code), data, _Dword(len(data)), answer,
                           _Dword(len(answer)), ctypes.byref(length))
        return answer.raw[: length.value]

    def features(self):
        """Tags of PC/SC part 10 and the control codes by which the reader's features are used."""
        return {tag: code for tag, _, code in struct.iter_unpack(">BBI", self.control(GET_FEATURE_REQUEST))}


__all__ = ["PcscClient", "PcscError", "CardConnection", "DeadlineError"]
