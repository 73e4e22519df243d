# SPDX-License-Identifier: LGPL-2.1-or-later
"""digisignd on a bus and on its private socket, with clients that behave and clients that do not."""

import os
import queue
import socket
import stat
import subprocess
import tempfile
import unittest

import paths
import tap_runner
from bus_client import GLib, remote_error
from daemon_case import DIGEST, ERROR, PIN1, PIN2, SERVICE, DaemonCase
from private_peer import ROOT, socket_path


class DaemonTest(DaemonCase):
    def sent_pins(self):
        return sum(line.split()[1].startswith("002000820C") for line in self.rig.card.apdus())

    # What a job does

    def test_sign__right_pin__signature_fits_the_certificate(self):
        agent = self.peer.register()
        job = self.sign(agent=agent, document="contract.pdf", requester="a test")
        request = self.peer.next_request()
        details = request[1]
        self.assertEqual(details["pin"], "PIN 2 (signature)")
        self.assertEqual(details["tries-left"], 5)
        self.assertEqual(details["documents"], ["contract.pdf"])
        self.assertEqual(details["requester-pid"], os.getpid())
        self.assertEqual(details["requester-claims"], "a test")
        self.assertNotIn("problem", details)
        self.peer.answer(request, PIN2)
        outcome, results = self.finished(job)
        self.assertEqual(outcome, "done", results)
        self.assert_signature(bytes(results["signature"]))

    def assert_signature(self, raw):
        half = len(raw) // 2
        certificate = self.find("Certificate", lambda c: c["Key"] == self.key)
        with tempfile.TemporaryDirectory() as directory:
            names = {name: os.path.join(directory, name) for name in ("der", "pem", "sig", "digest")}
            with open(names["der"], "wb") as file:
                file.write(bytes(self.get(certificate, "Certificate", "Der")))
            subprocess.run(["openssl", "x509", "-inform", "DER", "-in", names["der"], "-pubkey", "-noout", "-out",
                            names["pem"]], check=True)
            with open(names["sig"], "wb") as file:
                file.write(der_sequence(der_integer(raw[:half]) + der_integer(raw[half:])))
            with open(names["digest"], "wb") as file:
                file.write(DIGEST)
            subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", names["pem"], "-sigfile",
                            names["sig"], "-in", names["digest"]], check=True, stdout=subprocess.DEVNULL)

    def test_wrong_pin__is_asked_again_with_the_reason(self):
        job = self.sign(agent=self.peer.register())
        self.peer.answer(self.peer.next_request(), "000000")
        again = self.peer.next_request()
        self.assertEqual((again[1]["problem"], again[1]["tries-left"]), ("incorrect", 4))
        self.peer.answer(again, PIN2)
        self.assertEqual(self.finished(job)[0], "done")

    def test_wrong_pin_of_a_script__ends_the_job_with_the_tries_left(self):
        job = self.sign(agent=self.peer.register(interactive=False))
        self.peer.answer(self.peer.next_request(), "000000")
        self.assertEqual(self.assert_failed(job, "PinIncorrect")["tries-left"], 4)
        self.assertEqual(self.sent_pins(), 1)

    def test_verify__each_pin_but_the_puk(self):
        agent = self.peer.register()
        for role, pin in (("authentication", PIN1), ("signature", PIN2)):
            path = self.find("Pin", lambda p, role=role: p["Role"] == role)
            job = self.client.call(SERVICE, path, f"{SERVICE}.Pin", "Verify", "(a{sv})",
                                   ({"agent": GLib.Variant("s", agent)},))[0]
            request = self.peer.next_request()
            self.assertEqual(request[1]["purpose"], "verify-pin")
            self.peer.answer(request, pin)
            self.assertEqual(self.finished(job)[0], "done")
        puk = self.find("Pin", lambda p: p["Role"] == "puk")
        self.assert_refused("NotSupported", self.client.call, SERVICE, puk, f"{SERVICE}.Pin", "Verify", "(a{sv})",
                            ({"agent": GLib.Variant("s", agent)},))

    # Who answers

    def test_no_agent__is_refused_at_once(self):
        self.assert_refused("AgentUnavailable", self.sign)
        self.assert_refused("AgentUnavailable", self.sign, agent="0123456789ABCDEF")

    def test_default_agent__answers_for_those_without(self):
        self.assertFalse(self.get(ROOT, "Manager", "AgentAvailable"))
        self.peer.register(default=True)
        self.assertTrue(self.get(ROOT, "Manager", "AgentAvailable"))
        job = self.sign()
        self.peer.answer(self.peer.next_request(), PIN2)
        self.assertEqual(self.finished(job)[0], "done")
        self.peer.hang_up()
        self.client.wait_for(lambda p, m, v: m == "PropertiesChanged" and v[1].get("AgentAvailable") is False,
                             "the default agent to be gone")

    def test_agent_hangs_up__job_fails(self):
        job = self.sign(agent=self.peer.register())
        self.peer.next_request()
        self.peer.hang_up()
        self.assert_failed(job, "AgentUnavailable")

    def test_agent_answers_nonsense__nothing_is_sent_to_the_card(self):
        agent = self.peer.register()
        answers = (lambda call: call.return_value(GLib.Variant("(ay)", (b"1" * 65,))),
                   lambda call: call.return_dbus_error("com.example.Broken", "?"))
        for answer in answers:
            job = self.sign(agent=agent)
            answer(self.peer.next_request()[2])
            self.assert_failed(job, "AgentUnavailable")
        self.assertEqual(self.sent_pins(), 0)

    def test_agent__of_the_private_connection_itself(self):
        self.peer.register()
        job = self.peer.call(self.key, f"{SERVICE}.Key", "Sign", "(saya{sv})", ("ECDSA-SHA256", DIGEST, {}))[0]
        self.assertTrue(job.startswith(f"{ROOT}/job/private/"), job)
        self.peer.decline(self.peer.next_request())

    def test_register_agent__twice_or_on_the_session_bus__is_refused(self):
        self.peer.register()
        self.assert_refused("InvalidArgument", self.peer.register)
        with self.assertRaises(GLib.Error) as raised:
            self.client.call(SERVICE, ROOT, f"{SERVICE}.AgentManager", "RegisterAgent", "(oa{sv})", ("/x", {}))
        self.assertIn("UnknownMethod", remote_error(raised.exception) or str(raised.exception))

    def test_two_jobs__are_asked_for_one_after_the_other(self):
        agent = self.peer.register()
        other = self.new_client()
        other.subscribe()
        first, second = self.sign(agent=agent), self.sign(client=other, agent=agent)
        request = self.peer.next_request()
        self.assertEqual(self.client.get_property(SERVICE, second, f"{SERVICE}.Job", "State"), "queued")
        with self.assertRaises(queue.Empty):
            self.peer.requests.get_nowait()
        self.peer.answer(request, PIN2)
        self.assertEqual(self.finished(first)[0], "done")
        self.peer.answer(self.peer.next_request(), PIN2)
        self.assertEqual(self.finished(second, other)[0], "done")

    # How a job ends early

    def test_person_declines__job_is_cancelled(self):
        job = self.sign(agent=self.peer.register())
        self.peer.decline(self.peer.next_request())
        self.assertEqual(self.finished(job)[0], "cancelled")

    def test_cancel__by_the_creator_only__takes_the_prompt_away(self):
        job = self.sign(agent=self.peer.register())
        request = self.peer.next_request()
        other = self.new_client()
        self.assert_refused("AccessDenied", other.call, SERVICE, job, f"{SERVICE}.Job", "Cancel")
        self.client.call(SERVICE, job, f"{SERVICE}.Job", "Cancel")
        self.assertEqual(self.finished(job)[0], "cancelled")
        self.assertEqual(self.peer.cancellations.get(timeout=20), (request[0], ERROR + "Cancelled"))
        with self.assertRaises(GLib.Error):
            self.client.get_property(SERVICE, job, f"{SERVICE}.Job", "State")

    def test_late_answer_after_cancel__is_dropped(self):
        job = self.sign(agent=self.peer.register())
        request = self.peer.next_request()
        self.client.call(SERVICE, job, f"{SERVICE}.Job", "Cancel")
        self.finished(job)
        self.peer.answer(request, PIN2)
        self.assertEqual(self.get(ROOT, "Manager", "PcscState"), "available")
        self.assertEqual(self.sent_pins(), 0)

    def test_creator_leaves__prompt_is_taken_away_and_the_next_job_runs(self):
        agent = self.peer.register()
        other = self.new_client()
        self.sign(client=other, agent=agent)
        request = self.peer.next_request()
        other.close()
        self.assertEqual(self.peer.cancellations.get(timeout=20)[0], request[0])
        job = self.sign(agent=agent)
        self.peer.answer(self.peer.next_request(), PIN2)
        self.assertEqual(self.finished(job)[0], "done")

    def test_card_removed_at_the_prompt__job_fails_and_objects_go(self):
        job = self.sign(agent=self.peer.register())
        self.peer.next_request()
        self.rig.card.remove()
        self.assert_failed(job, "CardRemoved")
        self.assertEqual(self.peer.cancellations.get(timeout=20)[1], ERROR + "CardRemoved")
        self.client.wait_for(lambda p, m, v: m == "InterfacesRemoved" and v[0] == self.key, "the key to go")
        self.assertFalse(any(f"{SERVICE}.Token" in i for i in self.objects().values()))
        self.client.signals.clear()
        self.rig.card.insert()
        self.client.wait_for(lambda p, m, v: m == "InterfacesAdded" and v[0] == self.key,
                             "the key to come back under its path")

    # Bad input

    def test_mechanism_and_digest__are_checked(self):
        agent = self.peer.register()
        self.assert_refused("MechanismUnsupported", self.sign, mechanism="ECDSA-MD5", agent=agent)
        self.assert_refused("MechanismUnsupported", self.sign, mechanism="RSA-PKCS1-SHA256", agent=agent)
        self.assert_refused("DigestLengthInvalid", self.sign, data=DIGEST[:31], agent=agent)
        self.assert_refused("DigestLengthInvalid", self.sign, data=b"", agent=agent)
        self.assert_refused("DigestLengthInvalid", self.sign, mechanism="ECDSA", data=bytes(513), agent=agent)

    def test_options__are_checked(self):
        agent = self.peer.register()
        self.assert_refused("InvalidArgument", self.sign, agent=agent, documnet="x")
        self.assert_refused("InvalidArgument", self.sign, agent=GLib.Variant("b", True))
        self.assert_refused("InvalidArgument", self.sign, agent=agent, document="x" * 513)
        self.assert_refused("InvalidArgument", self.sign, agent=agent, handle="a/b")
        self.sign(agent=agent, handle="mine")
        self.assert_refused("InvalidArgument", self.sign, agent=agent, handle="mine")

    def test_handle__names_the_job(self):
        job = self.sign(agent=self.peer.register(), handle="mine")
        self.assertEqual(job, f"{ROOT}/job/{self.client.name[1:].replace('.', '_')}/mine")

    def test_too_many_jobs__are_refused_and_others_served(self):
        agent = self.peer.register()
        for _ in range(256):
            self.sign(agent=agent)
        self.assert_refused("LimitExceeded", self.sign, agent=agent)
        self.sign(client=self.new_client(), agent=agent)

    def test_private_socket__is_for_this_user_alone(self):
        path = socket_path(self.rig)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)

    @unittest.skipUnless(os.getuid() == 0, "needs root to become somebody else")
    def test_private_socket__other_user__is_refused_even_with_access_to_the_file(self):
        # A descriptor that root opened gets past the permissions of the file, but not past the credentials.
        for directory in (self.rig.directory, os.path.join(self.rig.directory, "user"),
                          self.rig.env["XDG_RUNTIME_DIR"], os.path.dirname(socket_path(self.rig))):
            os.chmod(directory, 0o755)
        os.chmod(socket_path(self.rig), 0o666)
        code = ("import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.settimeout(10); "
                "s.connect(sys.argv[1]); s.sendall(b'\\0AUTH EXTERNAL\\r\\n'); sys.exit(0 if s.recv(1) == b'' else 1)")
        result = subprocess.run(["/usr/bin/python3", "-c", code, socket_path(self.rig)], capture_output=True,
                                text=True, timeout=30, check=False)
        # Closed before or after what was written: an end of file or a reset.
        self.assertTrue(result.returncode == 0 or "ConnectionResetError" in result.stderr
                        or "BrokenPipeError" in result.stderr, result)

    def test_private_socket__garbage_and_crowds__do_no_harm(self):
        crowd = []
        for index in range(300):
            connection = socket.socket(socket.AF_UNIX)
            self.addCleanup(connection.close)
            connection.settimeout(10)
            connection.connect(socket_path(self.rig))
            if index % 3 == 0:
                try:
                    connection.sendall(os.urandom(4096))
                except OSError:
                    pass  # hung up on: that is an answer too
            crowd.append(connection)
        self.assertEqual(self.get(ROOT, "Manager", "PcscState"), "available")
        for connection in crowd:
            connection.close()
        job = self.sign(agent=self.peer.register())
        self.peer.answer(self.peer.next_request(), PIN2)
        self.assertEqual(self.finished(job)[0], "done")

    def test_second_daemon__leaves_with_a_reason(self):
        result = self.rig.run([paths.build("daemon/digisignd")], timeout=20)
        self.assertEqual(result.returncode, 3)
        self.assertIn("another digisignd is running", result.stderr)

    def test_command_line__version_and_usage(self):
        self.assertRegex(self.rig.run([paths.build("daemon/digisignd"), "--version"]).stdout, r"^digisignd \d+\.\d+")
        wrong = self.rig.run([paths.build("daemon/digisignd"), "--port"])
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("usage", wrong.stderr)


def der_integer(value):
    value = value.lstrip(b"\0") or b"\0"
    if value[0] & 0x80:
        value = b"\0" + value
    return b"\x02" + bytes([len(value)]) + value


def der_sequence(content):
    length = bytes([len(content)]) if len(content) < 0x80 else bytes([0x81, len(content)])
    return b"\x30" + length + content


if __name__ == "__main__":
    tap_runner.main()
