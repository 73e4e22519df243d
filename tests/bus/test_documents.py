# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real digisign-documents on a session bus of its own, called wrongly in every way that comes to mind."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import paths
import tap_runner
from bus_client import ERROR, BusClient, remote_error
from child_process import end_child, start_child
from digisign_rig import Rig
from sample_pdfs import one_page
from gi.repository import GLib

DOCUMENTS = "org.digisign.Documents1"
ROOT = "/org/digisign/Documents1"
DAEMON = "org.digisign.DigiSign1"
JOB = "org.digisign.DigiSign1.Job"
PROPERTIES = "org.freedesktop.DBus.Properties"


def text_options(**options):
    return {name: GLib.Variant("s", value) for name, value in options.items()}


class DocumentsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig(card=False))

    def setUp(self):
        self.client = self.new_client()
        self.document = self.file(one_page().table())
        self.output = self.file()

    def new_client(self):
        return self.enterContext(BusClient(self.rig.bus.env["DBUS_SESSION_BUS_ADDRESS"]))

    def file(self, content=b""):
        file = self.enterContext(tempfile.TemporaryFile(dir=self.rig.directory))
        file.write(content)
        file.seek(0)
        return file.fileno()

    def sign(self, document=None, output=None, options=None, client=None, descriptors=None, handles=(0, 1)):
        if descriptors is None:
            descriptors = (self.document if document is None else document, self.output if output is None else output)
        return (client or self.client).call(DOCUMENTS, ROOT, DOCUMENTS, "SignPdf", "(hha{sv})",
                                            (*handles, options or {}), descriptors)[0]

    def assert_refused(self, name, **arguments):
        with self.assertRaises(GLib.Error) as caught:
            self.sign(**arguments)
        self.assertEqual(remote_error(caught.exception), ERROR + name)

    def outcome(self, **arguments):
        """Outcome and results of a job, subscribed to before it is started."""
        self.client.subscribe(JOB, "Finished")
        path = self.sign(**arguments)
        return self.client.wait_for(lambda at, _member, _values: at == path, "the job finishes")[2]

    def assert_fails(self, name, **arguments):
        outcome, results = self.outcome(**arguments)
        self.assertEqual((outcome, results.get("error")), ("failed", ERROR + name), results)
        self.assertTrue(results["message"])
        self.assertEqual(os.fstat(self.output).st_size, 0)

    @contextlib.contextmanager
    def daemon_that_hangs(self):
        """Jobs get as far as asking digisignd, and wait there."""
        self.client.get_property(DAEMON, "/org/digisign/DigiSign1", DAEMON + ".Manager", "Version")
        pid = self.rig.bus.service_pid(DAEMON)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


class ArgumentsTest(DocumentsCase):
    """What is refused at once."""

    def test_option_unknown__refused(self):
        self.assert_refused("InvalidArgument", options=text_options(pin="123456"))

    def test_option_of_wrong_type__refused(self):
        for value in (GLib.Variant("u", 1), GLib.Variant("ay", b"reason"), GLib.Variant("v", GLib.Variant("s", "x"))):
            with self.subTest(type=value.get_type_string()):
                self.assert_refused("InvalidArgument", options={"reason": value})

    def test_option_too_long__refused(self):
        self.assert_refused("InvalidArgument", options=text_options(reason="x" * 513))

    def test_handle_that_is_no_path_element__refused(self):
        for handle in ("a/b", "a-b", "ä", "x" * 65):
            with self.subTest(handle=handle):
                self.assert_refused("InvalidArgument", options=text_options(handle=handle))

    def test_handle_in_use__refused(self):
        with self.daemon_that_hangs():
            path = self.sign(options=text_options(handle="mine"))
            self.assertTrue(path.endswith("/mine"), path)
            self.assert_refused("InvalidArgument", output=self.file(), options=text_options(handle="mine"))

    def test_output_not_empty__refused(self):
        self.assert_refused("InvalidArgument", output=self.file(b"something"))

    def test_output_not_a_file__refused(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        self.assert_refused("InvalidArgument", output=writing)

    def test_output_open_for_one_direction__refused(self):
        for mode in (os.O_RDONLY, os.O_WRONLY):
            with self.subTest(mode=mode):
                descriptor = os.open(os.path.join(self.rig.directory, "output"), mode | os.O_CREAT, 0o600)
                self.addCleanup(os.close, descriptor)
                self.assert_refused("InvalidArgument", output=descriptor)

    def test_descriptor_missing__refused(self):
        with self.assertRaises(GLib.Error):
            self.sign(descriptors=(self.document,), handles=(0, 7))
        self.assertEqual(self.client.get_property(DOCUMENTS, ROOT, DOCUMENTS, "Levels"), ["B-B"])


class InputTest(DocumentsCase):
    """What the job refuses."""

    def test_input_empty__fails(self):
        self.assert_fails("InputEmpty", document=self.file())

    def test_input_a_pipe__fails(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        self.assert_fails("InputNotRegularFile", document=reading)

    def test_input_a_directory__fails(self):
        descriptor = os.open(self.rig.directory, os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        self.assert_fails("InputNotRegularFile", document=descriptor)

    def test_input_not_a_pdf__fails(self):
        self.assert_fails("NotPdf", document=self.file(b"just some text, " * 100))

    def test_no_card__fails(self):
        self.assert_fails("NoCard")

    def test_no_card_and_certificate_chosen__fails(self):
        self.assert_fails("NoCard", options=text_options(certificate="45"))


class JobTest(DocumentsCase):
    """Whose a job is, and how many there may be."""

    def test_cancel_by_creator__is_told_at_once(self):
        self.client.subscribe(JOB, "Finished")
        with self.daemon_that_hangs():
            path = self.sign()
            self.client.call(DOCUMENTS, path, JOB, "Cancel")
            _, _, (outcome, results) = self.client.wait_for(lambda at, *_: at == path, "the job is cancelled", 5)
        self.assertEqual((outcome, results), ("cancelled", {}))
        self.assertEqual(os.fstat(self.output).st_size, 0)

    def test_cancel_by_another__refused(self):
        with self.daemon_that_hangs():
            path = self.sign()
            with self.assertRaises(GLib.Error) as caught:
                self.new_client().call(DOCUMENTS, path, JOB, "Cancel")
            self.assertEqual(remote_error(caught.exception), ERROR + "AccessDenied")
            self.assertEqual(self.client.get_property(DOCUMENTS, path, JOB, "State"), "running")

    def test_creator_leaves__job_vanishes(self):
        other = self.new_client()
        watcher = self.client
        watcher.subscribe(PROPERTIES, "PropertiesChanged")
        with self.daemon_that_hangs():
            path = self.sign(client=other)
            self.assertEqual(watcher.get_property(DOCUMENTS, path, JOB, "Kind"), "sign-pdf")
            other.close()
            watcher.wait_for(lambda at, _, values: at == path and values[1].get("State") == "finished",
                             "the job ends", 5)
            with self.assertRaises(GLib.Error):
                watcher.get_property(DOCUMENTS, path, JOB, "Kind")

    def test_finished__is_for_the_creator_alone(self):
        watcher = self.new_client()
        watcher.subscribe(JOB, "Finished")
        watcher.subscribe(PROPERTIES, "PropertiesChanged")
        self.client.subscribe(JOB, "Finished")
        path = self.sign(document=self.file())
        self.client.wait_for(lambda at, *_: at == path, "the creator hears the end")
        watcher.wait_for(lambda at, _, values: at == path and values[1].get("State") == "finished",
                         "the watcher sees the end")
        # What the service sent before it answers this has arrived before it.
        watcher.get_property(DOCUMENTS, ROOT, DOCUMENTS, "Levels")
        self.assertEqual([one for one in watcher.signals if one[1] == "Finished"], [])

    def test_too_many_jobs__refused_and_others_served(self):
        with self.daemon_that_hangs():
            jobs = [self.sign(output=self.file()) for _ in range(16)]
            states = [self.client.get_property(DOCUMENTS, job, JOB, "State") for job in jobs]
            self.assertEqual(states.count("queued"), 12)
            self.assert_refused("LimitExceeded", output=self.file())
            self.sign(client=self.new_client())


class ServiceTest(DocumentsCase):
    """The program itself."""

    def test_properties__say_what_is_offered(self):
        self.assertEqual(self.client.get_property(DOCUMENTS, ROOT, DOCUMENTS, "Levels"), ["B-B"])
        self.assertGreaterEqual(self.client.get_property(DOCUMENTS, ROOT, DOCUMENTS, "MaxInputSize"), 1 << 30)

    def test_second_instance__leaves(self):
        self.client.get_property(DOCUMENTS, ROOT, DOCUMENTS, "Levels")
        second = self.rig.run([paths.build("documents/digisign-documents")], timeout=10)
        self.assertEqual(second.returncode, 3, second.stderr)
        self.assertIn("bus name", second.stderr)

    def test_wrong_command_line__is_told_how_to(self):
        for arguments in (["--idle-timeout=soon"], ["--idle-timeout=0"], ["--what"], ["file.pdf"]):
            with self.subTest(arguments=arguments):
                result = self.rig.run([paths.build("documents/digisign-documents"), *arguments], timeout=10)
                self.assertEqual(result.returncode, 2)
                self.assertIn("Usage:", result.stderr)


class IdleTest(DocumentsCase):
    """The service leaves when nobody needs it, and no call is lost by that."""

    def setUp(self):
        super().setUp()
        self.client.subscribe("org.freedesktop.DBus", "NameOwnerChanged")
        # One of our own instead of the one that the bus starts.
        if pid := self.rig.bus.service_pid(DOCUMENTS):
            os.kill(pid, signal.SIGTERM)
            self.wait_for_owner(lambda owner: not owner)
        self.service = start_child([paths.build("documents/digisign-documents"), "--idle-timeout=1"],
                                   env=self.rig.env, stdin=subprocess.DEVNULL)
        self.addCleanup(end_child, self.service)
        self.wait_for_owner(bool)

    def wait_for_owner(self, wanted):
        self.client.signals = self.client.signals[-1:]
        self.client.wait_for(lambda _, __, values: values[0] == DOCUMENTS and wanted(values[2]), "owner of the name")

    def test_idle__leaves_and_is_started_again(self):
        self.assertEqual(self.service.wait(20), 0)
        self.assertEqual(self.client.get_property(DOCUMENTS, ROOT, DOCUMENTS, "Levels"), ["B-B"])
        self.assertNotEqual(self.rig.bus.service_pid(DOCUMENTS), self.service.pid)

    def test_job_runs__stays_until_it_is_done(self):
        with self.daemon_that_hangs():
            path = self.sign()
            time.sleep(2)  # it is the passing of time without an event that is tested
            self.assertEqual(self.client.get_property(DOCUMENTS, path, JOB, "State"), "running")
        self.assertEqual(self.service.wait(30), 0)

    def test_call_in_the_moment_of_leaving__is_served(self):
        self.client.subscribe(JOB, "Finished")
        self.service.send_signal(signal.SIGSTOP)
        answer = []
        caller = threading.Thread(target=lambda: answer.append(self.sign(document=self.file())))
        caller.start()
        time.sleep(1.5)  # both the idle time-out and the call are waiting when it goes on
        self.service.send_signal(signal.SIGCONT)
        caller.join(20)
        self.assertEqual(len(answer), 1)
        self.client.wait_for(lambda at, *_: at == answer[0], "the job finishes")
        self.assertEqual(self.service.wait(20), 0)


if __name__ == "__main__":
    tap_runner.main()
