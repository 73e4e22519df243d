# SPDX-License-Identifier: LGPL-2.1-or-later
"""digisignctl as a person and as a script use it, on a real pcscd with the virtual card."""

import json
import os
import signal
import socket
import subprocess
import time
import unittest

import paths
import tap_runner
from digisign_rig import Rig
from judge import judge_pdf
from sample_pdfs import encrypted, one_page
from terminal_session import TerminalSession

PIN1 = "8264"
PIN2 = "159357"
WRONG = "000000"
WRONG_ONES = [f"00000{digit}" for digit in range(1, 6)]  # one that was wrong before is not sent again
PINS = {"pin1": PIN1, "pin2": PIN2}

SUCCESS, FAILURE, USAGE, SERVICE, NO_CARD, CARD, PIN, CANCELLED, CERTIFICATE, INPUT, OUTPUT = range(11)

SERVICES = ("org.digisign.DigiSign1", "org.digisign.Documents1")


class CliTest(unittest.TestCase):
    """Helpers for one rig."""

    rig: Rig
    program = None

    def setUp(self):
        self.program = paths.build("cli/digisignctl")
        self.document_count = 0

    def document(self, content=None, name=None):
        """A new document in a directory of its own, so that nothing of another test is beside it."""
        directory = os.path.join(self.rig.directory, f"{self.id().rpartition('.')[2]}-{self.document_count}")
        self.document_count += 1
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, name or "contract.pdf")
        with open(path, "wb") as file:
            file.write(one_page().table() if content is None else content)
        return path

    @staticmethod
    def output_of(path):
        return path.removesuffix(".pdf") + "-signed.pdf"

    def run_cli(self, *arguments, expect=SUCCESS, pin=None, env=None, **options):
        """Without a terminal; the PIN, if any, on a descriptor."""
        if pin is not None:
            reading, writing = os.pipe()
            os.write(writing, pin.encode())
            os.close(writing)
            arguments = (*arguments, "--pin-fd", str(reading))
            options["pass_fds"] = [reading, *options.get("pass_fds", ())]
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        result = subprocess.run([self.program, *arguments], env=env or self.rig.env, timeout=60, check=False,
                                text=True, stderr=subprocess.PIPE, start_new_session=True, **options)
        if pin is not None:
            os.close(reading)
        self.assertEqual(result.returncode, expect, f"{arguments}\n{result.stdout}{result.stderr}")
        if expect != SUCCESS:
            self.assertTrue(result.stderr.startswith("digisignctl: "), result.stderr)
        return result

    def terminal(self, *arguments, **options):
        return TerminalSession([self.program, *arguments], self.rig.env, **options)

    def at_prompt(self, *arguments):
        session = self.terminal(*arguments)
        session.expect("tries left: ")
        self.assertFalse(session.echoes())
        return session

    def tries_left(self, pin="pin2"):
        """As the card itself counts."""
        return self.rig.card.status()["pins"][pin]["tries-left"]

    def assert_signed(self, path, output=None):
        output = output or self.output_of(path)
        with open(path, "rb") as file:
            original = file.read()
        with open(output, "rb") as file:
            self.assertTrue(file.read().startswith(original))
        verdicts = judge_pdf(output, os.path.join(self.rig.card.certificates, "root.pem"))
        self.assertEqual([(one.openssl, one.pdfsig, one.covers_file) for one in verdicts],
                         [("valid", "Signature is Valid.", True)])

    def assert_nothing_beside(self, path):
        self.assertEqual(os.listdir(os.path.dirname(path)), [os.path.basename(path)])

    def assert_signing_works(self):
        path = self.document(name="afterwards.pdf")
        self.run_cli("sign", path, pin=PIN2)
        self.assert_signed(path)


class Signing(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig(pins=PINS))

    def test_pin_typed__signs_and_says_by_whom(self):
        path = self.document()
        with self.at_prompt("sign", path, "--reason", "Hyväksytty") as session:
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
            self.assertIn("contract-signed.pdf", session.output)
            self.assertIn("SPECIMEN TEST", session.output)
            self.assertIn("PAdES B-B", session.output)
            self.assertNotIn(PIN2, session.output)
        self.assert_signed(path)

    def test_prompt__tells_document_signer_card_and_requester(self):
        path = self.document()
        with self.terminal("sign", path) as session:
            prompt = session.expect("tries left: ")
            for text in ("Sign contract.pdf as SPECIMEN TEST", "Card: ", "Virtual Reader", "PIN 2",
                         "Requested by: "):
                self.assertIn(text, prompt)

    def test_wrong_pin_twice__asks_again_with_the_new_counter(self):
        path = self.document()
        with self.at_prompt("sign", path) as session:
            session.send(WRONG_ONES[0] + "\n")
            session.expect("Wrong PIN; 4 tries left.")
            session.expect("4 tries left: ")
            session.send(WRONG_ONES[1] + "\n")
            session.expect("3 tries left: ")
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
        self.assert_signed(path)
        self.assertEqual(self.tries_left(), 5)

    def test_impossible_pins__cost_no_try(self):
        path = self.document()
        with self.at_prompt("sign", path) as session:
            for typed, answer in (("12345", "6 to 12 digits"), ("1234567890123", "6 to 12 digits"),
                                  ("abcdef", "digits only")):
                session.send(typed + "\n")
                session.expect(answer)
                session.expect("5 tries left: ")
        self.assertEqual(self.tries_left(), 5)

    def test_line_editing__erases_what_was_mistyped(self):
        path = self.document()
        with self.at_prompt("sign", path) as session:
            up_arrow = "\x1b[A"
            session.send("77\x15" + PIN2[:3] + "9ä" + "\x7f\x7f" + up_arrow + PIN2[3:] + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)

    def test_what_was_typed_before_the_question__is_no_answer(self):
        path = self.document()
        with self.terminal("sign", path) as session:
            session.send(WRONG + "\n")
            session.expect("tries left: ")
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)

    def test_pin_fd__signs_without_a_terminal(self):
        for pin in (PIN2, PIN2 + "\n", PIN2 + "\r\n", PIN2 + "\nfurther lines\n"):
            with self.subTest(pin=pin.removeprefix(PIN2)):
                path = self.document()
                result = self.run_cli("sign", path, pin=pin)
                self.assertEqual(result.stderr, "")
                self.assert_signed(path)

    def test_wrong_pin_on_descriptor__costs_one_try(self):
        path = self.document()
        result = self.run_cli("sign", path, pin=WRONG, expect=PIN)
        self.assertIn("4 tries left", result.stderr)
        self.assertEqual(self.tries_left(), 4)
        self.assert_nothing_beside(path)
        self.assert_signing_works()

    def test_descriptor_without_a_usable_pin__costs_no_try(self):
        path = self.document()
        for pin, sentence in (("", "holds no PIN"), ("\n", "holds no PIN"), ("1" * 65, "too long"), ("123", "")):
            with self.subTest(pin=pin):
                self.assertIn(sentence, self.run_cli("sign", path, pin=pin, expect=PIN).stderr)
        self.run_cli("sign", path, "--pin-fd", "99", expect=USAGE)
        self.assertEqual(self.tries_left(), 5)
        self.assert_nothing_beside(path)

    def test_descriptor_that_is_a_terminal__is_refused(self):
        with self.terminal("sign", self.document(), "--pin-fd", "0") as session:
            self.assertEqual(session.wait(), USAGE, session.output)
            self.assertIn("is a terminal", session.output)

    def test_neither_terminal_nor_descriptor__says_what_to_do(self):
        path = self.document()
        result = self.run_cli("sign", path, expect=PIN)
        self.assertIn("--pin-fd", result.stderr)
        self.assert_nothing_beside(path)

    def test_end_of_file_at_the_prompt__cancels(self):
        path = self.document()
        for typed in ("\x04", "12\x04", "\n"):
            with self.subTest(typed=typed), self.at_prompt("sign", path) as session:
                session.send(typed)
                self.assertEqual(session.wait(), CANCELLED, session.output)
                self.assertIn("cancelled", session.output)
                self.assertTrue(session.echoes())
        self.assert_nothing_beside(path)
        self.assert_signing_works()

    def test_signal_at_the_prompt__restores_the_terminal_and_ends_by_it(self):
        path = self.document()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=number), self.at_prompt("sign", path) as session:
                session.send("12")
                if number == signal.SIGINT:
                    session.send("\x03")
                else:
                    os.kill(session.pid, number)
                self.assertEqual(session.wait(), -number, session.output)
                self.assertTrue(session.echoes())
        self.assert_nothing_beside(path)
        self.assertEqual(self.tries_left(), 5)
        self.assert_signing_works()

    def test_signal_that_is_to_be_ignored__is_ignored(self):
        path = self.document()
        nohup = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"]
        with TerminalSession([*nohup, self.program, "sign", path], self.rig.env) as session:
            session.expect("tries left: ")
            os.kill(session.pid, signal.SIGHUP)
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
        self.assert_signed(path)

    def test_stopped_and_continued__asks_from_the_start(self):
        path = self.document()
        shell = TerminalSession(["bash", "--norc", "-i"], dict(self.rig.env, PS1="ready> ", PATH=os.environ["PATH"]))
        with shell as session:
            session.expect("ready> ")
            session.send(f"{self.program} sign {path}\n")
            session.expect("tries left: ")
            session.send("99\x1a")
            session.expect("Stopped")
            session.expect("ready> ")
            session.send("echo shown; fg\n")
            session.expect("shown\r\n")
            session.expect("tries left: ")
            self.assertFalse(session.echoes())
            session.send(PIN2 + "\n")
            session.expect("PAdES B-B")
        self.assert_signed(path)

    def test_killed_at_the_prompt__lets_the_next_one_sign(self):
        path = self.document()
        with self.at_prompt("sign", path) as session:
            os.kill(session.pid, signal.SIGKILL)
            self.assertEqual(session.wait(), -signal.SIGKILL)
        self.assert_nothing_beside(path)
        self.assert_signing_works()
        self.assertEqual(self.tries_left(), 5)

    def test_certificate__chosen_in_each_way(self):
        listing = json.loads(self.run_cli("list", "--json").stdout)
        certificates = listing["readers"][0]["card"]["certificates"]
        signing = next(one for one in certificates if one["purpose"] == "signature")
        for selector in (signing["id"], signing["fingerprint"], signing["fingerprint"][:6].lower(), signing["label"]):
            with self.subTest(selector=selector):
                path = self.document()
                result = self.run_cli("sign", path, "--certificate", selector, pin=PIN2)
                self.assertIn(signing["fingerprint"][:16], result.stdout)

    def test_authentication_certificate__asks_for_its_own_pin(self):
        path = self.document()
        with self.terminal("sign", path, "--certificate", "45") as session:
            self.assertIn("PIN 1", session.expect("tries left: "))
            session.send(PIN1 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
        self.assert_signed(path)

    def test_certificate__unknown_or_ambiguous_or_of_an_authority__is_refused(self):
        path = self.document()
        self.run_cli("sign", path, "--certificate", "FFFFFFFF", pin=PIN2, expect=CERTIFICATE)
        ambiguous = self.run_cli("sign", path, "--certificate", self.holder(), pin=PIN2, expect=CERTIFICATE)
        self.assertIn("authentication", ambiguous.stderr)
        self.assertIn("signature", ambiguous.stderr)
        self.run_cli("sign", path, "--certificate", "DigiSign TEST Root CA", pin=PIN2, expect=CERTIFICATE)
        self.assert_nothing_beside(path)

    def holder(self):
        listing = json.loads(self.run_cli("list", "--json").stdout)
        return next(one["commonName"] for one in listing["readers"][0]["card"]["certificates"]
                    if one["purpose"] == "signature")

    def test_output__exists__is_refused_before_the_pin_is_asked(self):
        path = self.document()
        with open(self.output_of(path), "wb") as file:
            file.write(b"precious")
        with self.terminal("sign", path) as session:
            self.assertEqual(session.wait(), OUTPUT, session.output)
            self.assertIn("--overwrite", session.output)
            self.assertNotIn("tries left", session.output)
        with open(self.output_of(path), "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.run_cli("sign", path, "--overwrite", pin=PIN2)
        self.assert_signed(path)

    def test_output__not_writable__is_refused_before_the_pin_is_asked(self):
        path = self.document()
        directory = os.path.dirname(path)
        for output in ("/proc/signed.pdf", directory + "/missing/signed.pdf", directory, "/dev/null"):
            with self.subTest(output=output), self.terminal("sign", path, "--output", output) as session:
                self.assertEqual(session.wait(), OUTPUT, session.output)
                self.assertNotIn("tries left", session.output)
        self.run_cli("sign", path, "--output", "-", pin=PIN2, expect=USAGE)
        self.assert_nothing_beside(path)

    def test_output__appears_while_the_pin_is_asked__is_kept(self):
        path = self.document()
        with self.at_prompt("sign", path) as session:
            with open(self.output_of(path), "wb") as file:
                file.write(b"precious")
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), OUTPUT, session.output)
        with open(self.output_of(path), "rb") as file:
            self.assertEqual(file.read(), b"precious")

    def test_disk_full__leaves_nothing(self):
        path = self.document(one_page(padding=200_000).table())
        directory = os.path.join(os.path.dirname(path), "small")
        os.mkdir(directory)
        pin_file = self.document(PIN2.encode(), "pin")
        script = ('mount -t tmpfs -o size=100k tmpfs "$1" || exit 77\n'
                  '"$2" sign "$3" --output "$1/signed.pdf" --pin-fd 3 3<"$4"; status=$?\n'
                  'ls -A "$1"; exit $status')
        result = self.rig.run(["unshare", "--user", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", script,
                               "sh", directory, self.program, path, pin_file])
        if result.returncode in (1, 77):
            self.skipTest("no file system can be mounted here: " + result.stderr.strip())
        self.assertEqual(result.returncode, OUTPUT, result.stderr)
        self.assertIn("space", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_input__that_is_no_pdf_file__is_refused_by_kind(self):
        directory = os.path.dirname(self.document())
        os.mkfifo(os.path.join(directory, "pipe.pdf"))
        for path, sentence in ((directory + "/missing.pdf", "does not exist"), (directory, "is a directory"),
                               (directory + "/pipe.pdf", "not an ordinary file"),
                               (self.document(b""), "is empty"), (self.document(b"no PDF at all\n"), "")):
            with self.subTest(path=path):
                self.assertIn(sentence, self.run_cli("sign", path, pin=PIN2, expect=INPUT).stderr)

    def test_encrypted_document__is_signed_with_its_password_only(self):
        path = self.document(encrypted(one_page().table(), user="sää"))
        for password in (None, b"wrong\n"):
            refused = self.sign_with_password(path, password, INPUT)
            self.assertIn("--document-password-fd", refused.stderr)
            self.assert_nothing_beside(path)
        for no_password in (b"\n", b"x" * 200):
            self.sign_with_password(path, no_password, USAGE)
        self.sign_with_password(path, "sää\n".encode(), SUCCESS)
        verdicts = judge_pdf(self.output_of(path), None, password="sää")
        self.assertEqual([one.intact for one in verdicts], [True])

    def sign_with_password(self, path, password, expect):
        if password is None:
            return self.run_cli("sign", path, pin=PIN2, expect=expect)
        reading, writing = os.pipe()
        os.write(writing, password)
        os.close(writing)
        try:
            return self.run_cli("sign", path, "--document-password-fd", str(reading), pin=PIN2, expect=expect,
                                pass_fds=[reading])
        finally:
            os.close(reading)

    def test_message__about_a_name_with_line_breaks__cannot_look_like_two(self):
        result = self.run_cli("sign", "x\ndigisignctl: y.pdf", pin=PIN2, expect=INPUT)
        self.assertNotIn("\ndigisignctl", result.stderr)

    def test_input__with_a_hostile_name__cannot_touch_the_terminal(self):
        path = self.document(name="a\x1b[2J\x1b]0;title\x07.pdf")
        with self.terminal("sign", path) as session:
            prompt = session.expect("tries left: ")
            self.assertNotIn("\x1b[2J", prompt)
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS)
            self.assertNotIn("\x1b[2J", session.output)
            self.assertNotIn("\x1b]", session.output)

    def test_text_that_is_no_utf8__is_refused(self):
        self.run_cli("sign", self.document(), "--reason", b"\xe4".decode("utf-8", "surrogateescape"), pin=PIN2,
                     expect=USAGE)

    def test_permissions_of_the_document__are_kept(self):
        path = self.document()
        os.chmod(path, 0o600)
        self.run_cli("sign", path, pin=PIN2)
        self.assertEqual(os.stat(self.output_of(path)).st_mode & 0o777, 0o600)

    def test_pin_verify__by_role_and_reference(self):
        self.assertIn("PIN 1", self.run_cli("pin", "verify", pin=PIN1).stdout)
        self.assertIn("PIN 2", self.run_cli("pin", "verify", "signature", pin=PIN2).stdout)
        self.assertIn("PIN 2", self.run_cli("pin", "verify", "82", pin=PIN2).stdout)
        with self.at_prompt("pin", "verify") as session:
            session.send(PIN1 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
        self.run_cli("pin", "verify", "organisation", pin=PIN1, expect=USAGE)
        self.run_cli("pin", "verify", "--reader", "no such", pin=PIN1, expect=USAGE)

    def test_pin_verify__wrong__says_what_is_left(self):
        self.assertIn("4 tries left", self.run_cli("pin", "verify", pin="0000", expect=PIN).stderr)
        self.run_cli("pin", "verify", pin=PIN1)
        self.assertEqual(self.tries_left("pin1"), 5)

    def test_certificate_save__is_what_the_card_holds(self):
        directory = os.path.dirname(self.document())
        with open(os.path.join(self.rig.card.certificates, "sign.pem"), encoding="ascii") as file:
            expected = file.read()
        pem = os.path.join(directory, "sign.pem")
        self.run_cli("certificate", "save", "46", pem)
        with open(pem, encoding="ascii") as file:
            self.assertEqual(file.read(), expected)
        self.assertEqual(self.run_cli("certificate", "save", "46", "-").stdout, expected)
        self.run_cli("certificate", "save", "46", pem, expect=OUTPUT)
        self.run_cli("certificate", "save", "46", pem, "--format", "der", "--overwrite")
        der = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", pem], capture_output=True, text=True, check=True)
        self.assertEqual(der.stdout, expected)

    def test_certificate_show__agrees_with_openssl(self):
        shown = self.run_cli("certificate", "show", "46").stdout
        pem = os.path.join(self.rig.card.certificates, "sign.pem")
        fingerprint = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256"],
                                     capture_output=True, text=True, check=True).stdout
        self.assertIn(fingerprint.strip().rpartition("=")[2].replace(":", ""), shown)

    def test_output_into_a_full_device__is_an_error(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            for verb in (["status"], ["list"], ["list", "--json"], ["certificate", "show"], ["--help"]):
                with self.subTest(verb=verb):
                    self.run_cli(*verb, stdout=full, expect=OUTPUT)

    def test_colours__only_on_a_terminal_that_wants_them(self):
        self.assertNotIn("\x1b", self.run_cli("list").stdout)
        env = dict(self.rig.env, TERM="xterm")
        for extra_env, arguments, wanted in (({}, [], True), ({"NO_COLOR": "1"}, [], False),
                                             ({"TERM": "dumb"}, [], False), ({}, ["--no-color"], False)):
            with self.subTest(env=extra_env, arguments=arguments):
                with TerminalSession([self.program, "list", *arguments], {**env, **extra_env}) as session:
                    self.assertEqual(session.wait(), SUCCESS)
                    self.assertEqual("\x1b" in session.output, wanted)

    def test_without_bus_address__finds_the_bus_of_the_runtime_directory(self):
        env = {name: value for name, value in self.rig.env.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
        path = self.document()
        self.run_cli("sign", path, pin=PIN2, env=env)
        self.assert_signed(path)

    def test_without_any_bus__says_so(self):
        for address in ("unix:path=/nonexistent/bus", "nonsense"):
            with self.subTest(address=address):
                result = self.run_cli("status", env=dict(self.rig.env, DBUS_SESSION_BUS_ADDRESS=address),
                                      expect=SERVICE)
                self.assertIn("session bus", result.stderr)

    def test_bus_that_never_answers__does_not_hang(self):
        path = os.path.join(self.rig.directory, "silent")
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(path)
            silent.listen()
            begin = time.monotonic()
            self.run_cli("status", env=dict(self.rig.env, DBUS_SESSION_BUS_ADDRESS=f"unix:path={path}"),
                         expect=SERVICE)
            self.assertLess(time.monotonic() - begin, 10)


class Accidents(CliTest):
    """Each with a rig of its own, because something in it breaks."""

    def start(self, **options):
        self.rig = self.enterContext(Rig(**{"pins": PINS, **options}))

    def service_pid(self, name):
        return self.rig.bus.service_pid(name)

    def test_card_removed_at_the_prompt__takes_the_prompt_away(self):
        self.start()
        path = self.document()
        with self.at_prompt("sign", path) as session:
            self.rig.card.remove()
            self.assertEqual(session.wait(), NO_CARD, session.output)
            self.assertIn("removed", session.output)
            self.assertTrue(session.echoes())
        self.assert_nothing_beside(path)
        self.run_cli("sign", path, pin=PIN2, expect=NO_CARD)
        self.rig.card.insert()
        self.assert_signing_works()

    def test_service_killed_at_the_prompt__says_so_and_comes_back(self):
        self.start()
        for name in SERVICES:
            with self.subTest(name=name):
                path = self.document()
                with self.at_prompt("sign", path) as session:
                    os.kill(self.service_pid(name), signal.SIGKILL)
                    self.assertEqual(session.wait(), SERVICE, session.output)
                    self.assertTrue(session.echoes())
                self.assert_nothing_beside(path)
                self.assert_signing_works()

    def test_service_killed_while_a_pin_is_verified__says_so(self):
        self.start()
        with self.at_prompt("pin", "verify") as session:
            os.kill(self.service_pid(SERVICES[0]), signal.SIGKILL)
            self.assertEqual(session.wait(), SERVICE, session.output)
            self.assertTrue(session.echoes())

    def test_bus_gone_at_the_prompt__says_so(self):
        self.start()
        for arguments in (["sign", self.document()], ["pin", "verify"]):
            with self.subTest(verb=arguments[0]), self.at_prompt(*arguments) as session:
                self.rig.bus.stop()
                self.assertEqual(session.wait(), SERVICE, session.output)
                self.assertTrue(session.echoes())
            self.rig.bus.start()

    def test_work_that_takes_long__is_shown_on_a_terminal_only(self):
        self.start()
        path = self.document()
        with self.at_prompt("sign", path) as session:
            pid = self.service_pid(SERVICES[0])
            os.kill(pid, signal.SIGSTOP)
            try:
                session.send(PIN2 + "\n")
                session.expect("Signing…")
            finally:
                os.kill(pid, signal.SIGCONT)
            session.expect("\r\x1b[KSigned:")
            self.assertEqual(session.wait(), SUCCESS, session.output)

    def test_service_that_never_answers__can_be_interrupted(self):
        self.start()
        self.run_cli("status")
        pid = self.service_pid(SERVICES[0])
        os.kill(pid, signal.SIGSTOP)
        try:
            with self.terminal("pin", "verify") as session:
                session.expect_nothing(0.5)
                session.send("\x03")
                self.assertEqual(session.wait(), -signal.SIGINT, session.output)
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_last_try__is_refused_to_scripts_and_confirmed_by_people(self):
        self.start()
        path = self.document()
        for wrong in WRONG_ONES[:4]:
            self.run_cli("sign", path, pin=wrong, expect=PIN)
        self.assertIn("try is left", self.run_cli("sign", path, pin=PIN2, expect=PIN).stderr)
        self.assertEqual(self.tries_left(), 1)
        with self.terminal("sign", path) as session:
            self.assertIn("PUK", session.expect("to go on: "))
            session.send("no\n")
            self.assertEqual(session.wait(), CANCELLED, session.output)
        self.assertEqual(self.tries_left(), 1)
        with self.terminal("sign", path) as session:
            session.expect("to go on: ")
            session.send("yes\n")
            session.expect("1 try left: ")
            self.assertFalse(session.echoes())
            session.send(PIN2 + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.output)
        self.assertEqual(self.tries_left(), 5)

    def test_last_try_wrong__locks_and_says_how_to_unlock(self):
        self.start()
        path = self.document()
        for wrong in WRONG_ONES[:4]:
            self.run_cli("sign", path, pin=wrong, expect=PIN)
        with self.terminal("sign", path) as session:
            session.expect("to go on: ")
            session.send("yes\n")
            session.expect("1 try left: ")
            session.send(WRONG + "\n")
            self.assertEqual(session.wait(), PIN, session.output)
            self.assertIn("PUK", session.output)
        self.assertIn("PUK", self.run_cli("sign", path, pin=PIN2, expect=PIN).stderr)
        self.assertIn("LOCKED", self.run_cli("list").stdout)
        self.run_cli("status")
        self.run_cli("pin", "verify", "authentication", pin=PIN1)
        self.assert_nothing_beside(path)

    def test_expired_certificate__is_refused_before_the_pin_is_asked(self):
        self.start(validity="expired")
        path = self.document()
        with self.terminal("sign", path) as session:
            self.assertEqual(session.wait(), CERTIFICATE, session.output)
            self.assertIn("expired", session.output)
            self.assertNotIn("tries left", session.output)
        self.assertIn("EXPIRED", self.run_cli("list").stdout)

    def test_card_to_be_activated__is_said(self):
        self.start(activation="factory-pins")
        self.run_cli("status", expect=CARD)
        self.run_cli("list")
        self.run_cli("sign", self.document(), pin=PIN2, expect=CARD)

    def test_two_cards__need_a_choice(self):
        self.start()
        self.enterContext(self.rig.add_card(slot=1, profile="myeid", pins=PINS))
        self.wait_for_cards(2)
        path = self.document()
        result = self.run_cli("sign", path, pin=PIN2, expect=CERTIFICATE)
        self.assertIn("MyEID", result.stderr)
        self.assertIn("--certificate", result.stderr)
        self.run_cli("sign", path, "--certificate", "46", pin=PIN2)
        self.assert_signed(path)
        self.assertIn("--reader", self.run_cli("pin", "verify", pin=PIN1, expect=USAGE).stderr)
        self.run_cli("pin", "verify", "--reader", "00 00", pin=PIN1)

    def wait_for_cards(self, count):
        deadline = time.monotonic() + 20
        while True:
            readers = json.loads(self.run_cli("list", "--json").stdout)["readers"]
            if sum(reader["card"] is not None for reader in readers) == count:
                return
            self.assertLess(time.monotonic(), deadline, readers)

    def test_no_card__is_said(self):
        self.start(inserted=False)
        for verb in (["status"], ["list"], ["certificate", "show"], ["certificate", "show", "46"], ["pin", "verify"],
                     ["sign", self.document()]):
            with self.subTest(verb=verb):
                asks = verb[0] in ("pin", "sign")
                self.assertIn("no card", self.run_cli(*verb, pin=PIN1 if asks else None, expect=NO_CARD).stderr)

    def test_no_reader__is_said(self):
        self.start(readers=0, card=False)
        self.assertIn("reader", self.run_cli("status", expect=NO_CARD).stderr)
        self.assertEqual(json.loads(self.run_cli("list", "--json", expect=NO_CARD).stdout)["readers"], [])
        self.run_cli("sign", self.document(), pin=PIN2, expect=NO_CARD)

    def test_no_pcscd__says_how_to_start_it(self):
        self.start(card=False)
        self.rig.pcscd.stop()
        for verb in (["status"], ["list"]):
            with self.subTest(verb=verb):
                self.assertIn("pcscd.socket", self.run_cli(*verb, expect=SERVICE).stderr)
        self.run_cli("sign", self.document(), pin=PIN2, expect=SERVICE)

    def test_strange_cards__are_named(self):
        for profile, expected in (("unknown", CARD), ("mute", CARD), ("garbage", CARD)):
            with self.subTest(profile=profile), Rig(profile=profile) as self.rig:
                self.run_cli("status", expect=expected)
                self.run_cli("sign", self.document(), pin=PIN2, expect=expected)


class OtherCards(CliTest):
    def test_each_profile__signs_with_the_pin_typed(self):
        for profile in ("fineid-v3", "myeid"):
            with self.subTest(profile=profile), Rig(profile=profile, pins=PINS) as self.rig:
                path = self.document()
                with self.terminal("sign", path) as session:
                    session.expect("tries left: ")
                    session.send(PIN2 + "\n")
                    self.assertEqual(session.wait(), SUCCESS, session.output)
                self.assert_signed(path)


if __name__ == "__main__":
    tap_runner.main()
