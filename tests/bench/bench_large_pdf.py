#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Peak memory and time of signing large PDFs, as ratio to `sha256sum` + `cp` of the same file in the same run.

    bench_large_pdf.py [MEGABYTES…]         by default 100 and 1000

The document library is measured through sign_with_test_key, without card and bus. Each figure is the best of three.
"""

import os
import subprocess
import sys
import tempfile
import time

import paths

RUNS = 3
MEGABYTE = 1_000_000
MEMORY_AIM_KB = 64 * 1024
RATIO_AIM = 1.5


def write_pdf(path, size):
    """Pages that each have a content stream of about a megabyte."""
    stream = b"%" + os.urandom(MEGABYTE - 1).replace(b"\n", b" ")
    pages = size // MEGABYTE
    offsets = []
    with open(path, "wb") as pdf:

        def write_object(*parts):
            offsets.append(pdf.tell())
            pdf.write(b"%d 0 obj\n" % len(offsets))
            for part in parts:
                pdf.write(part)
            pdf.write(b"\nendobj\n")

        pdf.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        write_object(b"<< /Type /Catalog /Pages 2 0 R >>")
        kids = b" ".join(b"%d 0 R" % (3 + 2 * page) for page in range(pages))
        write_object(b"<< /Type /Pages /Count %d /Kids [" % pages, kids, b"] >>")
        for page in range(pages):
            write_object(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (4 + 2 * page))
            write_object(b"<< /Length %d >>\nstream\n" % len(stream), stream, b"\nendstream")
        table = pdf.tell()
        pdf.write(b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(offsets) + 1))
        pdf.write(b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets))
        pdf.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, table))


def run(command):
    """(seconds, peak resident memory in kB, output)"""
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed")
    return time.monotonic() - begin, usage.ru_maxrss, output


def measure(directory, megabytes):
    program = paths.build("tests/unit/documents/sign_with_test_key")
    document, copy, signed = (os.path.join(directory, name) for name in ("in.pdf", "copy.pdf", "out.pdf"))
    write_pdf(document, megabytes * MEGABYTE)
    run([program, "make-pki", "p256", directory])
    yardstick, sign, peak = [], [], 0
    for _ in range(RUNS):
        yardstick.append(run(["sha256sum", document])[0] + run(["cp", document, copy])[0])
        os.unlink(copy)
        seconds, memory, output = run([program, "sign", directory, document, signed])
        if not output.startswith(b"signed "):
            raise RuntimeError(output.decode())
        os.unlink(signed)
        sign.append(seconds)
        peak = max(peak, memory)
    ratio = min(sign) / min(yardstick)
    print(
        f"{megabytes} MB: signed in {min(sign):.2f} s, sha256sum + cp {min(yardstick):.2f} s, ratio {ratio:.2f} "
        f"(aim {RATIO_AIM}); peak memory {peak / 1024:.1f} MB (aim {MEMORY_AIM_KB // 1024})",
        flush=True,
    )
    return ratio <= RATIO_AIM and peak <= MEMORY_AIM_KB


def main():
    sizes = [int(argument) for argument in sys.argv[1:]] or [100, 1000]
    with tempfile.TemporaryDirectory(prefix="digisign-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as directory:
        results = [measure(directory, megabytes) for megabytes in sizes]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
