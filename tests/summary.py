#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads meson's test log: shows what failed, and counts single test cases, per suite and in total as the last line."""

import json
import pathlib
import re
import sys

# "ok 3 - name", "not ok 4 - name # TODO reason", "ok 5 # SKIP reason" of the Test Anything Protocol.
TAP_RESULT = re.compile(r"(?P<bad>not )?ok\b[^#]*(?:# *(?P<directive>skip|todo))?", re.IGNORECASE)

MAX_STDERR_LINES = 200


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def count_tap(output):
    count = Count()
    for match in filter(None, map(TAP_RESULT.match, output.splitlines())):
        directive = (match["directive"] or "").lower()
        if directive == "skip" or (directive == "todo" and match["bad"]):
            count.skipped += 1
        elif match["bad"]:
            count.failed += 1
        else:
            count.passed += 1
    return count


def count_program(result, protocol):
    """One entry of testlog.json, which is one test program."""
    count = count_tap(result["stdout"]) if protocol == "tap" else Count()
    if result["result"] in ("OK", "EXPECTEDFAIL"):
        if protocol != "tap":
            count.passed = 1
    elif result["result"] == "SKIP":
        count.skipped = max(count.skipped, 1)
    elif count.failed == 0:
        count.failed = 1  # it crashed, timed out or stopped early after cases that all passed
    return count


def print_log(result):
    """What a failed program said, but for the cases that passed."""
    print(f"\n--- {result['name']}: {result['result']}, exit status {result['returncode']}")
    for line in result["stdout"].splitlines():
        if not line.startswith("ok "):
            print(line)
    for line in result.get("stderr", "").splitlines()[-MAX_STDERR_LINES:]:
        print(f"stderr: {line}")


def main(build_dir):
    build = pathlib.Path(build_dir)
    tests = {
        test["name"]: test for test in json.loads((build / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
    }
    log = build / "meson-logs/testlog.json"
    suites = {}
    total = Count()
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        result = json.loads(line)
        # The log says "name"; with several suites selected some versions of meson say "project:suite / name".
        test = tests[result["name"].rpartition(" / ")[2]]
        count = count_program(result, test["protocol"])
        suites.setdefault(test["suite"][0].rpartition(":")[2], Count()).add(count)
        total.add(count)
        if count.failed:
            print_log(result)
    if not suites:
        total.failed = 1  # no test ran at all, which nobody asked for

    print()
    for name, count in sorted(suites.items()):
        print(f"{name:10} {count}")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
