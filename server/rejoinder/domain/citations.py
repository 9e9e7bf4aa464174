"""Places that an answer names, checked against what was sent of the files."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from rejoinder.domain.conversation import Attachment, Citation, Message, Place
from rejoinder.domain.names import COMMIT, commit_name, document_name, page_of, shown_path
from rejoinder.domain.retrieval import Hit

_REFERENCE = re.compile(
    r"(?<![\w/@+.-])(?P<path>[\w@+.-]++(?:/[\w@+.-]++)*+|(?:/[\w@+.-]++)++)"
    r"(?::|\#L)(?P<first>\d{1,7})(?:-L?(?P<last>\d{1,7}))?"
)
_PAGE = re.compile(r"(?<![\w/@+.-])(?P<path>[\w@+./-]{1,300}+)(?:#page=|,? \(?page )(?P<page>\d{1,6})", re.IGNORECASE)
_COMMIT_ID = re.compile(r"(?<![\w/.-])[0-9a-f]{7,40}(?![\w/-])")
_MOST = 50
_LABEL = 40
"""Characters of a text that stands for a place without a name."""

Sent = tuple[str, Place | None]
"""A file's URI and the lines of it that a model was sent; None is all of them."""


def sent_with(hits: Iterable[Hit], attachments: Iterable[Attachment], path: Iterable[Message]) -> Iterator[Sent]:
    """What a turn sent, and what earlier ones did as far as their messages tell: what was attached or cited."""
    for hit in hits:
        yield hit.uri, hit.place
    for attachment in attachments:
        yield attachment.uri, attachment.place
    for message in path:
        yield from sent_with((), message.attachments, ())
        for citation in message.citations:
            yield citation.uri, citation.place


def label_of(hit: Hit, folder: str | None) -> str:
    """What a citation of a whole passage is called: `path:line`, the commit, or how a memory or message begins."""
    if hit.source == "commit":
        return f"commit {commit_name(hit.uri)}"
    if hit.source in ("memory", "message"):
        return f"{hit.source} “{_beginning(hit.text)}”"
    if hit.source == "knowledge" and (document := document_name(hit.uri, hit.scope, folder)) is not None:
        return document
    return f"{shown_path(hit.uri, folder)}:{hit.place.start_line + 1}"


def _beginning(text: str) -> str:
    line = " ".join(text[: 4 * _LABEL].split())
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1].rstrip()}…"


def find_citations(answer: str, sent: Iterable[Sent], message_id: str) -> tuple[Citation, ...]:
    """The citations of a text: each `path:line`, `path:first-last` or `path#Lfirst-Llast` within what was sent, pages
    of PDFs as `path, page 3`, addresses of web pages, and the IDs of commits that were sent, whole or their first seven
    digits or more.

    The path may be the end of a file's path. Lines are 1-based in the text and 0-based in the citation, whose place
    takes in whole lines. A place of which not a line was sent is none: the answer made it up.
    """
    sent = list(sent)
    places = [(f"/{unquote(urlsplit(uri).path).lstrip('/')}", uri, place) for uri, place in sent]
    found: dict[str, Citation] = {}
    for match in _REFERENCE.finditer(answer):
        ending = "/" + match["path"].lstrip("/")
        first = int(match["first"]) - 1
        last = max(int(match["last"] or 0) - 1, first)
        fitting = (uri for path, uri, place in places if path.endswith(ending) and _has(place, first, last))
        uri = next(fitting, None)
        if uri is None or first < 0 or len(found) == _MOST:
            continue
        label = match.group()
        found.setdefault(label, Citation(uri, Place(first, 0, last + 1, 0), label, message_id))
    for label, uri, place in _documents(answer, sent):
        if len(found) < _MOST:
            found.setdefault(label, Citation(uri, place or Place(0, 0, 0, 0), label, message_id))
    commits = [uri for uri, _ in sent if uri.startswith(COMMIT)]
    for match in _COMMIT_ID.finditer(answer) if commits else ():
        uri = next((each for each in commits if each.startswith(COMMIT + match.group())), None)
        if uri is not None and len(found) < _MOST:
            found.setdefault(match.group(), Citation(uri, Place(0, 0, 0, 0), match.group(), message_id))
    return tuple(found.values())


def _documents(answer: str, sent: Iterable[Sent]) -> Iterator[tuple[str, str, Place | None]]:
    """The parts of documents that an answer names: what they are called there, their URI, and their place."""
    pages = [(unquote(urlsplit(uri).path), page_of(uri), uri, place) for uri, place in sent if page_of(uri)]
    for match in _PAGE.finditer(answer) if pages else ():
        ending = "/" + match["path"].lstrip("/")
        for path, page, uri, place in pages:
            if page == int(match["page"]) and path.endswith(ending):
                yield match.group(), uri, place
                break
    for uri, place in sent:
        if uri.startswith(("http://", "https://")) and re.search(re.escape(uri) + r"(?![\w/#?=&%-])", answer):
            yield uri, uri, place


def _has(place: Place | None, first: int, last: int) -> bool:
    return place is None or (place.start_line <= last and first <= place.end_line)
