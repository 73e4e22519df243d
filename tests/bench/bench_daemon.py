# SPDX-License-Identifier: LGPL-2.1-or-later
"""What digisignd and a signature cost. Prints figures; asserts nothing."""

import os
import re
import statistics
import sys
import time

import ctl
from digisign_rig import Rig
from sample_pdfs import one_page
from service_start import StartedService

ROUNDS = 15


def report(what, value, unit, aim=None):
    print(f"{what:64} {value:10.2f} {unit}" + (f"   aim {aim}" if aim else ""), flush=True)


def status_of(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{key}:\s+(\d+)", file.read(), re.MULTILINE).group(1))


def wake_ups(pid):
    return sum(status_of(f"{pid}/task/{task}", "voluntary_ctxt_switches") for task in os.listdir(f"/proc/{pid}/task"))


def measure_daemon(rig):
    starts = []
    for _ in range(ROUNDS):
        with StartedService(rig, "daemon/digisignd") as daemon:
            starts.append(daemon.seconds)
    report("digisignd: start to READY, median", statistics.median(starts) * 1000, "ms", "<= 50")
    report("digisignd: start to READY, slowest", max(starts) * 1000, "ms")
    with StartedService(rig, "daemon/digisignd") as daemon:
        assert ctl.run(rig, "list").code == 0
        report("digisignd: resident memory, card read", status_of(daemon.child.pid, "VmRSS") / 1024, "MiB", "<= 12")
        time.sleep(7)  # the connection to an unused card is kept for 5 s; after that nothing may move
        before = wake_ups(daemon.child.pid)
        time.sleep(10)  # what is measured is that nothing happens in this time
        report("digisignd: wake-ups in 10 s of idling", wake_ups(daemon.child.pid) - before, "", "0")


def count_apdus(rig):
    """Exchanges of reading a card that is new to the daemon, and one that it has seen."""
    counts = []
    for _ in range(2):
        rig.card.clear_log()
        with StartedService(rig, "daemon/digisignd"):
            listed = ctl.run(rig, "list")
            assert "authentication" in listed.output, listed
            commands = [line.split()[1] for line in rig.card.apdus()]
        # The PINs' counters are read after the certificates were published: from the next SELECT of the application on.
        select = "00A4040C0CA0"
        later = next((i for i, c in enumerate(commands) if i > 0 and c.startswith(select)), len(commands))
        counts.append((later, len(commands)))
    return counts


def signature_apdus(rig, document, pin):
    rig.card.clear_log()
    result = ctl.run(rig, "sign", document, "--output", document + ".out", "--overwrite", pin=pin)
    assert result.code == 0, result
    return [line.split()[1] for line in rig.card.apdus()]


def card_time(rig, pin):
    """The same exchanges as of one signature, straight through PC/SC."""
    block = (pin.encode() + bytes(12))[:12].hex()
    commands = ["00A4040C0CA000000063504B43532D3135", "00CB00FF05A003830182", "00C0000025",
                "00A4040C0CA000000063504B43532D3135", f"002000820C{block}", "002241B606800144840102",
                "002A90A0229020" + "5A" * 32, "002A9E9A60", "00A4040C0CA000000063504B43532D3135"]
    with rig.pcscd.client.connect(rig.card.reader) as card:
        start = time.monotonic()
        for command in commands:
            card.transmit(command)
        return time.monotonic() - start


def measure_signature(rig, directory):
    pin = ctl.DEFAULT_PINS["pin2"]
    document = os.path.join(directory, "bench.pdf")
    with open(document, "wb") as file:
        file.write(one_page(padding=1_000_000).table())
    signature_apdus(rig, document, pin)  # starts the services, which read the card
    commands = signature_apdus(rig, document, pin)
    verify = next(i for i, c in enumerate(commands) if c.startswith("00200082"))
    last = next(i for i, c in enumerate(commands) if c.startswith("002A9E9A"))
    report("signature: exchanges after VERIFY (MSE, HASH, CDS)", last - verify, "", "3")
    report("signature: exchanges before VERIFY (SELECT, tries left, SELECT)", verify, "")
    report("signature: exchanges after the signature (log-out)", len(commands) - last - 1, "")

    times, card_times = [], []
    for _ in range(ROUNDS):
        start = time.monotonic()
        result = ctl.run(rig, "sign", document, "--output", document + ".out", "--overwrite", pin=pin)
        times.append(time.monotonic() - start)
        assert result.code == 0, result
        card_times.append(card_time(rig, pin))
    total, card = statistics.median(times), statistics.median(card_times)
    report("digisignctl sign, 1 MB PDF, median", total * 1000, "ms")
    report("  of that the same exchanges through PC/SC", card * 1000, "ms")
    report("  beyond the card", (total - card) * 1000, "ms", "<= 60")


def main():
    with Rig() as rig:
        cold, warm = count_apdus(rig)
        report("exchanges until certificates are listed, unknown card", cold[0], "")
        report("exchanges until certificates are listed, known card", warm[0], "", "<= 4")
        report("exchanges with the PINs' counters, known card", warm[1], "")
        measure_signature(rig, rig.directory)
    with Rig() as rig:
        measure_daemon(rig)


if __name__ == "__main__":
    sys.exit(main())
