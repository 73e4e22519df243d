# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that end with the test, and waiting with a deadline."""

import ctypes
import os
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class DeadlineError(Exception):
    """Something did not happen in time."""


class Deadline:
    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    def left(self):
        return max(0.0, self._end - time.monotonic())

    def require(self, what):
        """Seconds left; raises when there are none."""
        left = self.left()
        if left == 0.0:
            raise DeadlineError(f"timed out: {what}")
        return left


def _end_with_parent():
    # Even a killed test leaves no daemon behind. The setting survives exec.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_child(arguments, **options):
    """subprocess.Popen whose child gets SIGTERM when this process ends."""
    return subprocess.Popen(arguments, preexec_fn=_end_with_parent, **options)


def end_child(child, seconds=5):
    """SIGTERM, and SIGKILL for one that does not listen."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def end_process(pid, seconds=5):
    """Ends a process that is not our child: waits for it, then SIGTERM, then SIGKILL."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                signal.pidfd_send_signal(descriptor, number)
            if poll.poll(seconds * 1000):
                return
    except ProcessLookupError:
        pass  # it ended just now
    finally:
        os.close(descriptor)


def read_line(stream, deadline, what):
    """One line from an unbuffered binary pipe."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    line = b""
    while not line.endswith(b"\n"):
        if not poll.poll(deadline.require(what) * 1000):
            continue
        octet = stream.read(1)
        if not octet:
            raise RuntimeError(f"{what}: the process ended, having said {line!r}")
        line += octet
    return line.decode().rstrip("\n")
