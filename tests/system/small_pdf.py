# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a valid one-page PDF of a wanted size."""


def small_pdf(text="TEST", padding=0):
    """ISO 32000-1 with a classic cross-reference table; `padding` octets of comment in the page's content."""
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET\n".encode()
    content += (b"%" + b"x" * 78 + b"\n") * (padding // 80)
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return data
