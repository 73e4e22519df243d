# SPDX-License-Identifier: LGPL-2.1-or-later
"""digisignctl as a script uses it, and the PDF it is given."""

import os
import subprocess

import paths
from child_process import start_child

PROGRAM = "cli/digisignctl"
DEFAULT_PINS = {"pin1": "1234", "pin2": "123456"}


def start(rig, *arguments, pin=None, **options):
    """subprocess.Popen of digisignctl; `pin` comes through --pin-fd, as from a password manager."""
    descriptors = []
    if pin is not None:
        reading, writing = os.pipe()
        os.write(writing, pin.encode() + b"\n")
        os.close(writing)
        descriptors = [reading]
        arguments += ("--pin-fd", str(reading))
    try:
        return start_child([paths.build(PROGRAM), *arguments], env=rig.env, pass_fds=descriptors,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           start_new_session=True, **options)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class Result:
    def __init__(self, code, output, errors):
        self.code = code
        self.output = output
        self.errors = errors

    def __repr__(self):
        return f"exit code {self.code}\n{self.output}{self.errors}"


def run(rig, *arguments, pin=None, timeout=60):
    """The Result of digisignctl without a terminal."""
    child = start(rig, *arguments, pin=pin)
    output, errors = child.communicate(timeout=timeout)
    return Result(child.returncode, output, errors)


def simple_pdf(text="DigiSign"):
    """One page, classic cross-reference table."""
    content = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    document = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    document += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return document
