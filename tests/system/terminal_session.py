# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program with a terminal of its own, typed at by a test."""

import os
import pty
import select
import signal
import termios

from child_process import Deadline

ECHO_FLAG = 3  # index of c_lflag in what tcgetattr() returns


class TerminalSession:
    """Context manager; kills the program on the way out. `seconds` is the deadline for each single wait."""

    def __init__(self, arguments, env, cwd=None, seconds=30):
        self._seconds = seconds
        self.output = ""
        self.transcript = ""  # all of it; `output` is what no expect() has taken yet
        self.status = None
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            try:
                # A shell without job control has what it starts in the background ignore the first two, nohup the last.
                for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                    signal.signal(number, signal.SIG_DFL)
                if cwd is not None:
                    os.chdir(cwd)
                os.execvpe(arguments[0], arguments, env)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def _read_some(self, deadline, what):
        """False when the program has let go of the terminal."""
        poll = select.poll()
        poll.register(self._terminal, select.POLLIN)
        if not poll.poll(deadline.require(f"{what}; so far: {self.output!r}") * 1000):
            return True
        try:
            data = os.read(self._terminal, 4096)
        except OSError:  # EIO: no program has the terminal open
            return False
        text = data.decode("utf-8", errors="replace")
        self.output += text
        self.transcript += text
        return bool(data)

    def expect(self, text):
        """Waits until the program has written `text`, and forgets all before and including it."""
        deadline = Deadline(self._seconds)
        while text not in self.output:
            if not self._read_some(deadline, f"waiting for {text!r}"):
                raise AssertionError(f"the program ended without {text!r}: {self.output!r}")
        before, _, self.output = self.output.partition(text)
        return before + text

    def expect_one_of(self, *texts):
        """As expect(), for whichever comes first; returns it, or None if the program ends without any."""
        deadline = Deadline(self._seconds)
        while True:
            found = [text for text in texts if text in self.output]
            if found:
                first = min(found, key=self.output.index)
                self.expect(first)
                return first
            if not self._read_some(deadline, f"waiting for one of {texts!r}"):
                return None

    def expect_nothing(self, seconds):
        """The program writes nothing for so long and goes on running."""
        poll = select.poll()
        poll.register(self._terminal, select.POLLIN | select.POLLHUP)
        if poll.poll(seconds * 1000):
            self._read_some(Deadline(self._seconds), "")
            raise AssertionError(f"unexpected: {self.output!r}")

    def send(self, text):
        os.write(self._terminal, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self._terminal)[ECHO_FLAG] & termios.ECHO)

    def wait(self):
        """Exit code, or minus the number of the signal, when the program has ended; `output` is complete then."""
        deadline = Deadline(self._seconds)
        while self._read_some(deadline, "waiting for the end"):
            pass
        descriptor = os.pidfd_open(self.pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll(deadline.require("waiting for the end") * 1000)
        finally:
            os.close(descriptor)
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status
