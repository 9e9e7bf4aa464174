"""A document's passages, each with where it stands: a page, a heading, a definition, and always lines."""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from rejoinder.adapters.documents import html, office, pdf
from rejoinder.adapters.documents.chunking import Piece, pieces
from rejoinder.adapters.documents.document import Document
from rejoinder.adapters.documents.kinds import decoded, decoded_page, kind_of
from rejoinder.adapters.documents.limits import MOST_TEXT, Unreadable, damaged, too_much
from rejoinder.declared import frozen
from rejoinder.domain.knowledge import Passage

_MARKDOWN = "page.md"

Tell = Callable[[int, int], None]
"""Told how many parts of a document are done, of how many."""


@frozen
class Title:
    """What a document says that it is called."""

    text: str


def read(document: Document, tell: Tell) -> Iterator[Passage | Title]:
    """A document's passages, and its title if it has one. Raises Unreadable, also for one without any text."""
    if not document.data.strip():
        raise _empty()
    found, characters = False, 0
    for part in _parts(document, tell):
        if isinstance(part, Passage):
            found, characters = True, characters + len(part.text)
            if characters > MOST_TEXT:
                raise too_much("text")
        yield part
    if not found:
        raise _empty()


def _parts(document: Document, tell: Tell) -> Iterator[Passage | Title]:
    kind = kind_of(document.data, document.name, document.mime_type)
    if kind == "pdf":
        yield from _of_pdf(document, tell)
    elif kind == "html":
        yield from _of_page(document)
    elif kind == "text":
        yield from _of_text(document)
    else:
        office.check(document.data)
        try:
            yield from _of_office(document, kind)
        except (Unreadable, MemoryError):
            raise
        except Exception:
            # the libraries raise whatever comes to them of what is not as it should be
            raise damaged("document") from None


def _of_pdf(document: Document, tell: Tell) -> Iterator[Passage | Title]:
    if name := pdf.title(document.data):
        yield Title(name)
    for number, text in pdf.pages(document.data, tell):
        for piece in _cut(document, text, ""):
            yield _passage(piece, f"{document.uri}#page={number}", f"page {number}")


def _of_page(document: Document) -> Iterator[Passage | Title]:
    page = html.page_text(decoded_page(document.data, document.mime_type))
    if page.title:
        yield Title(page.title)
    rows = sorted(page.anchors)
    for piece in _cut(document, page.text, _MARKDOWN):
        at = bisect_right(rows, piece.place.start_line + _heading_rows(piece.text)) - 1
        uri = f"{document.uri}#{page.anchors[rows[at]]}" if at >= 0 and "#" not in document.uri else document.uri
        yield _passage(piece, uri, piece.scope)


def _heading_rows(text: str) -> int:
    """How far below its first line a passage's own heading stands: the last one of those that it begins with."""
    found = 0
    for row, line in enumerate(text.split("\n")):
        if line.startswith("#"):
            found = row
        elif line.strip():
            break
    return found


def _of_text(document: Document) -> Iterator[Passage | Title]:
    text = decoded(document.data, document.mime_type)
    for piece in _cut(document, text, document.name):
        yield _passage(piece, document.uri, piece.scope)


def _of_office(document: Document, kind: str) -> Iterator[Passage | Title]:
    if kind == "docx":
        text, title = office.docx_text(document.data)
        if title:
            yield Title(title)
        for piece in _cut(document, text, _MARKDOWN):
            yield _passage(piece, document.uri, piece.scope)
        return
    for scope, text in office.slides(document.data) if kind == "pptx" else office.sheets(document.data):
        for piece in _cut(document, text, ""):
            yield _passage(piece, document.uri, scope)


def _cut(document: Document, text: str, path: str) -> Iterator[Piece]:
    return pieces(text, path, chunker=document.chunker, size=document.size)


def _passage(piece: Piece, uri: str, scope: str) -> Passage:
    return Passage(text=piece.text, uri=uri, place=piece.place, scope=scope or None)


def _empty() -> Unreadable:
    return Unreadable("empty", "There is no text in it.", "Add something that holds text.")
