# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the PKCS#11 module costs, beside OpenSC's module on the same card and SoftHSM2 behind p11-kit. Prints figures.

A second pass gives the virtual card the pace of a real one: 2 ms per command, and 11.5 kB/s.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time

import paths
from child_process import Deadline, end_child, start_child
from daemon_case import DaemonCase, PIN1

OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
P11_KIT_CLIENT = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so"
REAL_CARD = "2000 87"  # microseconds per command and per byte


def report(what, value, unit, aim=None):
    print(f"{what:76} {value:10.3f} {unit}" + (f"   aim {aim}" if aim else ""), flush=True)


class Bench(DaemonCase):
    card = {"profile": "myeid"}

    def runTest(self):
        pass

    def setUp(self):
        super().setUp()
        self.module = paths.build("pkcs11/digisign-pkcs11.so")
        self.opensc_conf = os.path.join(self.rig.directory, "opensc.conf")
        with open(self.opensc_conf, "w", encoding="utf-8") as conf:
            conf.write("app default { framework pkcs15 { use_file_caching = yes;\n"
                       f"file_cache_dir = {self.rig.directory}/opensc-cache; }} }}\n")

    def env(self, **more):
        return dict(self.rig.env, OPENSC_CONF=self.opensc_conf, **more)

    def start_host(self, *arguments, **env):
        return subprocess.Popen([paths.build("tests/bench/pkcs11_host"), *map(str, arguments)], env=self.env(**env),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish_host(self, host):
        output, errors = host.communicate(timeout=600)
        if host.returncode != 0 or errors:
            raise RuntimeError(errors)
        figures = {}
        for line in output.splitlines():
            name, value = line.split()
            figures.setdefault(name, []).append(float(value))
        return figures

    def host(self, *arguments, **env):
        return self.finish_host(self.start_host(*arguments, **env))

    def counted(self, *arguments, **env):
        """Figures, and the commands that the card got meanwhile."""
        self.rig.card.clear_log()
        figures = self.host(*arguments, **env)
        return figures, len(self.commands())

    def measure_start(self, pace):
        figures = [self.counted("start", self.module) for _ in range(15)]
        read = statistics.median(f["read"][0] for f, _ in figures) / 1000
        shutil.rmtree(os.path.join(self.rig.directory, "opensc-cache"), ignore_errors=True)
        cold, cold_apdus = self.counted("start", OPENSC)
        opensc, opensc_apdus = self.counted("start", OPENSC)
        report(f"{pace}: fresh process to all certificates, median of 15", read, "ms", "<= 5")
        report("  longest of them", max(f["read"][0] for f, _ in figures) / 1000, "ms")
        report("  commands to the card", max(apdus for _, apdus in figures), "", "0")
        report("  OpenSC, with its file cache filled", opensc["read"][0] / 1000, "ms")
        report("  OpenSC, with its file cache empty", cold["read"][0] / 1000, "ms")
        report("  OpenSC's commands to the card, cache empty", cold_apdus, "")
        report("  OpenSC's commands to the card, cache filled", opensc_apdus, "")
        report("  OpenSC / DigiSign", opensc["read"][0] / 1000 / read, "", ">= 50 at a real card's pace")
        report("  dlopen and C_Initialize", statistics.median(f["initialized"][0] for f, _ in figures) / 1000, "ms", "<= 3")
        report("  memory added to the host (PSS)", max(f["memory"][0] for f, _ in figures) / 1024, "MB", "<= 2")
        report("  memory added by OpenSC", opensc["memory"][0] / 1024, "MB")

    def card_alone(self, rounds):
        """The exchanges of a further signature, and what they take straight through PC/SC: the median in ms."""
        self.rig.card.clear_log()
        self.host("sign", self.module, PIN1, 1, 4)
        commands = [line.split()[1] for line in self.rig.card.apdus()]
        verify = next(i for i, command in enumerate(commands) if command.startswith("0020") and len(command) > 10)
        select = [command for command in commands[:verify] if command.startswith("00A4")]
        signatures = [i for i, command in enumerate(commands) if command.startswith("002A9E")]
        last = commands[signatures[-2] + 1:signatures[-1] + 1]
        times = []
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            for command in [*select[-1:], commands[verify][:10] + PIN1.encode().hex() + "FF" * (8 - len(PIN1))]:
                _, status = card.transmit(command)
                assert status == "9000", (command, status)
            for _ in range(rounds):
                start = time.monotonic()
                card.begin_transaction()
                for command in last:
                    _, status = card.transmit(command)
                    assert status == "9000", (command, status)
                card.end_transaction()
                times.append((time.monotonic() - start) * 1000)
        return len(last), statistics.median(times)

    def measure_signatures(self, pace, rounds):
        ours = self.host("sign", self.module, PIN1, 1, rounds)
        exchanges, alone = self.card_alone(rounds)
        opensc = self.host("sign", OPENSC, PIN1, 1, rounds)
        report(f"{pace}: C_Sign of a process that is logged in, median of {rounds}", ours["median"][0] / 1000, "ms")
        report("  exchanges with the card", exchanges, "")
        report("  the same exchanges straight through PC/SC", alone, "ms")
        report("  beyond the card", ours["median"][0] / 1000 - alone, "ms", "<= 0.1")
        report("  OpenSC", opensc["median"][0] / 1000, "ms")

    def measure_sharing(self):
        one = self.host("sign", self.module, PIN1, 1, 256)["per-second"][0]
        threads = self.host("sign", self.module, PIN1, 64, 8)
        report("64 threads, one card: signatures per second", threads["per-second"][0], "")
        report("  / of one thread", threads["per-second"][0] / one, "", ">= 1, roughly")
        report("  slowest thread's median / fastest's", max(threads["thread"]) / min(threads["thread"]), "", "<= 2")
        hosts = [self.start_host("sign", self.module, PIN1, 1, 100) for _ in range(16)]
        starts = []
        while any(host.poll() is None for host in hosts):
            starts.append(self.host("start", self.module)["read"][0] / 1000)
        figures = [self.finish_host(host) for host in hosts]
        medians = [f["median"][0] for f in figures]
        report("16 processes, one card: slowest median / fastest median", max(medians) / min(medians), "", "<= 2")
        report(f"  {len(starts)} new processes meanwhile: longest start", max(starts), "ms", "<= 50")

    def measure_remoting(self):
        ours = self.host("random", self.module, 2000)["median"][0]
        conf = os.path.join(self.rig.directory, "softhsm.conf")
        tokens = os.path.join(self.rig.directory, "softhsm")
        os.makedirs(tokens)
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        env = self.env(SOFTHSM2_CONF=conf)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "TEST", "--pin", "1234", "--so-pin", "1234"],
                       env=env, check=True, capture_output=True, timeout=60)
        socket = os.path.join(self.rig.directory, "p11-kit")
        server = start_child(["p11-kit", "server", "--foreground", "--name", socket, "--provider", SOFTHSM,
                              "pkcs11:token=TEST"], env=env, stdout=subprocess.DEVNULL)
        try:
            deadline = Deadline(20)
            while not os.path.exists(socket):
                deadline.require("the socket of p11-kit server")
                time.sleep(0.01)
            remote = self.host("random", P11_KIT_CLIENT, 2000, P11_KIT_SERVER_ADDRESS=f"unix:path={socket}")["median"][0]
        finally:
            end_child(server)
        report("C_GenerateRandom, median of 2000", ours / 1000, "ms")
        report("  SoftHSM2 behind p11-kit's remoting", remote / 1000, "ms")
        report("  DigiSign / p11-kit", ours / remote, "", "<= 1")

    def measure(self):
        self.measure_start("no latency")
        self.measure_signatures("no latency", 300)
        self.measure_sharing()
        self.measure_remoting()
        self.rig.card.control(f"latency {REAL_CARD}")
        self.measure_start("a real card's pace")
        self.measure_signatures("a real card's pace", 30)


def main():
    bench = Bench()
    bench.setUp()
    try:
        bench.measure()
    finally:
        bench.doCleanups()


if __name__ == "__main__":
    sys.exit(main())
