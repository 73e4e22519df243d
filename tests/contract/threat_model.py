#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every test that docs/threat-model.md refers to exists."""

import pathlib
import re
import sys
import unittest

SOURCE_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE_ROOT / "tests/rig"))
import tap_runner  # noqa: E402

REFERENCE = re.compile(r"`(tests/[\w/.-]+)(?::(\w+))?`")


def missing(text):
    """What `text` refers to and is not there."""
    found = []
    for path, name in REFERENCE.findall(text):
        file = SOURCE_ROOT / path
        if not file.exists():
            found.append(path)
        elif name and not re.search(rf'(def {name}\b|TEST_CASE\("{name}")', file.read_text(encoding="utf-8")):
            found.append(f"{path}:{name}")
    return found


class ThreatModel(unittest.TestCase):
    def test_references__exist(self):
        text = (SOURCE_ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
        self.assertGreater(len(REFERENCE.findall(text)), 40)
        self.assertEqual(missing(text), [])

    def test_missing_reference__is_found(self):
        text = "`tests/contract/threat_model.py:test_nothing` `tests/none.py` `tests/contract/threat_model.py:missing`"
        self.assertEqual(missing(text), ["tests/contract/threat_model.py:test_nothing", "tests/none.py"])


if __name__ == "__main__":
    tap_runner.main()
