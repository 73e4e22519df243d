# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of the calling file and prints the Test Anything Protocol, one line per test method."""

import sys
import unittest


class TapResult(unittest.TestResult):
    def __init__(self, *_args, **_kwargs):
        super().__init__()
        self.count = 0
        self.subtest_failed = False

    def _line(self, verdict, test, directive=""):
        self.count += 1
        print(f"{verdict} {self.count} - {test.id().removeprefix('__main__.')}{directive}", flush=True)

    def _details(self, test, err):
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f"# {line}", flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.subtest_failed = False

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._details(test, err)
        self._line("not ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self._details(test, err)
        self._line("not ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            print(f"# in {subtest.id()}", flush=True)
            self._details(test, err)
            self.subtest_failed = True

    def stopTest(self, test):
        super().stopTest(test)
        if self.subtest_failed:  # unittest says neither success nor failure of the test as a whole then
            self._line("not ok", test)


class TapRunner:
    def run(self, tests):
        result = TapResult()
        tests.run(result)
        print(f"1..{result.count}", flush=True)
        return result


def main():
    """Instead of unittest.main(); takes the same arguments, such as -k PATTERN."""
    program = unittest.main(module="__main__", testRunner=TapRunner(), exit=False)
    sys.exit(not program.result.wasSuccessful())
