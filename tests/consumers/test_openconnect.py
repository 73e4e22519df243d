# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenConnect logs in to a VPN gateway with the card's certificate."""

import os
import subprocess
import unittest

import tap_runner
from child_process import Deadline, end_child, read_line, start_child
from consumer_case import ConsumerCase
from p11_kit import P11Kit
from tls_server import ServerFiles, free_port

KEY = "pkcs11:token=HENKILOKORTTI%20%28PIN1%29;id=%45"

_CONFIGURATION = """auth = "certificate"
listen-host = 127.0.0.1
tcp-port = {port}
run-as-user = root
run-as-group = root
socket-file = {directory}/ocserv
pid-file = {directory}/ocserv.pid
isolate-workers = false
use-occtl = false
server-cert = {files.certificate}
server-key = {files.key}
ca-cert = {files.client_authorities}
cert-user-oid = 2.5.4.5
device = vpns
ipv4-network = 192.0.2.0/24
max-clients = 4
log-level = 2
"""


@unittest.skipUnless(os.getuid() == 0, "ocserv runs as root only")
class OpenconnectCase(ConsumerCase):
    """The gateway ocserv; no tunnel is made, which needs nothing of the card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p11_kit = P11Kit(cls.rig)
        cls.files = ServerFiles(cls.rig)

    def start_gateway(self):
        """(its URL, its process)"""
        port = free_port()
        configuration = self.write("ocserv.conf", _CONFIGURATION.format(port=port, directory=self.rig.directory,
                                                                        files=self.files).encode())
        gateway = start_child(["ocserv", "--foreground", "--config", configuration],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
        self.addCleanup(end_child, gateway)
        self.wait_until_said(gateway, "main: initialized", "sec-mod initialized")
        return f"https://localhost:{port}/", gateway

    def wait_until_said(self, gateway, *sentences):
        deadline = Deadline(10)
        missing = set(sentences)
        while missing:
            line = read_line(gateway.stderr, deadline, f"ocserv says {missing}")
            missing = {sentence for sentence in missing if sentence not in line}

    def log_in(self, *options, expect=0):
        url, gateway = self.start_gateway()
        said = self.tool(*self.p11_kit.wrapper, "openconnect", "--authenticate", "--non-inter", "--cafile",
                         self.files.authority, "--certificate", f"{KEY};type=cert", "--sslkey",
                         f"{KEY};type=private", *options, url, stdin=subprocess.DEVNULL, expect=expect)
        return said, gateway


class OpenconnectTests:
    def test_login__gateway_knows_the_holder_after_one_prompt(self):
        said, gateway = self.log_in()
        self.assertIn("Using client certificate 'SPECIMEN TEST Virtual 99900001X'", said)
        self.assertRegex(said, "COOKIE='.*webvpn=.+'")
        self.wait_until_said(gateway, "client certificate verification succeeded")
        self.assert_asked("authentication")


class EcTest(OpenconnectTests, OpenconnectCase):
    profile = "fineid-v4"


class RsaTest(OpenconnectTests, OpenconnectCase):
    profile = "fineid-v3"


class TypedPinTest(OpenconnectCase):
    profile = "fineid-v4"
    prompts = False

    def test_login__pin_of_the_uri__is_used(self):
        said, _ = self.log_in("--sslkey", f"{KEY};type=private;pin-value={self.pin1}")
        self.assertRegex(said, "COOKIE='.*webvpn=.+'")


if __name__ == "__main__":
    tap_runner.main()
