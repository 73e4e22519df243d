# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenSSH: public keys, a login with PKCS11Provider, and one through ssh-agent."""

import contextlib
import os
import re
import subprocess

import tap_runner
from child_process import Deadline, end_child, read_line, start_child
from consumer_case import ConsumerCase
from sshd import Sshd


class SshCase(ConsumerCase):
    """`server` lets in who has the card's authentication key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        listed = cls.rig.run(["ssh-keygen", "-D", cls.module]).stdout.splitlines(keepends=True)
        authorized = [line for line in listed if line.endswith(" Authentication key\n")]
        cls.server = cls.enterClassContext(Sshd(os.path.join(cls.rig.directory, "sshd"), "".join(authorized)))

    def log_in(self, *options, env=(), expect=0):
        return self.tool("env", *env, "ssh", "-F", "none", "-p", str(self.server.port), "-o",
                         f"UserKnownHostsFile={self.server.known_hosts}", "-o", "PreferredAuthentications=publickey",
                         "-o", "IdentityFile=none", *options, "localhost", "echo this is $SSH_CONNECTION",
                         stdin=subprocess.DEVNULL, expect=expect)

    def log_in_with_module(self, **options):
        return self.log_in("-o", f"PKCS11Provider={self.module}", "-o", "IdentityAgent=none", **options)

    def assert_logged_in(self, said):
        self.assertRegex(said, rf"this is 127\.0\.0\.1 \d+ 127\.0\.0\.1 {self.server.port}")

    def log_in_twice_through_agent(self):
        """The PIN is typed in ssh-add: it insists on one, whatever else there is to ask for it."""
        socket = self.path("agent")
        agent = start_child(["ssh-agent", "-D", "-a", socket, "-P", self.module], env=self.rig.env,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
        with contextlib.ExitStack() as stack:
            stack.callback(end_child, agent)
            read_line(agent.stdout, Deadline(10), "ssh-agent gets ready")
            env = (f"SSH_AUTH_SOCK={socket}",)
            self.tool("env", *env, *self.askpass(self.pin1), "ssh-add", "-s", self.module, stdin=subprocess.DEVNULL)
            for _ in range(2):
                self.assert_logged_in(self.log_in(env=env))

    def askpass(self, pin):
        """Somebody who types this when asked."""
        program = self.write("askpass", f"#!/bin/sh\necho '{pin}'\n".encode())
        os.chmod(program, 0o700)
        return f"SSH_ASKPASS={program}", "SSH_ASKPASS_REQUIRE=force"


class EcTest(SshCase):
    profile = "fineid-v4"

    def test_public_keys__are_told_without_a_pin(self):
        listed = self.tool("ssh-keygen", "-D", self.module).splitlines()
        keys = [line for line in listed if re.search(r" (Authentication|Signature) key$", line)]
        self.assertEqual(len(keys), 2, listed)
        for key, name in zip(keys, ("auth", "sign")):
            converted = self.tool("ssh-keygen", "-i", "-m", "PKCS8", "-f", self.public_key(name))
            self.assertEqual(key.split()[:2], converted.split()[:2])
        self.assert_asked()

    def test_login__is_accepted_after_one_prompt(self):
        self.assert_logged_in(self.log_in_with_module())
        self.assert_asked("authentication")

    def test_login__pin_typed_in_ssh_add__is_not_asked_for_again(self):
        self.log_in_twice_through_agent()
        self.assert_asked()


class RsaTest(SshCase):
    profile = "fineid-v3"

    def test_login__is_accepted_after_one_prompt(self):
        self.assert_logged_in(self.log_in_with_module())
        self.assert_asked("authentication")


class TypedPinTest(SshCase):
    profile = "fineid-v4"
    prompts = False

    def test_login__pin_typed_in_ssh__is_accepted(self):
        self.assert_logged_in(self.log_in_with_module(env=self.askpass(self.pin1)))

    def test_login__pin_typed_in_ssh_add__is_good_for_two(self):
        self.log_in_twice_through_agent()
        # It was offered to the other slot as well.
        self.assertEqual(self.rig.card.status()["pins"]["pin2"]["tries-left"], 5)

    def test_login__wrong_pin__is_refused_and_costs_one_try(self):
        self.assertIn("Permission denied", self.log_in_with_module(env=self.askpass("9753"), expect=255))
        self.assertEqual(self.rig.card.status()["pins"]["pin1"]["tries-left"], 4)


class LongPinTest(SshCase):
    """PIN 1 is as long as PIN 2 may be, and ssh-add presents it to both slots."""

    profile = "fineid-v4"
    pin1 = "246813"
    prompts = False

    def test_login__pin_typed_in_ssh_add__costs_the_other_pin_no_more_than_one_try(self):
        self.log_in_twice_through_agent()
        self.log_in_twice_through_agent()
        self.assertEqual(self.rig.card.status()["pins"]["pin2"]["tries-left"], 4)


if __name__ == "__main__":
    tap_runner.main()
