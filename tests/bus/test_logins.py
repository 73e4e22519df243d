# SPDX-License-Identifier: LGPL-2.1-or-later
"""Logins: whose they are, what ends them, and what the card is left with."""

import os
import random

import tap_runner
from bus_client import GLib
from daemon_case import PIN1, PIN2, SERVICE, DaemonCase
from logind import Logind, SystemBus
from private_peer import ROOT, PrivatePeer

VERIFY_PIN1 = "002000110C"
VERIFY_PIN2 = "002000820C"
FORGET_PIN1 = "0020FF11"
HASH = "002A90A0"
COMPUTE_SIGNATURE = "002A9E9A"


class LoginCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.agent = self.peer.register()
        self.key1 = self.authentication_key
        self.key2 = self.key

    def log_in(self, client=None, pin=PIN1):
        job = self.job(self.pin("authentication"), "Pin", "Login", client, agent=self.agent)
        self.answer("RequestPin", pin, purpose="login")
        self.assert_done(job, client)

    def other_client(self):
        client = self.new_client()
        client.subscribe()
        return client

    def sign1(self, client=None, data=bytes(32)):
        return self.sign(client=client, key=self.key1, data=data, agent=self.agent)

    def assert_signs_without_asking(self, client=None):
        self.assert_done(self.sign1(client), client)
        self.assertTrue(self.peer.requests.empty())

    def assert_is_asked(self, client=None):
        job = self.sign1(client)
        self.peer.decline(self.peer.next_request())
        self.assertEqual(self.finished(job, client)[0], "cancelled")

    def logins(self):
        return self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "ListLogins")[0]

    def wait_for_logins(self, count):
        while len(self.logins()) != count:
            self.client.signals.clear()
            if len(self.logins()) != count:
                self.client.wait_for(lambda _, member, __: member == "LoginsChanged", f"{count} logins")

    def card_signs_for_other_programs(self):
        """What a program finds that goes straight to the card and has no PIN."""
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            card.begin_transaction()
            card.transmit("00A4040C0CA000000063504B43532D3135")
            card.transmit("002241B606800144840101")
            card.transmit("002A90A0229020" + "5A" * 32)
            _, status = card.transmit("002A9E9A60")
            card.end_transaction()
        return status == "9000"

    def wait_until_card_forgets(self):
        # The log-out is on its way when a login is gone from the list; a signature of another key waits behind it.
        job = self.sign(key=self.key2, agent=self.agent)
        self.answer("RequestPin", PIN2)
        self.assert_done(job)


class LoginTest(LoginCase):
    def test_login__serves_its_client_until_logout_and_then_the_card_forgets(self):
        self.rig.card.clear_log()
        self.log_in()
        for _ in range(3):
            self.assert_signs_without_asking()
        self.assertEqual(len(self.commands(VERIFY_PIN1)), 1)
        self.assertEqual(len(self.commands(COMPUTE_SIGNATURE)), 3)
        self.assertEqual(self.commands(FORGET_PIN1), [])
        token = self.find("Token")
        self.client.call(SERVICE, token, f"{SERVICE}.Token", "Logout")
        self.assertEqual(self.logins(), [])
        self.assert_is_asked()
        self.assertEqual(len(self.commands(FORGET_PIN1)), 1)
        self.assertFalse(self.card_signs_for_other_programs())

    def test_login__further_signature__costs_no_select_and_no_verify(self):
        self.log_in()
        self.assert_signs_without_asking()
        self.rig.card.clear_log()
        self.assert_signs_without_asking()
        commands = [command[:8] for command, _ in self.commands()]
        # The key need not be named anew where the card was held since the last signature.
        self.assertIn(commands, ([HASH, COMPUTE_SIGNATURE], ["002241B6", HASH, COMPUTE_SIGNATURE]))

    def test_login__belongs_to_one_client(self):
        other = self.other_client()
        self.log_in()
        self.assert_is_asked(other)
        self.assert_signs_without_asking()

    def test_hang_up__ends_the_login_and_the_card_forgets(self):
        other = self.other_client()
        self.log_in(other)
        self.assertTrue(self.card_signs_for_other_programs())  # else the check below would prove nothing
        other.close()
        self.wait_for_logins(0)
        self.wait_until_card_forgets()
        self.assertFalse(self.card_signs_for_other_programs())

    def test_hang_up_of_one__leaves_the_other_logged_in(self):
        other = self.other_client()
        self.log_in(other)
        self.log_in()
        other.close()
        self.wait_for_logins(1)
        self.assert_signs_without_asking()

    def test_lock__ends_all(self):
        other = self.other_client()
        self.log_in()
        self.log_in(other)
        self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "Lock")
        self.assertEqual(self.logins(), [])
        self.assert_is_asked()
        self.assert_is_asked(other)

    def test_list_and_end_one(self):
        other = self.other_client()
        self.log_in()
        self.log_in(other)
        logins = self.logins()
        self.assertEqual(len(logins), 2)
        for login in logins:
            self.assertEqual(login["pid"], os.getpid())
            self.assertEqual(login["token"], self.find("Token"))
            self.assertEqual(login["pin"], self.pin("authentication"))
            self.assertLessEqual(login["since"], login["last-used"])
        self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "EndLogin", "(t)", (logins[0]["id"],))
        self.assertEqual([login["id"] for login in self.logins()], [logins[1]["id"]])
        self.assert_is_asked()
        self.assert_signs_without_asking(other)
        self.assert_refused("InvalidArgument", self.client.call, SERVICE, ROOT, f"{SERVICE}.Manager", "EndLogin", "(t)",
                            (logins[0]["id"],))

    def test_removal__ends_it_and_an_inserted_card_asks_again(self):
        self.log_in()
        self.rig.card.remove()
        self.wait_for_logins(0)
        self.client.signals.clear()
        self.rig.card.insert()
        self.wait_until_read()
        self.assert_is_asked()

    def test_reset_by_another_program__asks_the_person_again_never_the_memory(self):
        self.log_in()
        self.rig.card.reset_by_another_program()
        self.rig.card.clear_log()
        job = self.sign1()
        self.answer("RequestPin", PIN1, purpose="sign")
        self.assert_done(job)
        self.assertEqual(len(self.commands(VERIFY_PIN1)), 1)
        self.assert_signs_without_asking()

    def test_another_program_selects_its_own_application__login_goes_on(self):
        self.log_in()
        with self.rig.pcscd.client.connect(self.rig.card.reader) as card:
            card.transmit("00A4000C023F00")
        self.assert_signs_without_asking()

    def test_signature_pin__is_asked_each_time_and_has_no_login(self):
        self.assert_refused("NotSupported", self.job, self.pin("signature"), "Pin", "Login", agent=self.agent)
        self.rig.card.clear_log()
        for _ in range(2):
            job = self.sign(key=self.key2, agent=self.agent)
            self.answer("RequestPin", PIN2)
            self.assert_done(job)
        self.assertEqual(len(self.commands(VERIFY_PIN2)), 2)

    def test_signature_of_another_key__leaves_the_login_alone(self):
        self.log_in()
        job = self.sign(key=self.key2, agent=self.agent)
        self.answer("RequestPin", PIN2)
        self.assert_done(job)
        self.assert_signs_without_asking()

    def test_login_of_a_private_connection__ends_with_the_connection(self):
        with PrivatePeer(self.rig) as peer:
            peer.register()
            job = peer.call(self.pin("authentication"), f"{SERVICE}.Pin", "Login", "(a{sv})", ({},))[0]
            question = peer.next_request()
            peer.answer(question, PIN1)
            self.assertEqual(peer.releases.get(timeout=20), question.details["job"])
            self.wait_for_logins(1)
            self.assertTrue(job.startswith(f"{ROOT}/job/private/"))
        self.wait_for_logins(0)

    def test_idle_client_in_a_prompt__does_not_hold_up_one_that_is_logged_in(self):
        other = self.other_client()
        self.log_in()
        waiting = self.sign(client=other, key=self.key2, agent=self.agent)
        question = self.peer.next_request()
        self.assert_signs_without_asking()
        self.peer.answer(question, PIN2)
        self.assert_done(waiting, other)

    def test_two_clients__1000_operations__neither_signs_with_the_others_login(self):
        other = self.other_client()
        self.log_in()
        self.rig.card.clear_log()
        typed = signed_by_other = 0
        choice = random.Random(20260113)
        for number in range(1000):
            if choice.random() < 0.7:
                data = bytes([0xA0]) + number.to_bytes(31, "big")
                self.client.signals.clear()
                self.assert_done(self.sign1(data=data))
                continue
            data = bytes([0xB0]) + number.to_bytes(31, "big")
            other.signals.clear()
            job = self.sign1(other, data)
            question = self.peer.next_request()
            if choice.random() < 0.5:
                self.peer.decline(question)
                self.assertEqual(self.finished(job, other)[0], "cancelled")
            else:
                self.peer.answer(question, PIN1)
                self.assert_done(job, other)
                typed += 1
                signed_by_other += 1
        self.assertGreater(signed_by_other, 50)
        self.assertEqual(len(self.commands(VERIFY_PIN1)), typed)
        verified_since_last_signature = False
        seen = 0
        for command, status in self.commands():
            if command.startswith(VERIFY_PIN1):
                verified_since_last_signature = status == "9000"
            elif command.startswith(HASH + "229020B0"):
                self.assertTrue(verified_since_last_signature, f"{command}: signed without a PIN of its own")
                seen += 1
            elif command.startswith(COMPUTE_SIGNATURE):
                verified_since_last_signature = False
        self.assertEqual(seen, signed_by_other)


class BatchTest(LoginCase):
    def batch(self, key, names):
        items = [(name, bytes([number]) * 32) for number, name in enumerate(names)]
        return self.client.call(SERVICE, key, f"{SERVICE}.Key", "SignBatch", "(sa(say)a{sv})",
                                ("ECDSA-SHA256", items, {"agent": GLib.Variant("s", self.agent)}))[0]

    def test_batch__one_consented_entry__signs_all(self):
        names = ["first.pdf", "second.pdf", "third.pdf"]
        for key, pin, prefix, verifications in ((self.key2, PIN2, VERIFY_PIN2, 3), (self.key1, PIN1, VERIFY_PIN1, 1)):
            self.rig.card.clear_log()
            self.client.signals.clear()
            job = self.batch(key, names)
            self.answer("Confirm", True, documents=names, signatures=3)
            self.answer("RequestPin", pin, purpose="sign-batch", documents=names)
            results = self.assert_done(job)
            self.assertEqual(len({bytes(signature) for signature in results["signatures"]}), 3)
            self.assertEqual(len(self.commands(prefix)), verifications)
            self.assert_is_asked()

    def test_batch__declined_or_locked__signs_nothing_more(self):
        job = self.batch(self.key2, ["a.pdf", "b.pdf"])
        self.answer("Confirm", False)
        self.assertEqual(self.finished(job)[0], "cancelled")
        self.client.signals.clear()
        job = self.batch(self.key2, ["a.pdf", "b.pdf"])
        self.peer.next_request()
        self.client.call(SERVICE, ROOT, f"{SERVICE}.Manager", "Lock")
        self.assertEqual(self.finished(job)[0], "cancelled")
        self.assertEqual(self.commands(COMPUTE_SIGNATURE), [])

    def test_batch__is_checked(self):
        self.assert_refused("InvalidArgument", self.batch, self.key2, [])
        self.assert_refused("InvalidArgument", self.batch, self.key2, [""])
        self.assert_refused("LimitExceeded", self.batch, self.key2, ["x"] * 101)


class SessionCase(LoginCase):
    def setUp(self):
        super().setUp()
        system_bus = self.enterContext(SystemBus(self.rig.bus))
        self.logind = self.enterContext(Logind(system_bus))
        self.logind.add_session("1", Active=True)
        self.logind.wait_for_inhibitor(1)  # the daemon has found it


class SessionTest(SessionCase):
    def test_sleep__waits_until_the_card_has_forgotten(self):
        self.log_in()
        self.assertTrue(self.card_signs_for_other_programs())
        self.rig.card.clear_log()
        self.logind.prepare_for_sleep(True)
        self.logind.wait_for_inhibitor(1).wait_released()
        self.assertEqual(len(self.commands(FORGET_PIN1)), 1)
        self.assertFalse(self.card_signs_for_other_programs())
        self.assertEqual(self.logins(), [])

    def test_screen_lock__ends_logins(self):
        for lock in (lambda: self.logind.ask_to_lock("1"), lambda: self.logind.set("1", LockedHint=True)):
            self.log_in()
            lock()
            self.wait_for_logins(0)
            self.assert_is_asked()

    def test_screen_lock__ends_a_batch_that_is_waiting(self):
        job = self.client.call(SERVICE, self.key2, f"{SERVICE}.Key", "SignBatch", "(sa(say)a{sv})",
                               ("ECDSA-SHA256", [("a.pdf", bytes(32))] * 2, {"agent": GLib.Variant("s", self.agent)}))[0]
        self.peer.next_request()
        self.logind.ask_to_lock("1")
        self.assertEqual(self.finished(job)[0], "cancelled")


class SessionIgnoredTest(SessionCase):
    def configuration(self):
        return "[login]\nend-on-screen-lock = no\nend-on-suspend = no\n"

    def test_lock_and_sleep__as_configured__leave_the_login(self):
        self.log_in()
        self.logind.ask_to_lock("1")
        self.logind.prepare_for_sleep(True)
        self.logind.wait_for_inhibitor(1).wait_released()
        self.assert_signs_without_asking()


class IdleLimitTest(LoginCase):
    def configuration(self):
        return "[login]\nidle-limit = 2s\n"

    def test_idle_limit__ends_the_login(self):
        self.log_in()
        self.wait_for_logins(0)
        self.assert_is_asked()


class LoginForbiddenTest(LoginCase):
    def configuration(self):
        return "[login]\nallowed = no\n"

    def test_login__is_refused_by_name(self):
        self.assert_refused("PolicyForbids", self.job, self.pin("authentication"), "Pin", "Login", agent=self.agent)


if __name__ == "__main__":
    tap_runner.main()
