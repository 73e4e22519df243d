# SPDX-License-Identifier: LGPL-2.1-or-later
"""A PIN with a value found nowhere else is used, and then looked for everywhere it must not be."""

import base64
import os
import secrets
import signal
import subprocess
import unittest

import ctl
import paths
import tap_runner
from child_process import Deadline, end_child, read_line, start_child
from digisign_rig import Rig
from sample_pdfs import one_page
from service_start import StartedService


def new_pin():
    """Twelve digits: long enough not to turn up by chance."""
    return "".join(secrets.choice("0123456789") for _ in range(12))


def forms_of(pin):
    raw = pin.encode()
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw),
            " ".join(f"{octet:02X}" for octet in raw).encode()]


class Recorder:
    """Context manager: everything on the session bus."""

    def __init__(self, rig):
        self._rig = rig
        self._path = os.path.join(rig.directory, "bus.record")

    def __enter__(self):
        self._child = start_child([paths.build("tests/leak/bus_recorder"), self._path], env=self._rig.env,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        read_line(self._child.stdout, Deadline(10), "the recorder listens")
        return self

    def __exit__(self, *_):
        end_child(self._child)

    def content(self):
        with open(self._path, "rb") as file:
            return file.read()


class LeakTest(unittest.TestCase):
    def setUp(self):
        self.pin = new_pin()
        self.rig = Rig(pins={"pin1": "1234", "pin2": self.pin, "puk": "87654321"}, env={"DIGISIGN_LOG": "debug"})
        self.rig.__enter__()
        self.addCleanup(self.rig.__exit__, None, None, None)
        self.document = os.path.join(self.rig.directory, "contract.pdf")
        with open(self.document, "wb") as file:
            file.write(one_page().table())

    def sign(self, pin, name="signed.pdf"):
        return ctl.run(self.rig, "sign", self.document, "--output", os.path.join(self.rig.directory, name), pin=pin)

    def assert_absent(self, content, where):
        for form in forms_of(self.pin):
            self.assertNotIn(form, content, f"the PIN was found in {where}")

    def service_pids(self):
        return {name: self.rig.bus.service_pid(name) for name in ("org.digisign.DigiSign1", "org.digisign.Documents1")}

    def test_recorder__sees_arguments_and_descriptors(self):
        # Without this the tests below could pass because nothing was heard.
        with Recorder(self.rig) as recorder:
            result = self.sign(self.pin)
            self.assertEqual(result.code, 0, result)
            heard = recorder.content()
        self.assertIn(b"org.digisign.DigiSign1.Key.Sign", heard)
        self.assertIn(b"org.digisign.Documents1.SignPdf", heard)
        self.assertIn(b"%PDF-1.7", heard)

    def test_signing__pin_is_not_on_the_session_bus(self):
        with Recorder(self.rig) as recorder:
            result = self.sign(self.pin)
            self.assertEqual(result.code, 0, result)
            heard = recorder.content()
        self.assertIn(b"org.digisign.DigiSign1.Key.Sign", heard)
        self.assert_absent(heard, "the messages of the session bus")

    def test_wrong_and_right_pin__are_not_in_logs_output_or_the_signed_file(self):
        right, self.pin = self.pin, new_pin()
        wrong = self.sign(self.pin)
        self.assertEqual(wrong.code, 6, wrong)
        self.assert_absent((wrong.output + wrong.errors).encode(), "the output for a wrong PIN")
        self.pin, wrong_pin = right, self.pin
        good = self.sign(right)
        self.assertEqual(good.code, 0, good)
        for pin in (right, wrong_pin):
            self.pin = pin
            self.assert_absent((good.output + good.errors).encode(), "the output")
            self.assert_absent(self.rig.bus.log().encode(), "the services' log")
            with open(self.rig.card.apdu_log, "rb") as log:
                self.assert_absent(log.read(), "the log of the card")
            with open(os.path.join(self.rig.directory, "signed.pdf"), "rb") as signed:
                self.assert_absent(signed.read(), "the signed file")

    def test_signing__pin_is_not_in_environment_or_command_line_of_any_process(self):
        self.rig.card.control("latency 200000")  # long enough to look at the processes while they work
        reading, writing = os.pipe()
        child = start_child([paths.build(ctl.PROGRAM), "sign", self.document, "--output",
                             os.path.join(self.rig.directory, "slow.pdf"), "--pin-fd", str(reading)],
                            env=self.rig.env, pass_fds=[reading], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
        os.close(reading)
        self.addCleanup(end_child, child)
        os.write(writing, self.pin.encode() + b"\n")
        os.close(writing)
        looked_at = 0
        while child.poll() is None:
            for pid in [child.pid, *filter(None, self.service_pids().values())]:
                for name in ("environ", "cmdline"):
                    try:
                        with open(f"/proc/{pid}/{name}", "rb") as file:
                            content = file.read()
                    except (FileNotFoundError, ProcessLookupError, PermissionError):
                        continue  # it ended; or is protected from us as well, when we are not root
                    looked_at += 1
                    self.assert_absent(content, f"/proc/{pid}/{name}")
        self.assertEqual(child.returncode, 0, child.stderr.read())
        self.assertGreater(looked_at, 4)

    def test_files_written__hold_no_pin(self):
        result = self.sign(self.pin)
        self.assertEqual(result.code, 0, result)
        state = self.rig.card.state  # the card itself has to know it
        for directory, _, names in os.walk(self.rig.directory):
            for name in names:
                path = os.path.join(directory, name)
                if path == state or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    self.assert_absent(file.read(), path)

    def test_services__leave_no_core_when_they_crash(self):
        result = self.sign(self.pin)
        self.assertEqual(result.code, 0, result)
        for name, pid in self.service_pids().items():
            self.assertIsNotNone(pid, name)
            with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
                core = next(line for line in limits if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4:6], ["0", "0"], name)

    def test_daemon_that_aborts__dumps_no_core(self):
        # Started by hand here, because only a parent learns whether there was a dump.
        with StartedService(self.rig, "daemon/digisignd", cwd=self.rig.directory) as daemon:
            result = self.sign(self.pin)
            self.assertEqual(result.code, 0, result)
            os.kill(daemon.child.pid, signal.SIGABRT)
            _, status = os.waitpid(daemon.child.pid, 0)
            daemon.child.returncode = -signal.SIGABRT
        self.assertTrue(os.WIFSIGNALED(status))
        self.assertFalse(os.WCOREDUMP(status))


class SettingPinsTest(unittest.TestCase):
    """Change, unblock, activate and test: the old value, the new one, the PUK and a wrong one are nowhere."""

    def check(self, operations, **card):
        """`operations(run)` calls run(secrets, expected exit code, verb …); all secrets are looked for at the end."""
        used = []
        with Rig(env={"DIGISIGN_LOG": "debug"}, **card) as rig, Recorder(rig) as recorder:
            output = ""

            def run(values, code, *arguments):
                nonlocal output
                used.extend(values)
                result = ctl.run(rig, *arguments, pin=values[0], new_pins=values[1:])
                self.assertEqual(result.code, code, result)
                output += result.output + result.errors

            operations(run)
            places = {"the messages of the session bus": recorder.content(), "the output": output.encode(),
                      "the services' log": rig.bus.log().encode()}
            for directory, _, names in os.walk(rig.directory):
                for name in names:
                    path = os.path.join(directory, name)
                    if path != rig.card.state and os.path.isfile(path):
                        with open(path, "rb") as file:
                            places[path] = file.read()
            self.assertIn(b"org.digisign.DigiSign1", places["the messages of the session bus"])
            for secret in used:
                for form in forms_of(secret):
                    for place, content in places.items():
                        self.assertNotIn(form, content, f"a secret was found in {place}")

    def test_change_verify_and_unblock(self):
        puk, wrong_puk, first, second, third, wrong = (new_pin() for _ in range(6))

        def operations(run):
            run([first, second], 0, "pin", "change")
            run([wrong, third], 6, "pin", "change")
            run([second], 0, "pin", "verify")
            run([second], 0, "key", "test", "45")
            run([wrong_puk, third], 6, "pin", "unblock", "authentication")
            run([puk, third], 0, "pin", "unblock", "authentication")
            run([third], 0, "pin", "verify")

        self.check(operations, pins={"pin1": first, "pin2": new_pin(), "puk": puk})

    def test_activation_of_both_kinds(self):
        for activation, name in (("blocked-pins", "puk"), ("factory-pins", "activation-code")):
            code = new_pin()
            pins = {"pin1": code, "pin2": code, "puk": code if name == "puk" else new_pin(), "activation-code": code}

            def operations(run, code=code):
                run([new_pin(), new_pin(), new_pin()], 6, "activate")
                run([code, new_pin(), new_pin()], 0, "activate")

            with self.subTest(activation):
                self.check(operations, pins=pins, activation=activation)


if __name__ == "__main__":
    tap_runner.main()
