#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signs a PDF with a virtual card through the real chain of programs, and asks another program what it thinks of it."""

import pathlib
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import ctl  # noqa: E402
import judge  # noqa: E402
import paths  # noqa: E402
from digisign_rig import Rig  # noqa: E402
from sample_pdfs import one_page  # noqa: E402

DIRECTORY = pathlib.Path(paths.SOURCE_ROOT, "demo")


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_signals(action):
    for number in SIGNALS:
        signal.signal(number, action)


def interrupt(*_):
    on_signals(signal.SIG_IGN)  # a second one must not stop the cleaning up
    sys.exit("interrupted")


def show(text):
    print(text, flush=True)


def digisignctl(rig, *arguments, pin=None):
    show(f"\n$ digisignctl {' '.join(map(str, arguments))}" + (" --pin-fd 3" if pin else ""))
    result = ctl.run(rig, *map(str, arguments), pin=pin)
    show(result.output.rstrip())
    if result.code != 0:
        sys.exit(f"{result.errors.rstrip()}\ndigisignctl ended with exit code {result.code}.\n{rig.bus.log()}")
    return result.output


def signer_of(output):
    return next(line.partition(":")[2].strip() for line in output.splitlines() if line.startswith("Signer:"))


def pdfsig(signed, root):
    command = ["pdfsig", "-no-ocsp", "-nssdir", f"sql:{judge.nss_directory(root)}", signed]
    show(f"\n$ {' '.join(map(str, command))}")
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout


def main():
    # The virtual card, its pcscd and the bus end with this program, whatever ends it.
    on_signals(interrupt)

    DIRECTORY.mkdir(exist_ok=True)
    document = DIRECTORY / "letter.pdf"
    signed = DIRECTORY / "letter-signed.pdf"
    authorities = DIRECTORY / "test-authorities"
    root = authorities / "root.pem"
    document.write_bytes(one_page("A letter to be signed").table())

    show("Starting a pcscd, a virtual card and a session bus of the demo's own …")
    with Rig() as rig:
        shutil.copytree(rig.card.certificates, authorities, dirs_exist_ok=True)
        digisignctl(rig, "list")
        output = digisignctl(rig, "sign", document, "--output", signed, "--overwrite", pin=ctl.DEFAULT_PINS["pin2"])
        on_signals(signal.SIG_IGN)  # the cleaning up takes no time
    on_signals(interrupt)

    show(pdfsig(signed, root).rstrip())
    verdict = judge.judge_pdf(signed, root)[-1]
    show(f"""
Signed PDF:  {signed}
Signer:      {signer_of(output)}
Verdict:     pdfsig says, with the TEST root {root} trusted:
             {verdict.pdfsig} {verdict.pdfsig_certificate}
             openssl cms says: {verdict.openssl}""")
    return 0 if verdict.valid else 1


if __name__ == "__main__":
    sys.exit(main())
