"""Places that an answer names, checked against what was sent of the files."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from rejoinder.domain.conversation import Attachment, Citation, Message, Place
from rejoinder.domain.retrieval import Hit

_REFERENCE = re.compile(
    r"(?<![\w/@+.-])(?P<path>[\w@+.-]++(?:/[\w@+.-]++)*+|(?:/[\w@+.-]++)++)"
    r"(?::|\#L)(?P<first>\d{1,7})(?:-L?(?P<last>\d{1,7}))?"
)
_MOST = 50

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


def find_citations(answer: str, sent: Iterable[Sent], message_id: str) -> tuple[Citation, ...]:
    """The citations of a text: each `path:line`, `path:first-last` or `path#Lfirst-Llast` within what was sent.

    The path may be the end of a file's path. Lines are 1-based in the text and 0-based in the citation, whose place
    takes in whole lines. A place of which not a line was sent is none: the answer made it up.
    """
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
    return tuple(found.values())


def _has(place: Place | None, first: int, last: int) -> bool:
    return place is None or (place.start_line <= last and first <= place.end_line)
