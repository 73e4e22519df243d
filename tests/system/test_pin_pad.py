# SPDX-License-Identifier: LGPL-2.1-or-later
"""PINs typed on the reader's own keys: the daemon, a real pcscd, a reader with keys (tests/pin-pad-reader) and the
virtual card. The PIN never comes near the daemon; what it shows and what it makes of the reader's answers does."""

import tap_runner
from daemon_case import ERROR, PIN1, PIN2, PUK, SERVICE, DaemonCase, GLib
from private_peer import PrivatePeer

NEW_PIN1 = "826413"


class PinPadCase(DaemonCase):
    """An agent of a person is registered; the card lies in the reader with keys."""

    profile = "fineid-v4"
    pin_pad = {}

    def setUp(self):
        self.card = {"readers": 0, "pin_pad": self.pin_pad, "profile": self.profile}
        super().setUp()
        self.agent = self.peer.register()
        self.pin_pad_reader = self.rig.pcscd.pin_pad
        self.rig.card.clear_log()

    @property
    def pin1(self):
        return self.pin("authentication")

    def start(self, member, path=None):
        self.client.signals.clear()
        return self.job(path or self.pin1, "Pin", member, agent=self.agent)

    def shown(self, **details):
        """The agent was told to show the PIN pad, and the reader waits: (question, entry)."""
        question = self.peer.next_request()
        self.assertEqual(question.member, "ShowPinPad", question.details)
        for name, expected in details.items():
            self.assertEqual(question.details.get(name.replace("_", "-")), expected, question.details)
        return question, self.enterContext(self.pin_pad_reader.wait_for_entry())

    def type(self, *values, **details):
        """As a person does who is told to; returns the reader's status word."""
        _, entry = self.shown(**details)
        entry.type(*values)
        return entry.result()

    def sent(self):
        """Commands with a PIN that the card got, and its answers: [("VERIFY", "9000")]."""
        names = {"20": "VERIFY", "24": "CHANGE", "2C": "UNBLOCK"}
        return [(names[command[2:4]], status) for command, status in self.commands()
                if command[2:4] in names and "**" in command]

    def block(self):
        """Five wrong tries on the keys."""
        job = self.start("Verify")
        for number in range(self.tries - 1):
            self.assertNotEqual(self.type(f"000{number}"), "9000")
        question = self.peer.next_request()
        self.assertEqual((question.member, question.question), ("Confirm", "last-try"))
        self.peer.agree(question)
        self.type("0009")
        self.assert_failed(job, "PinBlocked")

    @property
    def tries(self):
        return 5 if self.profile.startswith("fineid") else 3


class Keys:
    """What works the same whether the card wants its PINs padded or not; for a PinPadCase."""

    def test_reader__is_known_for_its_keys(self):
        self.assertTrue(self.get(self.find("Reader"), "Reader", "HasPinPad"))

    def test_verify__typed_on_the_reader__is_sent_once(self):
        job = self.start("Verify")
        question, entry = self.shown(role="authentication", tries_left=self.tries, purpose="verify-pin")
        self.assertEqual(self.client.get_property(SERVICE, job, f"{SERVICE}.Job", "WaitingFor"), "pinpad")
        entry.type(PIN1)
        self.assert_done(job)
        self.assertEqual(self.sent(), [("VERIFY", "9000")])
        self.assertEqual(self.peer.releases.get(timeout=20), question.details["job"])

    def test_login__typed_on_the_reader__serves_several_signatures(self):
        job = self.start("Login")
        self.type(PIN1)
        self.assert_done(job)
        for _ in range(3):
            self.client.signals.clear()
            self.assert_done(self.sign(key=self.authentication_key, agent=self.agent))
        self.assertEqual(self.sent(), [("VERIFY", "9000")])
        self.assertTrue(self.peer.requests.empty())

    def test_sign__with_pin_2__is_typed_for_each_signature(self):
        for _ in range(2):
            self.client.signals.clear()
            job = self.sign(agent=self.agent)
            self.assertEqual(self.type(PIN2, role="signature", purpose="sign"), "9000")
            self.assertIn("signature", self.assert_done(job))
        self.assertEqual(self.sent(), [("VERIFY", "9000")] * 2)

    def test_change__old_and_new_typed_on_the_reader__new_pin_works(self):
        job = self.start("Change")
        self.type(PIN1, NEW_PIN1, NEW_PIN1, role="authentication")
        self.assert_done(job)
        job = self.start("Verify")
        self.type(NEW_PIN1)
        self.assert_done(job)
        self.assertEqual(self.sent(), [("CHANGE", "9000"), ("VERIFY", "9000")])

    def test_unblock__puk_and_new_pin_typed_on_the_reader__works(self):
        self.block()
        self.assertEqual(len(self.sent()), self.tries)
        job = self.start("Unblock")
        self.type(PUK, NEW_PIN1, NEW_PIN1, role="puk")
        self.assert_done(job)
        job = self.start("Verify")
        self.type(NEW_PIN1)
        self.assert_done(job)
        self.assertEqual([verdict for verdict in self.sent() if verdict[1] == "9000"],
                         [("UNBLOCK", "9000"), ("VERIFY", "9000")])

    def test_wrong_pin__then_the_right_one__is_shown_again_with_the_counter(self):
        job = self.start("Verify")
        self.type("0000")
        self.assertEqual(self.type(PIN1, problem="incorrect", tries_left=self.tries - 1), "9000")
        self.assert_done(job)
        self.assertEqual([name for name, _ in self.sent()], ["VERIFY"] * 2)

    def test_change__wrong_old_pin__is_shown_again(self):
        job = self.start("Change")
        self.type("0000", NEW_PIN1, NEW_PIN1)
        self.type(PIN1, NEW_PIN1, NEW_PIN1, problem="incorrect", tries_left=self.tries - 1)
        self.assert_done(job)
        self.assertEqual([name for name, _ in self.sent()], ["CHANGE"] * 2)


class PaddedTest(Keys, PinPadCase):
    pass


class AsTypedTest(Keys, PinPadCase):
    profile = "pkcs15"


class OutcomeTest(PinPadCase):
    def nothing_was_sent(self):
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.get(self.pin1, "Pin", "TriesLeft"), 5)

    def verify_works(self):
        """The next job is none the worse for the one before."""
        job = self.start("Verify")
        self.assertEqual(self.type(PIN1), "9000")
        self.assert_done(job)

    def test_nobody_types__is_a_named_outcome(self):
        job = self.start("Verify")
        _, entry = self.shown()
        entry.time_out()
        self.assert_failed(job, "PinPadTimedOut")
        self.nothing_was_sent()
        self.verify_works()

    def test_cancelled_on_the_reader__is_a_named_outcome(self):
        for member in ("Verify", "Change"):
            job = self.start(member)
            _, entry = self.shown()
            entry.cancel()
            outcome, results = self.finished(job)
            self.assertEqual((outcome, results["error"]), ("cancelled", ERROR + "PinPadCancelled"))
        self.nothing_was_sent()
        self.verify_works()

    def test_new_pin_repeated_differently__is_a_named_outcome(self):
        job = self.start("Change")
        self.assertEqual(self.type(PIN1, NEW_PIN1, "999999"), "6402")
        self.assert_failed(job, "PinMismatch")
        self.nothing_was_sent()
        self.verify_works()

    def test_too_few_digits__is_a_named_outcome(self):
        job = self.start("Verify")
        self.assertEqual(self.type("123"), "6403")
        self.assert_failed(job, "PinLengthInvalid")
        self.nothing_was_sent()

    def test_card_pulled_while_somebody_types__ends_the_job_and_the_question(self):
        for member in ("Verify", "Change"):
            job = self.start(member)
            question, entry = self.shown()
            self.rig.card.remove()
            self.assertEqual(entry.result(), "none")
            self.assert_failed(job, "CardRemoved")
            self.assertEqual(self.peer.releases.get(timeout=20), question.details["job"])
            self.client.signals.clear()
            self.rig.card.insert()
            self.wait_until_read()
        self.verify_works()

    def check_given_up(self, give_up):
        """Somebody gives up while the reader, which cannot be called back, waits; what is typed later counts for
        nobody."""
        job = self.start("Login")
        question, entry = self.shown()
        give_up(job, question)
        if give_up != self.hang_up:
            self.assertEqual(self.finished(job)[0], "cancelled")
        entry.type(PIN1)
        self.assertEqual(entry.result(), "9000")
        self.assertEqual(self.card_status(), "63C5")
        second = self.start("Verify")
        self.type(PIN1)
        self.assert_done(second)
        self.assertEqual(self.card_status(), "63C5")
        self.assertEqual(self.sent(), [("VERIFY", "9000")] * 2)

    def card_status(self):
        """What the card says of PIN 1 to another program: "9000" while it is verified."""
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            card.transmit("00A4040C0CA000000063504B43532D3135")
            return card.transmit("00200011")[1]

    def decline(self, _job, question):
        self.peer.decline(question)

    def cancel(self, job, _question):
        self.client.call(SERVICE, job, f"{SERVICE}.Job", "Cancel")

    def hang_up(self, _job, _question):
        self.client.close()
        self.client = self.new_client()
        self.client.subscribe()

    def test_person_gives_up_at_the_computer__what_is_typed_later_logs_nobody_in(self):
        self.check_given_up(self.decline)

    def test_job_cancelled__what_is_typed_later_logs_nobody_in(self):
        self.check_given_up(self.cancel)

    def test_client_hangs_up__what_is_typed_later_logs_nobody_in(self):
        self.check_given_up(self.hang_up)

    def test_job_of_another_client__waits_for_the_keys_to_be_free(self):
        first = self.start("Verify")
        _, entry = self.shown()
        other = self.new_client()
        other.subscribe()
        second = self.job(self.pin1, "Pin", "Verify", other, agent=self.agent)
        entry.type(PIN1)
        self.assert_done(first)
        self.type(PIN1)
        self.assert_done(second, other)
        self.assertEqual(self.sent(), [("VERIFY", "9000")] * 2)

    def test_status_and_list__while_somebody_types__do_not_wait(self):
        job = self.start("Verify")
        _, entry = self.shown()
        self.assertEqual(self.get(self.pin1, "Pin", "TriesLeft"), 5)
        self.assertTrue(self.get(self.find("Token"), "Token", "Label"))
        entry.type(PIN1)
        self.assert_done(job)

    def test_batch__consented__is_typed_for_each_signature_where_the_card_wants_it(self):
        documents = [(f"{number}.pdf", bytes([number]) * 32) for number in range(3)]
        job = self.client.call(
            SERVICE, self.key, f"{SERVICE}.Key", "SignBatch", "(sa(say)a{sv})",
            ("ECDSA-SHA256", documents, {"agent": GLib.Variant("s", self.agent)}))[0]
        question = self.peer.next_request()
        self.assertEqual((question.member, question.question), ("Confirm", "batch"))
        self.peer.agree(question)
        for _ in documents:
            self.type(PIN2)
        self.assert_done(job)
        self.assertEqual(self.sent(), [("VERIFY", "9000")] * 3)


class ConfiguredTest(PinPadCase):
    def configuration(self):
        return "[pin]\npin-pad-timeout = 20s\n"

    def test_time_for_typing__is_the_one_configured(self):
        for member, values in (("Verify", [PIN1]), ("Change", [PIN1, NEW_PIN1, NEW_PIN1])):
            job = self.start(member)
            _, entry = self.shown()
            self.assertEqual(entry.fields["bTimerOut"], 20)
            entry.type(*values)
            self.assert_done(job)


class NeverTest(PinPadCase):
    def configuration(self):
        return "[pin]\npin-pad = never\n"

    def test_keys_not_wanted__pin_is_asked_at_the_computer(self):
        job = self.start("Verify")
        self.answer("RequestPin", PIN1)
        self.assert_done(job)
        self.assertFalse(self.pin_pad_reader.is_asked())


class ScriptTest(PinPadCase):
    def test_pin_from_a_script__is_not_asked_on_the_reader(self):
        self.peer.hang_up()
        with PrivatePeer(self.rig) as self.peer:
            self.agent = self.peer.register(interactive=False)
            job = self.start("Verify")
            self.answer("RequestPin", PIN1)
            self.assert_done(job)
        self.assertFalse(self.pin_pad_reader.is_asked())


class VerifyOnlyReaderTest(PinPadCase):
    pin_pad = {"features": ["verify"]}

    def test_change__reader_can_only_verify__is_typed_at_the_computer(self):
        job = self.start("Change")
        self.answer("RequestPin", PIN1)
        self.answer("RequestNewPin", NEW_PIN1)
        self.assert_done(job)
        job = self.start("Verify")
        self.type(NEW_PIN1)
        self.assert_done(job)


class ShortPinReaderTest(PinPadCase):
    """Real readers take eight digits, and a FINEID card may have a PIN of twelve."""

    pin_pad = {"max_length": 8}

    def answer_here(self, value):
        """The reader turns out not to be able to ask, and the person is told to type at the computer instead."""
        self.assertEqual(self.peer.next_request().member, "ShowPinPad")
        self.answer("RequestPin", value)

    def test_pin_that_may_be_longer__is_typed_at_the_computer(self):
        job = self.start("Verify")
        self.answer_here(PIN1)
        self.assert_done(job)
        job = self.start("Change")
        self.answer_here(PIN1)
        self.answer("RequestNewPin", NEW_PIN1)
        self.assert_done(job)
        self.client.signals.clear()
        job = self.sign(agent=self.agent)
        self.answer_here(PIN2)
        self.assert_done(job)
        self.assertFalse(self.pin_pad_reader.is_asked())
        self.assertEqual(self.sent(), [("VERIFY", "9000"), ("CHANGE", "9000"), ("VERIFY", "9000")])


if __name__ == "__main__":
    tap_runner.main()
