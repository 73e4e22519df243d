# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other programs' opinion of the signatures in a PDF: pdfsig (poppler, NSS) and openssl cms.

    verdicts = judge_pdf("signed.pdf", "root.pem")
    verdicts[-1].valid     # the newest signature is valid for both of them and its signer is trusted

Nothing here comes from the project's own code, and nothing is taken from the exit status of pdfsig, which is always 0.
"""

import dataclasses
import functools
import hashlib
import pathlib
import re
import subprocess
import tempfile

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
TIMEOUT = 60


@dataclasses.dataclass
class Verdict:
    """One signature. The byte range is (begin of the gap, end of the gap, end of what is signed)."""

    byte_range: tuple
    covers_file: bool
    openssl: str  # "valid" or the last line openssl says
    pdfsig: str  # the words after "Signature Validation:", or "not found"
    pdfsig_certificate: str  # the words after "Certificate Validation:"
    cms: bytes

    @property
    def intact(self):
        """The signature is right, whoever made it."""
        return self.openssl == "valid" and self.pdfsig == "Signature is Valid."

    @property
    def valid(self):
        return self.intact and self.pdfsig_certificate == "Certificate is Trusted."


@functools.lru_cache(maxsize=None)
def _nss_directory(root_pem, root_digest):
    directory = tempfile.TemporaryDirectory(prefix="digisign-nss-")
    database = f"sql:{directory.name}"
    _run(["certutil", "-N", "--empty-password", "-d", database], check=True)
    if root_pem:
        _run(["certutil", "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-i", root_pem], check=True)
        for revocation_list in _revocation_lists(root_pem):
            # -B: the issuer of the second one is known from the signature only.
            _run(["crlutil", "-I", "-B", "-d", database, "-i", revocation_list], check=True)
    return directory


def _revocation_lists(root_pem):
    """Those that the authorities have published beside the root's certificate."""
    return sorted(pathlib.Path(root_pem).parent.glob("*.crl")) if root_pem else []


def nss_directory(root_pem):
    """An NSS database that trusts the root; it is removed when the program ends."""
    digest = hashlib.sha256(pathlib.Path(root_pem).read_bytes()).hexdigest() if root_pem else None
    return _nss_directory(root_pem and str(root_pem), digest).name


def _run(command, check=False):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=check)


def byte_ranges(data):
    """The byte ranges of all signatures, in the order of their appearance in the file."""
    found = {}
    for match in BYTE_RANGE.finditer(data):
        first, begin, end, length = (int(group) for group in match.groups())
        if first == 0 and begin < end <= end + length <= len(data):
            found[(begin, end, end + length)] = None
    return list(found)


def contents(data, byte_range):
    """The CMS message in the gap, without the zeros it is padded with."""
    begin, end, _ = byte_range
    digits = re.sub(rb"\s", b"", data[begin:end])
    if not re.fullmatch(rb"<([0-9A-Fa-f]{2})*>", digits):
        return b""
    return _cut_der(bytes.fromhex(digits[1:-1].decode()))


def _cut_der(padded):
    if len(padded) < 2 or padded[1] < 0x80:
        return padded
    octets = padded[1] & 0x7F
    if octets == 0:
        return padded  # BER of indefinite length
    return padded[: 2 + octets + int.from_bytes(padded[2 : 2 + octets], "big")]


def openssl_verdict(cms, content, root_pem=None, cades=True):
    """Verifies a detached CMS message; without a root the signer's chain is not looked at."""
    with tempfile.TemporaryDirectory() as directory:
        signature = pathlib.Path(directory, "signature.der")
        signed = pathlib.Path(directory, "signed")
        signature.write_bytes(cms)
        signed.write_bytes(content)
        trust = ["-CAfile", str(root_pem), "-no-CApath", "-no-CAstore"] if root_pem else ["-noverify"]
        result = _run(
            [
                "openssl",
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                signature,
                "-content",
                signed,
                "-purpose",
                "any",
                "-out",
                "/dev/null",
                *trust,
                *(["-cades"] if cades else []),
            ]
        )
        if result.returncode == 0:
            return "valid"
        lines = result.stderr.decode(errors="replace").strip().splitlines()
        # "80BC…:error:1700006D:CMS routines:CMS_verify:…" begins with a number that is new each time.
        return lines[-1].partition(":")[2] if lines else f"exit status {result.returncode}"


def pdfsig_report(path, root_pem=None, password=None):
    """What pdfsig says of each signature: {(begin, end, total): {"Signature Validation": …, …}}."""
    command = ["pdfsig", "-nssdir", f"sql:{nss_directory(root_pem)}"]
    # Whether a certificate is revoked, poppler 22.12 takes from revocation lists or from a responder. It has to get an
    # answer: with lists it needs none of a responder (there is none at the name in our certificates), without lists
    # -no-ocsp makes it call every certificate's state unknown.
    if _revocation_lists(root_pem):
        command.append("-no-ocsp")
    if root_pem is None:
        command.append("-nocert")
    if password is not None:
        command += ["-upw", password, "-opw", password]
    text = _run([*command, str(path)]).stdout.decode(errors="replace")
    report = {}
    for block in re.split(r"^Signature #\d+:$", text, flags=re.MULTILINE)[1:]:
        entry = dict(re.findall(r"^  - ([^:\n]+): (.*)$", block, flags=re.MULTILINE))
        ranges = [int(number) for number in re.findall(r"\d+", entry.get("Signed Ranges", ""))]
        if len(ranges) == 4:
            report[(ranges[1], ranges[2], ranges[3])] = entry
    return report


def judge_pdf(path, root_pem=None, password=None):
    """A Verdict per signature, oldest first. Without a root only the signatures are judged, not who made them."""
    data = pathlib.Path(path).read_bytes()
    report = pdfsig_report(path, root_pem, password)
    verdicts = []
    for byte_range in sorted(byte_ranges(data), key=lambda one: one[2]):
        begin, end, total = byte_range
        words = report.get(byte_range, {})
        cms = contents(data, byte_range)
        verdicts.append(
            Verdict(
                byte_range=byte_range,
                covers_file=total == len(data),
                openssl=openssl_verdict(cms, data[:begin] + data[end:total], root_pem, cades=root_pem is not None),
                pdfsig=words.get("Signature Validation", "not found"),
                pdfsig_certificate=words.get("Certificate Validation", "not checked"),
                cms=cms,
            )
        )
    return verdicts
