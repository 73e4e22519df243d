# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changing, unblocking and activating PINs on a card in a real pcscd."""

import tap_runner
from daemon_case import ERROR, PIN1, PIN2, PUK, SERVICE, DaemonCase
from private_peer import ROOT, PrivatePeer

NEW_PIN1, NEW_PIN2 = "8264", "739164"
CODE = "7391648"  # of a card with preset PINs

VERIFY = "00200011"
CHANGE = "00240011"


class PinCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.agent = self.peer.register()

    @property
    def pin1(self):
        return self.pin("authentication")

    def start(self, member, path=None, agent=None):
        return self.job(path or self.pin1, "Pin", member, agent=agent or self.agent)

    def change(self, old=PIN1, new=NEW_PIN1):
        job = self.start("Change")
        self.answer("RequestPin", old)
        self.answer("RequestNewPin", new)
        return job

    def verify(self, pin, expected="done"):
        """One attempt; a wrong PIN is followed by giving up."""
        self.client.signals.clear()
        job = self.start("Verify")
        self.answer("RequestPin", pin)
        if expected != "done":
            self.peer.decline(self.peer.next_request())
        self.assertEqual(self.finished(job)[0], expected)

    def tries_left(self, path=None):
        return self.get(path or self.pin1, "Pin", "TriesLeft")

    def pull_and_insert(self):
        self.rig.card.control("fault clear")
        if self.rig.card.status()["inserted"]:
            self.rig.card.remove()
        self.client.signals.clear()
        self.rig.card.insert()
        self.wait_until_read()


class ChangeTest(PinCase):
    def test_change__new_pin_works_at_once_and_the_old_one_no_more(self):
        self.rig.card.clear_log()
        self.assert_done(self.change())
        self.assertEqual([status for _, status in self.commands(CHANGE)], ["9000"])
        self.assertEqual(self.commands(VERIFY), [])
        self.verify(NEW_PIN1)
        self.verify(PIN1, expected="cancelled")

    def test_change__wrong_old_pin__is_asked_again_and_the_new_one_is_not(self):
        job = self.change(old="0000")
        self.answer("RequestPin", PIN1, problem="incorrect", tries_left=4)
        self.assert_done(job)
        self.assertEqual(self.tries_left_when_read(), 5)

    def tries_left_when_read(self):
        while self.tries_left() != 5:
            self.client.signals.clear()
            if self.tries_left() != 5:
                self.client.wait_for(lambda _, member, __: member == "PropertiesChanged", "the tries to be read")
        return self.tries_left()

    def test_change__easy_or_same_pin__is_a_warning(self):
        job = self.change(new="0000")
        question = self.answer("Confirm", True)
        self.assertEqual(question.question, "trivial-pin")
        self.assert_done(job)
        self.client.signals.clear()
        job = self.change(old="0000", new="0000")
        question = self.answer("Confirm", False)
        self.assertEqual(question.question, "same-pin")
        self.assertEqual(self.finished(job)[0], "cancelled")

    def test_change__new_pin_against_the_rules__never_reaches_the_card(self):
        self.rig.card.clear_log()
        job = self.start("Change")
        self.answer("RequestPin", PIN1)
        self.answer("RequestNewPin", "12")
        self.answer("RequestNewPin", "12ab", problem="length")
        self.answer("RequestNewPin", NEW_PIN1, problem="characters")
        self.assert_done(job)
        self.assertEqual(len(self.commands(CHANGE)), 1)

    def test_puk__is_neither_changed_nor_unblocked(self):
        puk = self.pin("puk")
        for member in ("Change", "Unblock", "Login"):
            self.assert_refused("NotSupported", self.start, member, puk)
        self.assertEqual(self.get(self.pin1, "Pin", "Puk"), puk)

    def test_removal_at_every_exchange__leaves_one_pin_that_works(self):
        current, other = PIN1, NEW_PIN1
        self.assert_done(self.change(current, other))
        current, other = other, current
        self.rig.card.clear_log()
        self.client.signals.clear()
        self.assert_done(self.change(current, other))
        current, other = other, current
        self.pull_and_insert()  # what follows the change, the reading of the tries, is over then
        count = len(self.commands())
        sent = next(i for i, (command, _) in enumerate(self.commands(), 1) if command.startswith(CHANGE))
        for fault in ("removed", "removed-after"):
            for number in range(1, min(count, sent + 2) + 1):
                with self.subTest(fault=fault, exchange=number):
                    self.rig.card.clear_log()
                    self.client.signals.clear()
                    self.rig.card.fault(fault, number)
                    job = self.start("Change")
                    asked = 0
                    while self.peer.requests.qsize() or not self.is_finished(job):
                        question = self.next_unless_finished(job)
                        if question is None:
                            break
                        asked += 1
                        self.peer.answer(question, current if question.member == "RequestPin" else other)
                    outcome, results = self.finished(job)
                    if outcome == "failed":
                        self.assertEqual(results["error"], ERROR + "CardRemoved", results)
                    self.assertLessEqual(len(self.commands(CHANGE)), 1)
                    # Which exchange the fault hits is not certain: the tries may be read once more in between.
                    changed = any(status == "9000" for _, status in self.commands(CHANGE)) or (
                        fault == "removed-after" and self.commands()[-1][0].startswith(CHANGE))
                    if outcome == "done":
                        self.assertTrue(changed)
                    if changed:
                        current, other = other, current
                    self.pull_and_insert()
                    self.assertEqual(self.tries_left(), 5)
                    self.verify(current)

    def is_finished(self, job):
        return any(path == job and member == "Finished" for path, member, _ in self.client.signals)

    def next_unless_finished(self, job):
        """The next question, or None if the job ends before one comes."""
        while not self.is_finished(job):
            if self.peer.requests.qsize():
                return self.peer.next_request()
            self.client.iterate(0.02)
        return None


class UnblockTest(PinCase):
    def block(self):
        job = self.start("Verify")
        for wrong in ("0001", "0002", "0003", "0004"):
            self.answer("RequestPin", wrong)
        question = self.answer("Confirm", True)
        self.assertEqual(question.question, "last-try")
        self.answer("RequestPin", "0005", tries_left=1)
        self.assert_failed(job, "PinBlocked")
        self.client.signals.clear()

    def test_wrong_until_blocked__then_unblock__works(self):
        self.rig.card.clear_log()
        self.block()
        self.assertEqual(self.get(self.pin1, "Pin", "State"), "blocked")
        self.assertEqual(len(self.commands(VERIFY)), 5)
        self.assert_failed(self.start("Verify"), "PinBlocked")
        self.assertEqual(len(self.commands(VERIFY)), 5)
        self.client.signals.clear()
        job = self.start("Unblock")
        self.answer("RequestPin", PUK, role="puk", target="PIN 1 (basic)", tries_left=5)
        self.answer("RequestNewPin", NEW_PIN1, pin="PIN 1 (basic)")
        self.assert_done(job)
        self.verify(NEW_PIN1)

    def test_last_try__of_a_script__is_refused_and_costs_nothing(self):
        job = self.start("Verify")
        for wrong in ("0001", "0002", "0003", "0004"):
            self.answer("RequestPin", wrong)
        self.peer.agree(self.peer.next_request(), False)
        self.assertEqual(self.finished(job)[0], "cancelled")
        self.peer.hang_up()
        with PrivatePeer(self.rig) as script:
            self.client.signals.clear()
            agent = script.register(interactive=False)
            self.assert_failed(self.start("Verify", agent=agent), "LastTryRefused")
        self.assertEqual(self.tries_left(), 1)

    def test_wrong_pin__is_not_sent_again_by_another_client(self):
        job = self.start("Verify")
        self.answer("RequestPin", "0001")
        self.peer.decline(self.peer.next_request())
        self.finished(job)
        other = self.new_client()
        other.subscribe()
        job = self.job(self.pin1, "Pin", "Verify", other, agent=self.agent)
        self.answer("RequestPin", "0001", tries_left=4)
        self.answer("RequestPin", PIN1, problem="known-wrong", tries_left=4)
        self.assert_done(job, other)

    def test_wrong_puk__tells_what_is_left_and_the_last_one_is_confirmed(self):
        job = self.start("Unblock")
        self.answer("RequestPin", "00000001")
        self.answer("RequestNewPin", NEW_PIN1)
        for number, left in ((2, 4), (3, 3), (4, 2)):
            self.answer("RequestPin", f"0000000{number}", problem="incorrect", tries_left=left)
        question = self.answer("Confirm", True, tries_left=1, role="puk")
        self.assertEqual(question.question, "last-try")
        self.answer("RequestPin", "00000005")
        self.assert_failed(job, "PukBlocked")
        self.client.signals.clear()
        self.assert_failed(self.start("Unblock"), "PukBlocked")
        self.verify(PIN1)  # it never was blocked itself


class Activation:
    """Tests of a new card, for a PinCase. `code` is what the letter says, `command` what sets a PIN with it."""

    code = command = None

    def start_activation(self):
        return self.job(self.find("Token"), "Token", "Activate", agent=self.agent)

    def activate(self):
        job = self.start_activation()
        self.answer("RequestPin", self.code, role="activation-code", tries_left=5)
        self.answer("RequestNewPin", NEW_PIN1, pin="PIN 1 (basic)")
        self.answer("RequestNewPin", NEW_PIN2, pin="PIN 2 (signature)")
        return job

    def state(self):
        return self.get(self.find("Token"), "Token", "State")

    def assert_new(self):
        self.assertEqual(self.state(), "needs-activation")

    def wait_until_ready(self):
        while self.state() != "ready":
            self.client.signals.clear()
            if self.state() != "ready":
                self.client.wait_for(lambda _, member, __: member == "PropertiesChanged", "the card to be ready")

    def test_activation(self):
        self.assert_new()
        self.assert_failed(self.start("Verify"), "NeedsActivation")
        self.assert_done(self.activate())
        self.wait_until_ready()
        self.verify(NEW_PIN1)
        self.client.signals.clear()
        job = self.sign(agent=self.agent)
        self.answer("RequestPin", NEW_PIN2)
        self.assert_done(job)
        self.assert_refused("NotSupported", self.start_activation)

    def test_insertion__is_announced(self):
        self.client.signals.clear()
        self.rig.card.remove()
        self.rig.card.insert()
        _, _, values = self.client.wait_for(lambda _, member, __: member == "TokenNeedsActivation", "the signal")
        self.assertEqual(values[0], self.find("Token"))
        self.assertIn("has to be activated", self.rig.bus.log())

    def test_wrong_code__is_asked_again_and_not_sent_twice(self):
        job = self.start_activation()
        wrong = "1" * len(self.code)
        self.answer("RequestPin", wrong)
        self.answer("RequestNewPin", NEW_PIN1)
        self.answer("RequestNewPin", NEW_PIN2)
        self.answer("RequestPin", wrong, problem="incorrect", tries_left=4)
        self.answer("RequestPin", self.code, problem="known-wrong", tries_left=4)
        self.assert_done(job)

    def test_cancelled_while_typing__has_sent_nothing(self):
        for answered in range(3):
            self.client.signals.clear()
            self.rig.card.clear_log()
            job = self.start_activation()
            for value in (self.code, NEW_PIN1)[:answered]:
                self.peer.answer(self.peer.next_request(), value)
            self.peer.decline(self.peer.next_request())
            self.assertEqual(self.finished(job)[0], "cancelled")
            self.assertEqual(self.commands("0024") + self.commands("002C"), [])
            self.assert_new()

    def answer_all_but_the_last(self):
        """The job, and the question whose answer sends it to the card."""
        job = self.start_activation()
        self.answer("RequestPin", self.code)
        self.answer("RequestNewPin", NEW_PIN1)
        question = self.peer.next_request()
        self.rig.card.clear_log()
        return job, question

    def positions(self):
        """Which exchanges after the last answer set the two PINs, learned from an activation that succeeds."""
        job, question = self.answer_all_but_the_last()
        self.peer.answer(question, NEW_PIN2)
        self.assert_done(job)
        found = [number for number, (command, _) in enumerate(self.commands(), 1) if command.startswith(self.command)]
        self.assertEqual(len(found), 2)
        return found

    def test_removal_at_each_command__resumes_with_what_is_missing(self):
        for position, already_set in zip(self.positions(), (0, 1)):
            for fault in ("removed", "removed-after"):
                with self.subTest(fault=fault, already_set=already_set):
                    self.doCleanups()
                    self.setUp()  # a card that is new again
                    self.check_removal(fault, position, already_set + (fault == "removed-after"))

    def check_removal(self, fault, position, pins_set):
        job, question = self.answer_all_but_the_last()
        self.rig.card.fault(fault, position)
        self.peer.answer(question, NEW_PIN2)
        self.assert_failed(job, "CardRemoved")
        self.pull_and_insert()
        missing = (NEW_PIN1, NEW_PIN2)[pins_set:]
        if missing:
            self.assert_new()
            self.client.signals.clear()
            job = self.start_activation()
            self.answer("RequestPin", self.code)
            for pin in missing:
                self.answer("RequestNewPin", pin)
            self.assert_done(job)
            self.wait_until_ready()
        self.verify(NEW_PIN1)
        self.assertTrue(self.peer.requests.empty())


class BlockedPinsTest(Activation, PinCase):
    card = {"activation": "blocked-pins"}
    code, command = PUK, "002C"


class FactoryPinsTest(Activation, PinCase):
    card = {"activation": "factory-pins",
            "pins": {"pin1": CODE, "pin2": CODE, "puk": PUK, "activation-code": CODE}}
    code, command = CODE, "0024"


class KeyTest(PinCase):
    def test_key_test__signs_and_checks(self):
        for key, pin in ((self.authentication_key, PIN1), (self.key, PIN2)):
            self.client.signals.clear()
            job = self.job(key, "Key", "Test", agent=self.agent)
            self.answer("RequestPin", pin, purpose="test-key")
            self.assert_done(job)

    def test_refresh__shows_what_another_program_did(self):
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            card.transmit("00A4040C0CA000000063504B43532D3135")
            card.transmit("002000110C" + b"0000".hex() + "00" * 8)
        self.client.signals.clear()
        token = self.find("Token")
        self.client.call(SERVICE, token, f"{SERVICE}.Token", "Refresh")
        self.client.wait_for(lambda path, member, values: member == "PropertiesChanged" and
                             values[1].get("TriesLeft") == 4, "the new counter")

    def test_job_properties__say_what_is_waited_for(self):
        job = self.start("Change")
        question = self.peer.next_request()
        self.assertEqual(self.client.get_property(SERVICE, job, f"{SERVICE}.Job", "WaitingFor"), "pin")
        self.assertEqual(self.client.get_property(SERVICE, job, f"{SERVICE}.Job", "Kind"), "change-pin")
        self.assertTrue(question.details["job"])
        self.peer.decline(question)
        self.assertEqual(self.peer.releases.get(timeout=20), question.details["job"])
        self.assertTrue(job.startswith(f"{ROOT}/job/"))


if __name__ == "__main__":
    tap_runner.main()
