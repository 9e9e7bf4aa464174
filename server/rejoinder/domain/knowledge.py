"""Documents and texts that were added as knowledge."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place

KnowledgeKind = Literal["file", "folder", "url", "text"]

URI = "rejoinder:/knowledge/"
"""What an item's ID stands behind in the URIs of passages that lie in no file and on no page."""

GONE = "It is not there any more; what was read of it before still counts."
"""What is said of a file or folder that has gone."""


@frozen(kw_only=True)
class Passage:
    """A part of a document. `scope` says where it stands for people: `page 3`, a heading, a definition."""

    text: str
    uri: str
    place: Place
    scope: str | None = None


@frozen(kw_only=True)
class ReadFile:
    """What a file was when it was read: enough to see that it has changed. `modified` in nanoseconds.

    `path` is relative to a folder that was added, and empty for a file that was.
    """

    path: str
    size: int
    modified: int
    digest: str
    error: str | None = None
    """Why it could not be read then."""


@frozen(kw_only=True)
class KnowledgeItem:
    """Something that was added, without its passages. `size` in bytes of what was read.

    With a `session_id` it counts in that session only.
    """

    knowledge_id: str
    source: str
    """What it was added as: a path, a URL, or the beginning of a text."""
    title: str
    kind: KnowledgeKind
    added_at: datetime
    updated_at: datetime
    session_id: str | None = None
    size: int = 0
    passages: int = 0
    parts: int = 0
    """How many records its passages fill."""
    revision: int = 0
    """Goes up whenever it has other passages."""
    files: tuple[ReadFile, ...] = ()
    """The files that it was read from; none for a URL or a text."""
    digest: str = ""
    """Of a text: what it is known by, so that the same one is not kept twice."""
    ignore: tuple[str, ...] = ()
    """Patterns of files of a folder that were left out, beside those of its ignore files."""
    chunker: str | None = None
    chunk_size: int | None = None
    error: str | None = None
    """What went wrong when it was read last, in a sentence for people."""


@frozen
class Document:
    """An item with all its passages."""

    item: KnowledgeItem
    passages: Sequence[Passage]

    def copy(self, knowledge_id: str, session_id: str) -> "Document":
        """The same under another ID, for another session."""
        old, new = URI + self.item.knowledge_id, URI + knowledge_id
        item = attrs.evolve(self.item, knowledge_id=knowledge_id, session_id=session_id)
        return Document(item, [attrs.evolve(one, uri=_renamed(one.uri, old, new)) for one in self.passages])


def counts_in(item: KnowledgeItem, session_id: str | None) -> bool:
    """Whether it counts in a session; None is outside of all sessions."""
    return item.session_id is None or item.session_id == session_id


def _renamed(uri: str, old: str, new: str) -> str:
    base, mark, place = uri.partition("#")
    return new + mark + place if base == old else uri
