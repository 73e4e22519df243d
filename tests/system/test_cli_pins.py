# SPDX-License-Identifier: LGPL-2.1-or-later
"""PINs and activation with digisignctl, as a person and as a script use it, on a real pcscd with the virtual card."""

import json
import os
import signal
import tempfile

import tap_runner
from digisign_rig import Deadline, Rig
from private_peer import ROOT, PrivatePeer
from terminal_session import TerminalSession
from test_cli import CANCELLED, CARD, CERTIFICATE, FAILURE, NO_CARD, PIN, SUCCESS, USAGE, CliTest

PIN1 = "8264"
PIN2 = "159357"
PUK = "73519046"
CODE = "58203614"
SINGLE_USE_CODE = "5820361"
NEW_PIN1 = "596184"
NEW_PIN2 = "71930482"
PINS = {"pin1": PIN1, "pin2": PIN2, "puk": PUK}

# None twice the same: what was wrong before is not sent again.
WRONG_PIN1 = [f"90{number}7" for number in range(21, 30)]
WRONG_PIN2 = [f"90{number}753" for number in range(21, 30)]
WRONG_PUK = [f"90{number}7531" for number in range(21, 30)]

VERIFY, CHANGE, RESET = "VERIFY", "CHANGE REFERENCE DATA", "RESET RETRY COUNTER"


class PinTest(CliTest):
    """Each test has a card of its own."""

    def start(self, **options):
        self.rig = self.enterContext(Rig(**{"pins": PINS, **options}))

    def sent(self):
        """How many commands with a PIN the card got."""
        counts = self.rig.card.status()["counts"]
        return {name: counts[name] for name in (VERIFY, CHANGE, RESET) if name in counts}

    def talk(self, *arguments, dialog, expect=SUCCESS):
        """Answers each question of `dialog`, pairs of what is expected and what is typed. Returns all that was on the
        terminal, where nothing of digits that was typed may be."""
        with self.terminal(*arguments) as session:
            for question, answer in dialog:
                session.expect(question)
                session.send(answer + "\n")
            self.assertEqual(session.wait(), expect, session.transcript)
            self.assertTrue(session.echoes())
        for _, answer in dialog:
            if answer.isdigit():
                self.assertNotIn(answer, session.transcript)
        return session.transcript

    def run_with_lines(self, *arguments, lines, new_lines=None, expect=SUCCESS):
        """With --pin-fd and --new-pin-fd, which are the same where `new_lines` is None."""
        reading, writing = os.pipe()
        os.write(writing, "".join(line + "\n" for line in lines).encode())
        os.close(writing)
        descriptors = [reading, reading]
        if new_lines is not None:
            descriptors[1], writing = os.pipe()
            os.write(writing, "".join(line + "\n" for line in new_lines).encode())
            os.close(writing)
        try:
            return self.run_cli(*arguments, "--pin-fd", str(descriptors[0]), "--new-pin-fd", str(descriptors[1]),
                                pass_fds=descriptors, expect=expect)
        finally:
            for descriptor in set(descriptors):
                os.close(descriptor)

    def pins(self):
        """What `pin list` says, by reference."""
        listing = json.loads(self.run_cli("pin", "list", "--json").stdout)
        return {pin["reference"]: pin for card in listing["cards"] for pin in card["pins"]}


def change_dialog(old, new, again=None):
    return [("tries left: ", old), ("New PIN", new), (" again: ", again or new)]


class Change(PinTest):
    def test_new_pin__works_at_once_and_the_old_one_no_more(self):
        self.start()
        shown = self.talk("pin", "change", "signature", dialog=change_dialog(PIN2, NEW_PIN2))
        self.assertIn("Change PIN 2", shown)
        self.assertIn("has 6 to 12 digits", shown)
        self.assertIn("PIN 2 (signature) is changed.", shown)
        self.assertEqual(self.sent(), {CHANGE: 1})
        path = self.document()
        self.run_cli("sign", path, pin=NEW_PIN2)
        self.assert_signed(path)
        self.assertIn("4 tries left", self.run_cli("pin", "verify", "signature", pin=PIN2, expect=PIN).stderr)
        self.assertEqual(self.sent(), {CHANGE: 1, VERIFY: 2})

    def test_wrong_current_pin__is_asked_again_and_the_new_one_is_not(self):
        self.start()
        shown = self.talk("pin", "change", dialog=[*change_dialog(WRONG_PIN1[0], NEW_PIN1), ("4 tries left: ", PIN1)])
        self.assertIn("Wrong PIN; 4 tries left.", shown)
        self.assertEqual(shown.count(" again: "), 1)
        self.assertEqual(self.sent(), {CHANGE: 2})
        self.run_cli("pin", "verify", pin=NEW_PIN1)

    def test_new_pin_mistyped__is_asked_from_the_start_within_the_job(self):
        self.start()
        shown = self.talk("pin", "change", dialog=[
            *change_dialog(PIN1, NEW_PIN1, NEW_PIN1 + "5"), ("New PIN", NEW_PIN1), (" again: ", NEW_PIN1)])
        self.assertIn("not the same", shown)
        self.assertEqual(self.sent(), {CHANGE: 1})
        self.run_cli("pin", "verify", pin=NEW_PIN1)

    def test_new_pin_against_the_rules__is_told_and_asked_again(self):
        self.start()
        shown = self.talk("pin", "change", dialog=[
            ("tries left: ", PIN1), ("basic): ", "817"), ("basic): ", "5961843526081"), ("basic): ", "59o184"),
            ("basic): ", NEW_PIN1), (" again: ", NEW_PIN1)])
        self.assertEqual(shown.count("PIN 1 (basic) has 4 to 12 digits."), 3)  # the rule, and two objections
        self.assertIn("consists of digits only", shown)
        self.assertEqual(self.sent(), {CHANGE: 1})

    def test_new_pin_that_is_the_old_one__needs_consent(self):
        self.start()
        shown = self.talk("pin", "change", dialog=[*change_dialog(PIN1, PIN1), ("[y/N] ", "n")], expect=CANCELLED)
        self.assertIn("the same as the old one", shown)
        self.assertEqual(self.sent(), {})
        self.talk("pin", "change", dialog=[*change_dialog(PIN1, PIN1), ("[y/N] ", "y")])
        self.assertEqual(self.sent(), {CHANGE: 1})

    def test_trivial_new_pin__needs_consent(self):
        for trivial in ("1234", "0000", "1987", "87654321"):
            with self.subTest(pin=trivial):
                self.start()
                shown = self.talk("pin", "change", dialog=[*change_dialog(PIN1, trivial), ("[y/N] ", "")],
                                  expect=CANCELLED)
                self.assertIn("easy to guess", shown)
                self.assertEqual(self.sent(), {})
                self.talk("pin", "change", dialog=[*change_dialog(PIN1, trivial), ("[y/N] ", "y")])
                self.run_cli("pin", "verify", pin=trivial)

    def test_given_up_at_any_question__changes_nothing(self):
        self.start()
        dialog = change_dialog(PIN1, NEW_PIN1)
        for position, (question, _) in enumerate(dialog):
            for typed, code in (("\x04", CANCELLED), ("\n", CANCELLED), ("\x03", -signal.SIGINT)):
                with self.subTest(question=question, typed=typed), self.terminal("pin", "change") as session:
                    for earlier, answer in dialog[:position]:
                        session.expect(earlier)
                        session.send(answer + "\n")
                    session.expect(question)
                    if question == "New PIN":
                        session.expect(": ")
                    session.send(typed)
                    self.assertEqual(session.wait(), code, session.transcript)
                    self.assertTrue(session.echoes())
        self.assertEqual(self.sent(), {})
        self.run_cli("pin", "verify", pin=PIN1)

    def test_stopped_and_continued__asks_the_same_question_again(self):
        self.start()
        env = dict(self.rig.env, PS1="ready> ", PATH=os.environ["PATH"])
        with TerminalSession(["bash", "--norc", "-i"], env) as session:
            session.expect("ready> ")
            session.send(f"{self.program} pin change\n")
            session.expect("tries left: ")
            session.send(PIN1 + "\n")
            session.expect("basic): ")
            session.send(NEW_PIN1 + "\n")
            session.expect(" again: ")
            session.send("99\x1a")
            session.expect("ready> ")
            session.send("fg\n")
            session.expect(" again: ")
            session.send(NEW_PIN1 + "\n")
            session.expect("is changed.")
        self.run_cli("pin", "verify", pin=NEW_PIN1)

    def test_card_removed_while_the_new_pin_is_typed__takes_the_question_away(self):
        self.start()
        with self.terminal("pin", "change") as session:
            session.expect("tries left: ")
            session.send(PIN1 + "\n")
            session.expect("basic): ")
            self.rig.card.remove()
            self.assertEqual(session.wait(), NO_CARD, session.transcript)
            self.assertTrue(session.echoes())
        self.rig.card.insert()
        self.run_cli("pin", "verify", pin=PIN1)
        self.assertEqual(self.sent(), {VERIFY: 1})

    def test_puk__cannot_be_changed(self):
        self.start()
        result = self.run_with_lines("pin", "change", "puk", lines=[PUK], new_lines=["64208531"], expect=FAILURE)
        self.assertNotIn(PUK, result.stderr)
        self.assertEqual(self.sent(), {})


class Descriptors(PinTest):
    def test_current_and_new_pin__on_one_descriptor_or_two(self):
        self.start()
        result = self.run_with_lines("pin", "change", lines=[PIN1, NEW_PIN1])
        self.assertEqual(result.stderr, "")
        self.run_with_lines("pin", "change", lines=[NEW_PIN1], new_lines=[PIN1, "not read"])
        self.assertEqual(self.sent(), {CHANGE: 2})
        self.run_cli("pin", "verify", pin=PIN1)

    def test_lines_missing__costs_no_try(self):
        self.start()
        for lines, new_lines in (([], None), ([PIN1], None), ([PIN1], [""]), ([""], [NEW_PIN1]), ([PIN1], []),
                                 ([PIN1], ["1" * 65])):
            with self.subTest(lines=len(lines), new_lines=new_lines):
                self.run_with_lines("pin", "change", lines=lines, new_lines=new_lines, expect=PIN)
        self.assertEqual(self.sent(), {})

    def test_one_option_without_the_other__is_wrong_usage(self):
        self.start()
        for verb in (["pin", "change"], ["pin", "unblock"], ["activate"]):
            self.run_cli(*verb, "--pin-fd", "0", expect=USAGE)
            self.run_cli(*verb, "--new-pin-fd", "0", expect=USAGE)
        self.run_cli("pin", "change", "--pin-fd", "0", "--new-pin-fd", "99", expect=USAGE)

    def test_new_pin_against_the_rules__is_refused_and_costs_no_try(self):
        self.start()
        for new_pin, sentence in (("817", "4 to 12 digits"), ("59o184", "digits only")):
            result = self.run_with_lines("pin", "change", lines=[PIN1, new_pin], expect=PIN)
            self.assertIn(sentence, result.stderr)
            self.assertNotIn(new_pin, result.stderr)
        self.assertEqual(self.sent(), {})

    def test_trivial_or_same_new_pin__is_set_with_a_warning(self):
        self.start()
        result = self.run_with_lines("pin", "change", lines=[PIN1, PIN1])
        self.assertIn("is changed", result.stdout)
        self.assertIn("warning: the new PIN is the same as the old one", result.stderr)
        result = self.run_with_lines("pin", "change", lines=[PIN1, "1234"])
        self.assertIn("warning: the new PIN is easy to guess", result.stderr)
        self.run_cli("pin", "verify", pin="1234")

    def test_warning_switched_off__is_not_given(self):
        directory = self.configuration("[pin]\nwarn-trivial = no\n")
        self.start(env={"XDG_CONFIG_HOME": directory})
        self.assertEqual(self.run_with_lines("pin", "change", lines=[PIN1, "1234"]).stderr, "")

    def configuration(self, text):
        """A new $XDG_CONFIG_HOME with this digisign.conf."""
        directory = self.enterContext(tempfile.TemporaryDirectory())
        os.mkdir(os.path.join(directory, "digisign"))
        with open(os.path.join(directory, "digisign", "digisign.conf"), "w", encoding="ascii") as file:
            file.write(text)
        return directory

    def test_setting__is_shown_with_its_origin(self):
        directory = self.configuration("[login]\nidle-limit = 5min\ncolour = red\n")
        self.start(env={"XDG_CONFIG_HOME": directory})
        file = os.path.join(directory, "digisign", "digisign.conf")
        result = self.run_cli("config", "--origin")
        self.assertIn(f"login.idle-limit = 5min  # {file}:2\n", result.stdout)
        self.assertIn("card.timeout = 30s  # default\n", result.stdout)
        self.assertIn(f"{file}:3: there is no key", result.stderr)
        self.assertEqual(self.run_cli("config", "login.idle-limit").stdout, "5min\n")
        self.run_cli("config", "no.such", expect=USAGE)

    def test_wrong_pin__costs_one_try_and_is_not_sent_twice(self):
        self.start()
        self.assertIn("4 tries left", self.run_with_lines("pin", "change", lines=[WRONG_PIN1[0], NEW_PIN1],
                                                          expect=PIN).stderr)
        self.assertIn("was wrong before", self.run_with_lines("pin", "change", lines=[WRONG_PIN1[0], NEW_PIN1],
                                                              expect=PIN).stderr)
        self.assertIn("was wrong before", self.run_cli("pin", "verify", pin=WRONG_PIN1[0], expect=PIN).stderr)
        self.assertEqual(self.sent(), {CHANGE: 1})
        self.assertEqual(self.tries_left("pin1"), 4)

    def test_last_try__is_not_spent_by_a_script(self):
        self.start()
        for wrong in WRONG_PUK[:4]:
            self.run_with_lines("pin", "unblock", "signature", lines=[wrong, NEW_PIN2], expect=PIN)
        result = self.run_with_lines("pin", "unblock", "signature", lines=[PUK, NEW_PIN2], expect=PIN)
        self.assertIn("try is left", result.stderr)
        self.assertEqual(self.tries_left("puk"), 1)
        self.assertEqual(self.sent(), {RESET: 4})

    def test_without_terminal_and_descriptors__says_what_to_do(self):
        self.start()
        for verb in (["pin", "verify"], ["pin", "change"], ["pin", "unblock", "signature"], ["key", "test", "45"]):
            with self.subTest(verb=verb):
                self.assertIn("--pin-fd", self.run_cli(*verb, expect=PIN).stderr)
        self.assertEqual(self.sent(), {})


class Unblock(PinTest):
    def lock(self, pin, wrong_ones):
        for wrong in wrong_ones[:-1]:
            self.run_cli("pin", "verify", pin, pin=wrong, expect=PIN)
        shown = self.talk("pin", "verify", pin, dialog=[("to go on: ", "yes"), ("1 try left: ", wrong_ones[-1])],
                          expect=PIN)
        self.assertIn("blocked now", shown)
        self.assertIn("PUK", shown)

    def test_wrong_until_locked__then_unblocked__works(self):
        for profile, reference, tries in (("fineid-v4", "82", 5), ("fineid-v3", "82", 5), ("myeid", "02", 3)):
            with self.subTest(profile=profile):
                self.start(profile=profile, pins={**PINS, "puk2": PUK} if profile == "myeid" else PINS)
                self.lock("signature", WRONG_PIN2[:tries])
                self.assertEqual(self.pins()[reference]["state"], "blocked")
                self.assertIn("LOCKED", self.run_cli("pin", "list").stdout)
                self.assertIn("PUK", self.run_cli("pin", "verify", "signature", pin=PIN2, expect=PIN).stderr)
                shown = self.talk("pin", "unblock", dialog=[("PUK", PUK), ("signature): ", "71930482"),
                                                            (" again: ", "71930482")])
                self.assertIn("Unblock PIN 2", shown)
                self.assertIn("is unblocked", shown)
                self.run_cli("pin", "verify", "signature", pin="71930482")
                path = self.document()
                self.run_cli("sign", path, pin="71930482")
                self.assert_signed(path)
                self.assertEqual(self.sent(), {VERIFY: tries + 2, RESET: 1})

    def test_forgotten_pin__is_unblocked_by_name(self):
        self.start()
        self.run_cli("pin", "unblock", expect=USAGE)  # none is locked
        self.talk("pin", "unblock", "authentication", dialog=[
            ("PUK, 5 tries left: ", PUK), ("basic): ", NEW_PIN1), (" again: ", NEW_PIN1)])
        self.run_cli("pin", "verify", pin=NEW_PIN1)

    def test_wrong_puk__says_what_is_left(self):
        self.start()
        shown = self.talk("pin", "unblock", "signature", dialog=[
            ("PUK, 5 tries left: ", WRONG_PUK[0]), ("signature): ", NEW_PIN2), (" again: ", NEW_PIN2),
            ("PUK, 4 tries left: ", WRONG_PUK[1]), ("PUK, 3 tries left: ", PUK)])
        self.assertIn("Wrong PUK; 4 tries left.", shown)
        self.assertIn("Wrong PUK; 3 tries left.", shown)
        self.assertEqual(self.sent(), {RESET: 3})
        self.run_cli("pin", "verify", "signature", pin=NEW_PIN2)

    def test_last_try_of_the_puk__says_what_it_means_and_wants_a_yes(self):
        self.start()
        for wrong in WRONG_PUK[:3]:
            self.run_with_lines("pin", "unblock", "signature", lines=[wrong, NEW_PIN2], expect=PIN)
        shown = self.talk("pin", "unblock", "signature", dialog=[
            ("PUK, 2 tries left: ", WRONG_PUK[3]), ("signature): ", NEW_PIN2), (" again: ", NEW_PIN2),
            ("to go on: ", "y")], expect=CANCELLED)
        self.assertIn("Wrong PUK; 1 try left.", shown)
        self.assertIn("the card cannot be used any more", shown)
        self.assertEqual(self.tries_left("puk"), 1)
        self.talk("pin", "unblock", "signature", dialog=[
            ("to go on: ", "yes"), ("PUK, 1 try left: ", PUK), ("signature): ", NEW_PIN2), (" again: ", NEW_PIN2)])
        self.assertEqual(self.sent(), {RESET: 5})
        self.run_cli("pin", "verify", "signature", pin=NEW_PIN2)

    def test_puk_locked__is_said_and_nothing_is_asked_any_more(self):
        self.start()
        for wrong in WRONG_PUK[:4]:
            self.run_with_lines("pin", "unblock", "signature", lines=[wrong, NEW_PIN2], expect=PIN)
        shown = self.talk("pin", "unblock", "signature", dialog=[
            ("to go on: ", "yes"), ("PUK, 1 try left: ", WRONG_PUK[4]), ("signature): ", NEW_PIN2),
            (" again: ", NEW_PIN2)], expect=PIN)
        self.assertIn("issuer", shown)
        with self.terminal("pin", "unblock", "signature") as session:
            self.assertEqual(session.wait(), PIN, session.transcript)
            self.assertNotIn(": \r\n", session.transcript)
        self.assertEqual(self.sent(), {RESET: 5})
        self.run_cli("pin", "verify", "signature", pin=PIN2)  # it still works, until it is locked

    def test_wrong_puk_once_more__is_not_sent(self):
        self.start()
        self.run_with_lines("pin", "unblock", "signature", lines=[WRONG_PUK[0], NEW_PIN2], expect=PIN)
        shown = self.talk("pin", "unblock", "signature", dialog=[
            ("PUK, 4 tries left: ", WRONG_PUK[0]), ("PUK, 4 tries left: ", PUK), ("signature): ", NEW_PIN2),
            (" again: ", NEW_PIN2)])
        self.assertIn("This PUK was wrong before and was not sent to the card again; 4 tries left.", shown)
        self.assertEqual(self.sent(), {RESET: 2})


class Activation(PinTest):
    KINDS = {
        "blocked-pins": (CODE, {"puk": CODE}, RESET),
        "factory-pins": (SINGLE_USE_CODE, {"puk": PUK, "activation-code": SINGLE_USE_CODE}, CHANGE),
    }

    def start_new(self, kind):
        _, pins, _ = self.KINDS[kind]
        self.start(activation=kind, pins=pins)

    @staticmethod
    def dialog(code, pin1=NEW_PIN1, pin2=NEW_PIN2):
        return [("Activation code", code), ("New PIN 1 (basic): ", pin1), (" again: ", pin1),
                ("New PIN 2 (signature): ", pin2), (" again: ", pin2)]

    def assert_activated(self):
        self.assertEqual(json.loads(self.run_cli("pin", "list", "--json").stdout)["cards"][0]["state"], "ready")
        before = self.sent().get(VERIFY, 0)
        self.run_cli("pin", "verify", "authentication", pin=NEW_PIN1)
        self.run_cli("pin", "verify", "signature", pin=NEW_PIN2)
        self.assertEqual(self.sent()[VERIFY], before + 2)

    def test_new_card__asks_the_code_once_and_sets_both_pins(self):
        for kind, (code, _, command) in self.KINDS.items():
            with self.subTest(kind=kind):
                self.start_new(kind)
                self.assertIn("needs activation", self.run_cli("status", expect=CARD).stdout)
                shown = self.talk("activate", dialog=self.dialog(code))
                self.assertIn("letter", shown)
                self.assertEqual(shown.count("Activation code"), 1)
                self.assertIn("is activated", shown)
                self.assertEqual(self.sent(), {command: 2})
                self.assert_activated()
                path = self.document()
                self.run_cli("sign", path, pin=NEW_PIN2)
                self.assert_signed(path)
                self.assertIn("activated already", self.run_with_lines("activate", lines=[code, NEW_PIN1, NEW_PIN2],
                                                                       expect=FAILURE).stderr)

    def test_script__gives_code_and_pins(self):
        for kind, (code, _, command) in self.KINDS.items():
            for same_descriptor in (True, False):
                with self.subTest(kind=kind, same_descriptor=same_descriptor):
                    self.start_new(kind)
                    if same_descriptor:
                        self.run_with_lines("activate", lines=[code, NEW_PIN1, NEW_PIN2])
                    else:
                        self.run_with_lines("activate", lines=[code], new_lines=[NEW_PIN1, NEW_PIN2])
                    self.assertEqual(self.sent(), {command: 2})
                    self.assert_activated()

    def test_wrong_code__is_asked_again_and_the_pins_are_not(self):
        for kind, (code, _, command) in self.KINDS.items():
            with self.subTest(kind=kind):
                self.start_new(kind)
                wrong = code[::-1]
                shown = self.talk("activate", dialog=[*self.dialog(wrong), ("Activation code, 4 tries left: ", code)])
                self.assertIn("Wrong activation code; 4 tries left.", shown)
                self.assertEqual(shown.count("New PIN 1 (basic): "), 1)
                self.assertEqual(self.sent(), {command: 3})
                self.assert_activated()

    def test_given_up_at_any_question__leaves_the_card_as_it_was(self):
        for kind, (code, _, _) in self.KINDS.items():
            self.start_new(kind)
            dialog = self.dialog(code)
            for position in range(len(dialog)):
                with self.subTest(kind=kind, question=dialog[position][0]), self.terminal("activate") as session:
                    for question, answer in dialog[:position]:
                        session.expect(question)
                        session.send(answer + "\n")
                    session.expect(dialog[position][0])
                    session.send("\x04" if position > 0 else "\x03")
                    self.assertNotEqual(session.wait(), SUCCESS, session.transcript)
            self.assertEqual(self.sent(), {})
            self.talk("activate", dialog=dialog)
            self.assert_activated()

    def test_other_programs__use_the_card_while_a_person_types(self):
        self.start_new("blocked-pins")
        with self.terminal("activate") as session:
            for question, answer in self.dialog(CODE):
                session.expect(question)
                with self.rig.pcscd.client.connect(self.rig.card.reader) as other:
                    other.begin_transaction()  # would wait for the end of one that is open
                    other.end_transaction()
                session.send(answer + "\n")
            self.assertEqual(session.wait(), SUCCESS, session.transcript)

    def test_card_pulled_while_a_pin_is_typed__resumes(self):
        self.start_new("blocked-pins")
        with self.terminal("activate") as session:
            session.expect("Activation code")
            session.send(CODE + "\n")
            session.expect("New PIN 1 (basic): ")
            self.rig.card.remove()
            self.assertEqual(session.wait(), NO_CARD, session.transcript)
        self.rig.card.insert()
        self.assertEqual(self.sent(), {})
        self.talk("activate", dialog=self.dialog(CODE))
        self.assert_activated()

    def test_card_pulled_at_each_exchange__resumes_with_what_is_missing(self):
        for kind in self.KINDS:
            self.start_new(kind)
            for fault in ("removed", "removed-after"):
                self.sweep(kind, fault)

    def sweep(self, kind, fault):
        """Pulls the card at the first, second, … exchange after everything was typed, until that is too late."""
        code, _, command = self.KINDS[kind]
        for exchange in range(1, 60):
            with self.subTest(kind=kind, fault=fault, exchange=exchange):
                self.put_in_a_new_card()
                result = self.interrupted_activation(code, fault, exchange)
                self.rig.card.control("fault clear")
                if result == SUCCESS:
                    self.assertEqual(self.sent(), {command: 2})
                    return
                self.assertEqual(result, NO_CARD)
                self.rig.card.insert()
                self.resume(code)
                self.assertLessEqual(self.sent()[command], 3)  # only what was typed again is sent again
                self.assert_activated()
                self.assertEqual(set(self.sent()), {command, VERIFY})
        self.fail("the fault never came too late")

    def put_in_a_new_card(self):
        self.rig.card.stop()
        os.remove(self.rig.card.state)
        self.rig.card.start()

    def interrupted_activation(self, code, fault, exchange):
        with self.terminal("activate") as session:
            for question, answer in self.dialog(code)[:-1]:
                session.expect(question)
                session.send(answer + "\n")
            session.expect(" again: ")
            self.rig.card.fault(fault, exchange)
            session.send(NEW_PIN2 + "\n")
            return session.wait()

    def resume(self, code):
        """Gives what is asked for, once each; nothing is asked if both PINs were set."""
        answers = {"Activation code": code, "New PIN 1 (basic): ": NEW_PIN1, "New PIN 2 (signature): ": NEW_PIN2}
        with self.terminal("activate") as session:
            while (question := session.expect_one_of(*answers)) is not None:
                answer = answers.pop(question)
                session.send(answer + "\n")
                if question.startswith("New PIN"):
                    session.expect(" again: ")
                    session.send(answer + "\n")
            status = session.wait()
            if status != SUCCESS:
                self.assertIn("activated already", session.transcript)


class Keys(PinTest):
    def test_key__is_tested_with_its_own_pin(self):
        self.start()
        shown = self.talk("key", "test", "45", dialog=[("PIN 1 (basic), 5 tries left: ", PIN1)])
        self.assertIn("Test the key", shown)
        self.assertIn("works", shown)
        self.talk("key", "test", "46", dialog=[("PIN 2 (signature), 5 tries left: ", PIN2)])
        self.run_cli("key", "test", "46", pin=PIN2)
        self.assertEqual(self.sent(), {VERIFY: 3})

    def test_key__not_said_or_not_there__is_refused(self):
        self.start()
        self.assertIn("46", self.run_cli("key", "test", pin=PIN1, expect=USAGE).stderr)
        self.run_cli("key", "test", "99", pin=PIN1, expect=CERTIFICATE)
        self.assertEqual(self.sent(), {})

    def test_lists__agree(self):
        self.start()
        keys = json.loads(self.run_cli("key", "list", "--json").stdout)["cards"][0]["keys"]
        self.assertEqual([(key["id"], key["pin"], len(key["certificates"])) for key in keys],
                         [("45", "11", 1), ("46", "82", 1)])
        self.assertIn(keys[1]["certificates"][0][:16], self.run_cli("key", "list").stdout)
        self.assertEqual({reference: (pin["role"], pin["triesLeft"], pin["minLength"], pin["puk"])
                          for reference, pin in self.pins().items()},
                         {"11": ("authentication", 5, 4, "83"), "82": ("signature", 5, 6, "83"),
                          "83": ("puk", 5, 7, None)})
        self.assertEqual(self.sent(), {})


class Logins(PinTest):
    def log_in(self, peer):
        objects = peer.call(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "()", ())[0]
        pin1 = next(path for path in objects if path.endswith("/pin/11"))
        peer.call(pin1, "org.digisign.DigiSign1.Pin", "Login", "(a{sv})", ({},))
        peer.answer(peer.next_request(), PIN1)

    def logins(self):
        return json.loads(self.run_cli("logins", "--json").stdout)["logins"]

    def wait_for_logins(self, count):
        deadline = Deadline(20)
        while len(self.logins()) != count:
            deadline.require(f"{count} logins")

    def test_login__is_shown_and_ended(self):
        self.start()
        self.run_cli("status")  # the card has been read when it answers
        self.assertIn("No program is logged in", self.run_cli("logins").stdout)
        with PrivatePeer(self.rig) as peer:
            peer.register()
            for end in ("--end", "lock", "hang up"):
                with self.subTest(end=end):
                    self.log_in(peer)
                    self.wait_for_logins(1)
                    login = self.logins()[0]
                    self.assertEqual((login["pid"], login["executable"], login["pin"]),
                                     (os.getpid(), os.path.realpath("/proc/self/exe"), "11"))
                    text = self.run_cli("logins").stdout
                    self.assertIn("PIN 1 (basic) of HENKILOKORTTI", text)
                    self.assertIn(f"process {os.getpid()}", text)
                    if end == "--end":
                        self.assertIn("has ended", self.run_cli("logins", "--end", str(login["id"])).stdout)
                        self.run_cli("logins", "--end", str(login["id"]), expect=USAGE)
                    elif end == "lock":
                        self.run_cli("lock")
                    else:
                        peer.hang_up()
                    self.wait_for_logins(0)


class PinPad(PinTest):
    """A reader with keys of its own."""

    def start(self, **options):
        super().start(readers=0, pin_pad={}, **options)
        self.keys = self.rig.pcscd.pin_pad

    def test_pin__is_typed_on_the_reader(self):
        self.start()
        with self.terminal("pin", "verify") as session:
            session.expect("Type PIN 1 (basic) (5 tries left) on the keys of the reader")
            with self.keys.wait_for_entry() as entry:
                entry.type(WRONG_PIN1[0])
                self.assertEqual(entry.result(), "63C4")
            session.expect("Wrong PIN; 4 tries left.")
            session.expect("Type PIN 1 (basic) (4 tries left) on the keys of the reader")
            with self.keys.wait_for_entry() as entry:
                entry.type(PIN1)
                self.assertEqual(entry.result(), "9000")
            self.assertEqual(session.wait(), SUCCESS, session.transcript)
            self.assertTrue(session.echoes())
        self.assertEqual(self.sent(), {VERIFY: 2})

    def test_pin_typed_on_the_keyboard__is_not_shown(self):
        self.start()
        with self.terminal("pin", "verify") as session:
            session.expect("on the keys of the reader")
            session.send(PIN1 + "\n")
            session.expect("\a")
            with self.keys.wait_for_entry() as entry:
                entry.type(PIN1)
            self.assertEqual(session.wait(), SUCCESS, session.transcript)
            self.assertNotIn(PIN1, session.transcript)

    def test_change_and_unblock__on_the_reader(self):
        self.start()
        for verb, typed, command in ((["pin", "change"], PIN1, CHANGE),
                                     (["pin", "unblock", "authentication"], PUK, RESET)):
            with self.subTest(verb=verb), self.terminal(*verb) as session:
                session.expect("twice the new")
                with self.keys.wait_for_entry() as entry:
                    entry.type(typed, NEW_PIN1, NEW_PIN1)
                    self.assertEqual(entry.result(), "9000")
                self.assertEqual(session.wait(), SUCCESS, session.transcript)
                self.assertEqual(self.sent()[command], 1)
        self.run_cli("pin", "verify", pin=NEW_PIN1)  # a script types nothing on readers

    def test_nobody_types_or_cancel_is_pressed__is_said(self):
        self.start()
        for act, sentence in (("time_out", "in time"), ("cancel", "cancelled on the reader")):
            with self.subTest(act=act), self.terminal("pin", "verify") as session:
                session.expect("on the keys of the reader")
                with self.keys.wait_for_entry() as entry:
                    getattr(entry, act)()
                self.assertEqual(session.wait(), CANCELLED, session.transcript)
                self.assertIn(sentence, session.transcript)
        self.assertEqual(self.sent(), {})

    def test_given_up_at_the_keyboard__ends_the_program(self):
        self.start()
        for typed, code in (("\x03", -signal.SIGINT), ("\x04", CANCELLED)):
            with self.subTest(typed=typed), self.terminal("pin", "verify") as session:
                session.expect("on the keys of the reader")
                with self.keys.wait_for_entry() as entry:
                    session.send(typed)
                    self.assertEqual(session.wait(), code, session.transcript)
                    self.assertTrue(session.echoes())
                    entry.cancel()

    def test_pin_pad_switched_off__asks_on_the_terminal(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(os.path.join(directory, "digisign"))
            with open(os.path.join(directory, "digisign", "digisign.conf"), "w", encoding="ascii") as file:
                file.write("[pin]\npin-pad = never\n")
            self.start(env={"XDG_CONFIG_HOME": directory})
            self.talk("pin", "verify", dialog=[("PIN 1 (basic), 5 tries left: ", PIN1)])
        self.assertFalse(self.keys.is_asked())


if __name__ == "__main__":
    tap_runner.main()
