#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completion for bash offers what digisignctl understands, and asks nothing of a card or a service."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE_ROOT / "tests/rig"))
import paths  # noqa: E402
import tap_runner  # noqa: E402

COMPLETION = SOURCE_ROOT / "cli/completion/digisignctl.bash"

ASK = """
compopt() { :; }  # works in a running completion only
source "$1"
shift
COMP_WORDS=(digisignctl "$@")
COMP_CWORD=$#
_digisignctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words, env=None):
    """What is offered for the last of the words."""
    result = subprocess.run(["bash", "--norc", "-c", ASK, "bash", str(COMPLETION), *words], capture_output=True,
                            text=True, check=True, timeout=20, env=env)
    if result.stderr:
        raise AssertionError(result.stderr)
    return {line for line in result.stdout.splitlines() if line}


def program_help(*verb):
    return subprocess.run([paths.build("cli/digisignctl"), *verb, "--help"], capture_output=True, text=True, check=True,
                          timeout=20).stdout


def verbs_below(*verb):
    _, found, section = program_help(*verb).partition("Subcommands:\n")
    return set(re.findall(r"^  (\w+)", section, re.MULTILINE)) if found else set()


def all_verbs():
    for verb in sorted(verbs_below()):
        yield (verb,)
        for sub_verb in sorted(verbs_below(verb)):
            yield verb, sub_verb


class Completion(unittest.TestCase):
    def test_verbs__are_those_of_the_program(self):
        self.assertGreater(len(verbs_below()), 5)
        for verb in [(), *((verb,) for verb in verbs_below() if verbs_below(verb))]:
            with self.subTest(verb=verb):
                self.assertEqual(offered(*verb, ""), verbs_below(*verb))

    def test_options__are_those_of_the_program(self):
        for verb in [(), *all_verbs()]:
            with self.subTest(verb=verb):
                expected = set(re.findall(r"--[a-z][a-z-]*", program_help(*verb).partition("Options:")[2]
                                          .partition("Subcommands:")[0].partition("Exit codes:")[0]))
                self.assertEqual(offered(*verb, "-"), expected | {"--no-color"})

    def test_beginning__is_completed(self):
        self.assertEqual(offered("act"), {"activate"})
        self.assertEqual(offered("pin", "un"), {"unblock"})
        self.assertEqual(offered("--no-color", "pin", "change", "sig"), {"signature"})
        self.assertEqual(offered("pin", "change", "signature", "--new"), {"--new-pin-fd"})
        self.assertEqual(offered("certificate", "save", "46", "f", "--format", "d"), {"der"})

    def test_arguments_of_options__are_left_to_the_person(self):
        for option in ("--pin-fd", "--reader", "--certificate", "--end"):
            self.assertEqual(offered("sign", option, ""), set())

    def test_documents__are_pdf_files_and_directories(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        for name in ("a.pdf", "b.PDF", "c.txt"):
            pathlib.Path(directory, name).touch()
        os.mkdir(os.path.join(directory, "d"))
        self.assertEqual({os.path.basename(path) for path in offered("sign", directory + "/")}, {"a.pdf", "b.PDF", "d"})

    def test_settings__are_those_of_the_program(self):
        program = os.path.dirname(paths.build("cli/digisignctl"))
        env = dict(os.environ, PATH=program + ":" + os.environ["PATH"])
        self.assertIn("login.idle-limit", offered("config", "login.", env=env))

    def test_nothing__is_asked_of_a_service(self):
        env = {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
        for verb in all_verbs():
            if verb not in {("config",)}:
                self.assertIsNotNone(offered(*verb, "", env=env))
        self.assertEqual(re.findall(r"\bdigisignctl (\w+)", COMPLETION.read_text(encoding="utf-8").partition("{")[2]
                                    .partition("\ncomplete ")[0]), ["config"])


if __name__ == "__main__":
    tap_runner.main()
