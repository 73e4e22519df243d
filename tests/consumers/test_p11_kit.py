# SPDX-License-Identifier: LGPL-2.1-or-later
"""p11-kit: the module file, and `p11-kit server`, by which another machine uses the card here."""

import os
import re
import subprocess

import tap_runner
from child_process import Deadline, end_child, read_line, start_child
from consumer_case import ConsumerCase
from p11_kit import P11Kit

CLIENT = "p11-kit-client.so"
DATA = b"signed from another machine"


class P11KitTest(ConsumerCase):
    profile = "fineid-v3"

    def test_module_file__makes_the_module_known(self):
        p11_kit = P11Kit(self.rig)
        listed = self.tool(*p11_kit.wrapper, "p11-kit", "list-modules")
        self.assertTrue(listed.startswith(f"digisign: {self.module}\n"), listed)
        self.assertEqual(re.findall(r"^    token: (.*)$", listed, re.MULTILINE),
                         ["HENKILOKORTTI (PIN1)", "HENKILOKORTTI (PIN2)"])
        self.assertEqual(listed.count("protected-authentication-path\n"), 2, listed)
        self.assert_asked()

    def serve(self, tokens):
        """Environment of programs whose module is p11-kit's client."""
        server = start_child(["p11-kit", "server", "--foreground", "--provider", self.module, tokens], env=self.rig.env,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
        self.addCleanup(end_child, server)
        address = read_line(server.stdout, Deadline(10), "p11-kit server gets ready")
        return re.fullmatch(r"(P11_KIT_SERVER_ADDRESS=.*?);.*", address)[1]

    def remote(self, address, *arguments):
        return self.tool("env", address, "pkcs11-tool", "--module", os.path.join(self.client_directory(), CLIENT),
                         *arguments)

    def client_directory(self):
        return self.tool("pkg-config", "--variable=p11_module_path", "p11-kit-1").strip()

    def test_server__signatures_of_its_clients__openssl_verifies(self):
        address = self.serve("pkcs11:")
        listed = self.remote(address, "--list-slots")
        self.assertEqual(re.findall(r"token label +: (.*)", listed), ["HENKILOKORTTI (PIN1)", "HENKILOKORTTI (PIN2)"])
        self.remote(address, "--sign", "--login", "--id", "45", "--mechanism", "SHA256-RSA-PKCS", "--input-file",
                    self.write("data", DATA), "--output-file", self.path("signature"))
        self.assert_verifies("auth", self.path("signature"), self.path("data"))
        self.assert_asked("authentication")

    def test_server__is_given_one_token__offers_no_other(self):
        address = self.serve("pkcs11:token=HENKILOKORTTI%20%28PIN1%29")
        listed = self.remote(address, "--list-slots")
        self.assertEqual(re.findall(r"token label +: (.*)", listed), ["HENKILOKORTTI (PIN1)"])


if __name__ == "__main__":
    tap_runner.main()
