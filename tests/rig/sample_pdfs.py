# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small PDF documents of every kind of structure, made by hand so that nothing hides what is in them.

    one_page().table()            # classic cross-reference table
    one_page().stream()           # cross-reference stream, objects in an object stream
    one_page().hybrid()           # table with /XRefStm
    linearized(one_page().table())
    encrypted(one_page().table(), owner="secret", bits=256)
"""

import pathlib
import subprocess
import tempfile
import zlib

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class Document:
    """Objects by number, each as the text between "obj" and "endobj"."""

    def __init__(self, objects, root=1, trailer=b"", header=HEADER):
        self.objects = {number: body if isinstance(body, bytes) else body.encode() for number, body in objects.items()}
        self.generations = {}
        self.root = root
        self.trailer = trailer  # further entries
        self.header = header

    @property
    def size(self):
        return max(self.objects) + 1

    def _write_objects(self, numbers, out):
        offsets = {}
        for number in numbers:
            offsets[number] = len(out)
            out += b"%d %d obj\n%s\nendobj\n" % (number, self.generations.get(number, 0), self.objects[number])
        return offsets

    def _trailer(self, size, extra=b""):
        return b"/Size %d /Root %d %d R %s %s" % (size, self.root, self.generations.get(self.root, 0), self.trailer, extra)

    def _table(self, out, offsets, extra=b"", size=None):
        size = size or self.size
        position = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f\r\n" % size
        for number in range(1, size):
            if number in offsets:
                out += b"%010d %05d n\r\n" % (offsets[number], self.generations.get(number, 0))
            else:
                out += b"0000000000 65535 f\r\n"
        out += b"trailer\n<< %s >>\n" % self._trailer(size, extra)
        return position

    def table(self, end=b"\n"):
        """The structure of PDF 1.4. `end` follows the last %%EOF."""
        out = bytearray(self.header)
        offsets = self._write_objects(sorted(self.objects), out)
        position = self._table(out, offsets)
        return bytes(out) + b"startxref\n%d\n%%%%EOF" % position + end

    def _is_stream(self, number):
        return b"stream\n" in self.objects[number]

    def _object_stream(self, number, members):
        heads, bodies = [], []
        for member in members:
            heads.append(b"%d %d" % (member, sum(len(body) + 1 for body in bodies)))
            bodies.append(self.objects[member])
        head = b" ".join(heads) + b"\n"
        data = zlib.compress(head + b"\n".join(bodies))
        return b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
            len(members), len(head), len(data), data,
        )  # fmt: skip

    def _xref_stream(self, number, entries, size, extra=b""):
        data = b"".join(
            kind.to_bytes(1, "big") + second.to_bytes(4, "big") + third.to_bytes(2, "big")
            for kind, second, third in (entries.get(one, (0, 0, 65535)) for one in range(size))
        )
        return b"<< /Type /XRef /W [1 4 2] /Length %d %s >>\nstream\n%s\nendstream" % (
            len(data), self._trailer(size, extra), data,
        )  # fmt: skip

    def _compress(self, out):
        """Writes everything; returns the entries of a cross-reference stream that do not include itself."""
        members = [number for number in sorted(self.objects) if not self._is_stream(number)]
        container = self.size
        whole = Document({**self.objects, container: self._object_stream(container, members)})
        offsets = whole._write_objects([n for n in sorted(whole.objects) if n not in members], out)
        entries = {number: (1, offset, 0) for number, offset in offsets.items()}
        entries.update({number: (2, container, index) for index, number in enumerate(members)})
        return entries

    def stream(self, end=b"\n"):
        """The structure of PDF 1.5: cross-reference stream, everything that can be is in an object stream."""
        out = bytearray(self.header)
        entries = self._compress(out)
        number, position = self.size + 1, len(out)
        entries[number] = (1, position, 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, self._xref_stream(number, entries, number + 1))
        return bytes(out) + b"startxref\n%d\n%%%%EOF" % position + end

    def hybrid(self):
        """A table for old readers, and /XRefStm with the compressed objects for new ones."""
        out = bytearray(self.header)
        visible = {self.root} | {number for number in self.objects if self._is_stream(number)} | {2, 3}
        hidden = [number for number in sorted(self.objects) if number not in visible]
        offsets = self._write_objects(sorted(visible), out)
        container, number = self.size, self.size + 1
        offsets[container] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (container, self._object_stream(container, hidden))
        stream_position = len(out)
        entries = {one: (2, container, index) for index, one in enumerate(hidden)}
        offsets[number] = stream_position
        out += b"%d 0 obj\n%s\nendobj\n" % (number, self._xref_stream(number, entries, number + 1))
        position = self._table(out, offsets, b"/XRefStm %d" % stream_position, number + 1)
        return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % position


def one_page(text="A document for tests", padding=0, page=b"", catalog=b"", trailer=b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]", **objects):
    """A page with a line of text, and octets of comment in its content. Further objects are given as o6=…, o7=…"""
    content = b"BT /F1 24 Tf 72 700 Td (%s) Tj ET\n" % text.encode() + b"%" * padding
    return Document(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> " + page + b" >>",
            4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            **{int(name[1:]): body for name, body in objects.items()},
        },
        trailer=trailer,
    )  # fmt: skip


def with_field(entries=b"", form=b"", name=b"Seller"):
    """An empty signature field that is its own widget."""
    return one_page(
        page=b"/Annots [6 0 R]",
        catalog=b"/AcroForm << /Fields [6 0 R] /SigFlags 1 %s >>" % form,
        o6=b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 4 /Rect [100 100 300 150] /P 3 0 R %s >>"
        % (name, entries),
    )


def certified(permissions):
    """As if its author had certified it: what matters to the next signer is there, a real signature is not."""
    return one_page(
        page=b"/Annots [6 0 R]",
        catalog=b"/AcroForm << /Fields [6 0 R] /SigFlags 3 >> /Perms << /DocMDP 7 0 R >>",
        o6=b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Author) /F 132 /Rect [0 0 0 0] /P 3 0 R /V 7 0 R >>",
        o7=b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Contents <00> /ByteRange [0 1 2 3] "
        b"/Reference [ << /Type /SigRef /TransformMethod /DocMDP /TransformParams "
        b"<< /Type /TransformParams /V /1.2 /P %d >> >> ] >>" % permissions,
    )


def _qpdf(document, *arguments):
    with tempfile.TemporaryDirectory() as directory:
        before, after = pathlib.Path(directory, "before.pdf"), pathlib.Path(directory, "after.pdf")
        before.write_bytes(document)
        subprocess.run(["qpdf", "--deterministic-id" if "--encrypt" not in arguments else "--static-id",
                        *arguments, before, after], check=True)  # fmt: skip
        return after.read_bytes()


def linearized(document, object_streams=False):
    return _qpdf(document, "--linearize", f"--object-streams={'generate' if object_streams else 'disable'}")


def encrypted(document, user="", owner="owner", bits=256, options=(), object_streams=False):
    """`options` are those of qpdf's --encrypt, such as "--modify=none" or "--use-aes=y"."""
    weak = ["--allow-weak-crypto"] if bits < 256 else []
    streams = f"--object-streams={'generate' if object_streams else 'disable'}"
    return _qpdf(document, *weak, streams, "--encrypt", user, owner, str(bits), *options, "--")
