# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a signature of a client that is logged in costs beyond the card, and how a card is shared. Prints figures."""

import statistics
import subprocess
import sys
import time

import paths
from daemon_case import DaemonCase, PIN1

ROUNDS = 300


def report(what, value, unit, aim=None):
    print(f"{what:72} {value:10.3f} {unit}" + (f"   aim {aim}" if aim else ""), flush=True)


class Bench(DaemonCase):
    def runTest(self):
        pass

    def clients(self, count, signatures):
        """A (median, longest) per client, in ms."""
        result = subprocess.run([paths.build("tests/bench/login_clients"), self.find("Key", lambda k: "sign" in k["Usage"]),
                                 self.pin("authentication"), PIN1, str(count), str(signatures)],
                                env=self.rig.env, capture_output=True, text=True, check=False, timeout=300)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return [tuple(int(number) / 1000 for number in line.split()) for line in result.stdout.splitlines()]

    def card_alone(self):
        """The same exchanges straight through PC/SC, the median in ms."""
        times = []
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            card.transmit("00A4040C0CA000000063504B43532D3135")
            card.transmit("002000110C" + PIN1.encode().hex() + "00" * (12 - len(PIN1)))
            for _ in range(ROUNDS):
                start = time.monotonic()
                card.begin_transaction()
                for command in ("002241B606800144840101", "002A90A0229020" + "5A" * 32, "002A9E9A60"):
                    _, status = card.transmit(command)
                    assert status == "9000"
                card.end_transaction()
                times.append((time.monotonic() - start) * 1000)
        return statistics.median(times)

    def measure(self):
        alone = self.card_alone()
        ((logged_in, _),) = self.clients(1, ROUNDS)
        report("signature of a client that is logged in, median", logged_in, "ms")
        report("  of that the same exchanges through PC/SC", alone, "ms")
        report("  beyond the card", logged_in - alone, "ms", "<= 1")

        start = time.monotonic()
        shared = self.clients(50, 20)
        seconds = time.monotonic() - start
        medians = [median for median, _ in shared]
        assert len(shared) == 50
        report("50 clients, 20 signatures each: errors", 0, "", "0")
        report("  slowest client's median / fastest client's", max(medians) / min(medians), "", "<= 2")
        report("  fastest client's median", min(medians), "ms")
        report("  slowest client's median", max(medians), "ms")
        report("  longest wait of all", max(longest for _, longest in shared), "ms")
        report("  signatures per second, logging in included", 1000 / seconds, "")


def main():
    bench = Bench()
    bench.setUp()
    try:
        bench.measure()
    finally:
        bench.doCleanups()


if __name__ == "__main__":
    sys.exit(main())
