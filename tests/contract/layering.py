#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may include what: the folders' dependencies of docs/architecture.md, checked on the #include lines."""

import pathlib
import re
import sys
import unittest

SOURCE_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE_ROOT / "tests/rig"))
import tap_runner  # noqa: E402

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)

# Each foreign header has the homes named here and no others; tests may use what they judge by.
FOREIGN_HEADERS = {
    r"(PCSC/)?(winscard|pcsclite|wintypes|reader)\.h": ("daemon/pcsc/", "tests/"),
    r"qpdf/.*": ("documents/pdf/", "tests/"),
    r"openssl/.*": ("daemon/crypto/", "documents/cms/", "documents/pdf/", "tests/"),
    r"systemd/sd-(bus|bus-.*|event)\.h": ("sdbus/", "daemon/bus/", "client/", "pkcs11/", "documents/*", "tests/"),
    r"zlib\.h": ("daemon/card/", "tests/"),
    r"systemd/sd-login\.h": ("daemon/bus/", "tests/"),
    r"systemd/sd-daemon\.h": ("daemon/main.cpp", "daemon/bus/", "documents/*", "tests/"),
}

# What a folder may include of the other folders; of itself, and of common/ and config.hpp, every folder may.
# "documents/*" is the files directly in documents/, without its subfolders.
ALLOWED = {
    "common/": (),
    "configuration/": (),
    "sdbus/": (),
    "client/": ("sdbus/",),
    "pkcs11/": ("sdbus/",),
    "cli/": ("client/", "configuration/"),
    "daemon/iso7816/": (),
    "daemon/crypto/": (),
    "daemon/card/": ("daemon/iso7816/", "daemon/crypto/"),
    "daemon/core/": ("configuration/", "daemon/card/", "daemon/crypto/"),
    "daemon/pcsc/": ("daemon/core/", "daemon/card/", "daemon/crypto/", "daemon/iso7816/"),
    "daemon/bus/": ("configuration/", "sdbus/", "daemon/core/", "daemon/card/", "daemon/crypto/"),
    "daemon/*": ("configuration/", "daemon/", "sdbus/"),
    "documents/cms/": (),
    "documents/pdf/": ("documents/cms/",),
    "documents/*": ("documents/", "client/", "sdbus/"),
    # Written from the cards' specifications, so that driver and card do not share a mistake.
    "tests/virtual-card/": (),
}


def is_in(path, folder):
    if folder.endswith("/*"):
        return pathlib.PurePath(path).parent == pathlib.PurePath(folder).parent
    return path.startswith(folder)


def home_of(path):
    return next((folder for folder in ALLOWED if is_in(path, folder)), None)


def violations(includes):
    """`includes`: file → the headers it names. Returns sentences."""
    found = []
    for path, headers in includes.items():
        home = home_of(path)
        for header in headers:
            for pattern, homes in FOREIGN_HEADERS.items():
                if re.fullmatch(pattern, header) and not any(is_in(path, folder) for folder in homes):
                    found.append(f"{path} includes {header}, which belongs in {', '.join(homes)}")
            of_project = header.split("/")[0] in {folder.split("/")[0] for folder in ALLOWED}
            if home is None or not of_project or is_in(header, "common/") or is_in(header, home):
                continue
            if not any(is_in(header, folder) for folder in ALLOWED[home]):
                found.append(f"{path} includes {header}, which {home} may not depend on")
    return found


def includes_of_the_tree():
    folders = sorted({folder.split("/")[0] for folder in ALLOWED})
    return {
        str(file.relative_to(SOURCE_ROOT)): INCLUDE.findall(file.read_text(encoding="utf-8"))
        for folder in folders
        for file in (SOURCE_ROOT / folder).rglob("*.[ch]pp")
    }


class Layering(unittest.TestCase):
    def test_tree__has_no_violation(self):
        includes = includes_of_the_tree()
        self.assertGreater(len(includes), 100, "the sources were not found")
        self.assertEqual(violations(includes), [])

    def test_every_source__has_a_home(self):
        for path in includes_of_the_tree():
            if not path.startswith("tests/"):
                self.assertIsNotNone(home_of(path), f"{path} is in no folder with a rule")

    def test_foreign_header_away_from_home__is_found(self):
        for path, header in (
            ("daemon/core/token.cpp", "winscard.h"),
            ("daemon/bus/endpoint.cpp", "PCSC/winscard.h"),
            ("documents/service.cpp", "qpdf/QPDF.hh"),
            ("daemon/card/card.cpp", "openssl/x509.h"),
            ("daemon/core/token.cpp", "systemd/sd-bus.h"),
            ("documents/pdf/pdf_signer.cpp", "systemd/sd-event.h"),
        ):
            with self.subTest(path=path, header=header):
                self.assertEqual(len(violations({path: [header]})), 1)

    def test_forbidden_dependency__is_found(self):
        for path, header in (
            ("daemon/bus/endpoint.cpp", "daemon/pcsc/context.hpp"),
            ("daemon/pcsc/context.cpp", "daemon/bus/endpoint.hpp"),
            ("daemon/core/token.cpp", "daemon/bus/endpoint.hpp"),
            ("client/job.cpp", "daemon/core/job.hpp"),
            ("cli/main.cpp", "daemon/card/card.hpp"),
            ("documents/service.cpp", "daemon/bus/event_loop.hpp"),
            ("documents/pdf/pdf_signer.cpp", "client/key.hpp"),
            ("documents/cms/cms_builder.cpp", "documents/pdf/pdf_signer.hpp"),
            ("common/error.cpp", "client/job.hpp"),
            ("tests/virtual-card/card.cpp", "daemon/iso7816/ber_tlv.hpp"),
        ):
            with self.subTest(path=path, header=header):
                self.assertEqual(len(violations({path: [header]})), 1)


if __name__ == "__main__":
    tap_runner.main()
