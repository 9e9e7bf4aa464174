"""Places that an answer names, found among the files that went into its prompt."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from rejoinder.domain.conversation import Citation, Place

_REFERENCE = re.compile(
    r"(?<![\w/@+.-])(?P<path>[\w@+.-]*(?:/[\w@+.-]+)*\.[A-Za-z]\w*):(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?"
)
_MOST = 50


def find_citations(answer: str, uris: Iterable[str], message_id: str) -> tuple[Citation, ...]:
    """The citations of a text: each `path:line` or `path:first-last` whose path ends one of the files' paths.

    Lines are 1-based in the text and 0-based in the citation, whose place takes in whole lines.
    """
    paths = {unquote(urlsplit(uri).path): uri for uri in uris}
    found: dict[str, Citation] = {}
    for match in _REFERENCE.finditer(answer):
        ending = "/" + match["path"].lstrip("/")
        uri = next((uri for path, uri in paths.items() if f"/{path.lstrip('/')}".endswith(ending)), None)
        first = int(match["first"])
        if uri is None or first < 1 or len(found) == _MOST:
            continue
        last = max(int(match["last"] or first), first)
        label = match.group()
        found.setdefault(label, Citation(uri, Place(first - 1, 0, last, 0), label, message_id))
    return tuple(found.values())
