"""The pages of a PDF, by PDFium, the reader of a browser that meets hostile ones every day."""

import re
from collections.abc import Callable, Iterator

import pypdfium2 as pdfium

from rejoinder.adapters.documents.limits import Unreadable, damaged, encrypted

_WRONG_PASSWORD = 4
# how PDFium marks a hyphen at the end of a line, before the rest of the word
_HYPHEN = re.compile("[\x02\ufffe]\r?\n?")
_NO_TEXT = "\0\ufffe\uffff"


def pages(data: bytes, tell: Callable[[int, int], None]) -> Iterator[tuple[int, str]]:
    """The number of each page, from 1, with its text; pages without text are left out. Raises Unreadable."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise (encrypted("PDF") if error.err_code == _WRONG_PASSWORD else damaged("PDF")) from None
    count, found, broken = len(document), 0, 0
    for number in range(count):
        try:
            text = _text(document, number)
        except pdfium.PdfiumError:
            broken += 1
            continue
        finally:
            tell(number + 1, count)
        if text.strip():
            found += 1
            yield number + 1, text
    if not found:
        raise damaged("PDF") if broken or not count else _without_text()


def title(data: bytes) -> str | None:
    """What the document says that it is called."""
    try:
        return str(pdfium.PdfDocument(data).get_metadata_value("Title")).strip() or None
    except pdfium.PdfiumError:
        return None


def _text(document: pdfium.PdfDocument, number: int) -> str:
    page = document[number]
    try:
        inner = page.get_textpage()
        try:
            text: str = inner.get_text_range()
        finally:
            inner.close()
    finally:
        page.close()
    text = _HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(dict.fromkeys(map(ord, _NO_TEXT)))


def _without_text() -> Unreadable:
    return Unreadable(
        "noText",
        "This PDF holds pictures of pages, and no text.",
        "Have its text recognised first (OCR), and add the result.",
    )
