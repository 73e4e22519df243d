# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of a file and prints TAP, one line per case, for meson."""

import sys
import traceback
import unittest


class _TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0

    def _line(self, verdict, test, directive=""):
        self.count += 1
        print(f"{verdict} {self.count} - {test.id().removeprefix('__main__.')}{directive}", flush=True)

    def _comment(self, text):
        for line in text.splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("not ok", test)
        self._comment("".join(traceback.format_exception(*err)))

    def addError(self, test, err):
        super().addError(test, err)
        self._line("not ok", test)
        self._comment("".join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._line("not ok", subtest)
            self._comment("".join(traceback.format_exception(*err)))

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._line("not ok", test, " # TODO expected to fail")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._line("not ok", test)


def main(module="__main__"):
    """Instead of unittest.main(); arguments choose cases as they do there."""
    loader = unittest.defaultTestLoader
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    cases = sys.modules[module]
    suite = loader.loadTestsFromNames(names, cases) if names else loader.loadTestsFromModule(cases)
    result = _TapResult()
    suite.run(result)
    print(f"1..{result.count}", flush=True)
    sys.exit(0 if result.wasSuccessful() and result.count else 1)
