"""Documents for tests: PDFs as people get them, and such as nobody should get."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

_LINE = 90
"""Characters of a line on a page."""


def pdf_bytes(pages: Sequence[str], *, password: str | None = None) -> bytes:
    """A PDF with one text a page; an empty text is a page with a drawing alone."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=StandardEncryption(password) if password else None)
    for page in pages:
        text = canvas.beginText(50, 800)
        for line in page.splitlines():
            for start in range(0, len(line), _LINE):
                text.textLine(line[start : start + _LINE])
        canvas.drawText(text)
        canvas.rect(20, 20, 100, 100)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def make_pdf(path: Path, pages: Sequence[str], *, password: str | None = None) -> None:
    """The same as a file."""
    path.write_bytes(pdf_bytes(pages, password=password))


def html_page(title: str, body: str) -> str:
    """A page as servers send it, with what is there for looks."""
    return (
        f"<!doctype html><html><head><title>{title}</title><style>p {{ color: red }}</style></head><body>"
        f"<nav><a href='/'>Home</a></nav>{body}<script>alert('boo')</script></body></html>"
    )


def bomb_docx(megabytes: int = 400) -> bytes:
    """A small Word document that unpacks to so much."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as file:
            for _ in range(megabytes):
                file.write(b" " * (1 << 20))
    return buffer.getvalue()
