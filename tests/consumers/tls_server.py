# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of https pages that lets in who has a certificate of the card's authorities."""

import os
import socket
import subprocess

from child_process import Deadline, end_child, read_line, start_child


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerFiles:
    """The server's key and certificates. `authority`: certificate that its clients have to trust. `client_authorities`:
    those of the card."""

    def __init__(self, rig):
        self._directory = os.path.join(rig.directory, "server")
        self.authority = self._path("authority.pem")
        self.certificate = self._path("server.pem")
        self.key = self._path("server.key")
        self.client_authorities = self._path("client-authorities.pem")
        if not os.path.exists(self._directory):
            os.mkdir(self._directory)
            self._make(rig.card.certificates)

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _make(self, card_certificates):
        authority_key = self._path("authority.key")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", "/CN=DigiSign TEST servers", "-keyout", authority_key, "-out", self.authority)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", "/CN=localhost TEST", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                      "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "extendedKeyUsage=serverAuth", "-CA",
                      self.authority, "-CAkey", authority_key, "-keyout", self.key, "-out", self.certificate)
        with open(self.client_authorities, "wb") as authorities:
            for name in ("root", "issuing"):
                with open(os.path.join(card_certificates, name + ".pem"), "rb") as certificate:
                    authorities.write(certificate.read())

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class TlsServer:
    """Context manager: openssl s_server, whose page tells of the handshake. `version` is "1.2", "1.3" or both."""

    def __init__(self, rig, version=None):
        self._files = ServerFiles(rig)
        self._version = version
        self._child = None
        self.authority = self._files.authority
        self.port = None

    @property
    def url(self):
        return f"https://localhost:{self.port}/"

    def __enter__(self):
        self.port = free_port()
        versions = [f"-tls{self._version.replace('.', '_')}"] if self._version else []
        self._child = start_child(
            ["openssl", "s_server", "-www", "-accept", f"127.0.0.1:{self.port}", "-cert", self._files.certificate, "-key",
             self._files.key, "-Verify", "3", "-verify_return_error", "-CAfile", self._files.client_authorities, *versions],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        deadline = Deadline(10)
        while read_line(self._child.stdout, deadline, "the TLS server gets ready") != "ACCEPT":
            pass
        return self

    def __exit__(self, *_):
        end_child(self._child)


class TlsTests:
    """For a ConsumerCase."""

    def serve(self, version=None):
        return self.enterContext(TlsServer(self.rig, version))

    def assert_let_in(self, page, certificate, version=None, signature=None):
        """The server's page tells who it thinks has come, and how that was proved ("RSA-PSS", "ECDSA")."""
        with open(self.certificate(certificate), encoding="ascii") as file:
            self.assertIn(file.read(), page)
        if version:
            self.assertIn(f"Protocol  : TLSv{version}\n", page)
        if signature:
            self.assertIn(f"Peer signature type: {signature}\n", page)
