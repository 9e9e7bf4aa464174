"""What an engine and an index worker say to one another: one JSON object a line, files as URIs."""

from datetime import datetime
from typing import Any, ClassVar

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.domain.retrieval import Hit, IndexFault, IndexStatus


@frozen
class Search:
    """Asks for the best passages, after a first index or at most `wait` seconds. Answered with Found.

    `near` are the files that the user has before them, the open one first; `commits` asks for past commits too.
    """

    id: int
    query: str
    limit: int
    wait: float
    near: tuple[str, ...] = ()
    commits: bool = False


@frozen
class Names:
    """Asks for names that are defined and hold what was typed. Answered with Named, also during a first index."""

    id: int
    typed: str
    limit: int


@frozen
class Buffer:
    """What an open buffer holds; None when it was closed."""

    uri: str
    text: str | None


@frozen
class Changed:
    """Files that were made, changed or removed."""

    uris: tuple[str, ...]


@frozen
class Rebuild:
    """Index one file anew, or all; a pause is over then. Answered with Done once it is begun.

    `waits`: answered when it is done, or with Failed when it cannot be.
    """

    id: int
    uri: str | None
    waits: bool = False


@frozen
class Explain:
    """Asks why a file is in the index or not. Answered with Explained."""

    id: int
    uri: str


@frozen
class Pause:
    """Index nothing until Resume; questions are answered. Answered with Done.

    `keep`: later processes do not either.
    """

    id: int
    keep: bool = False


@frozen
class Resume:
    """Go on indexing. Answered with Done."""

    id: int


@frozen
class Found:
    """The passages, best first."""

    id: int
    hits: tuple[Hit, ...]


@frozen
class Named:
    """The names, best first."""

    id: int
    names: tuple[str, ...]


@frozen
class Explained:
    """Whether a file is in the index, why, and how many passages it has; `known`: it is, be it still there or not."""

    id: int
    indexed: bool
    reason: str
    chunks: int
    known: bool


@frozen
class Done:
    """What was asked for is under way, or is done for who waits."""

    id: int


@frozen
class Failed:
    """What was asked for cannot be had just now."""

    id: int
    reason: str


@frozen
class Status:
    """How far the index is; sent by itself, as the answer to no request."""

    id: ClassVar[int] = 0
    status: IndexStatus


ToWorker = Search | Names | Buffer | Changed | Rebuild | Explain | Pause | Resume
FromWorker = Found | Named | Explained | Done | Failed | Status

_REQUESTS: tuple[type[ToWorker], ...] = (Search, Names, Buffer, Changed, Rebuild, Explain, Pause, Resume)
_REPLIES: tuple[type[FromWorker], ...] = (Found, Named, Explained, Done, Failed, Status)
_TO_WORKER: dict[str, type[ToWorker]] = {kind.__name__: kind for kind in _REQUESTS}
_FROM_WORKER: dict[str, type[FromWorker]] = {kind.__name__: kind for kind in _REPLIES}


def encode(message: ToWorker | FromWorker) -> bytes:
    """A message as a line with its end."""
    return orjson.dumps({"kind": type(message).__name__, **attrs.asdict(message)}, option=orjson.OPT_APPEND_NEWLINE)


def decode_request(line: bytes) -> ToWorker:
    """What an engine said. Raises ValueError, KeyError or TypeError for anything else."""
    values = orjson.loads(line)
    kind = _TO_WORKER[values.pop("kind")]
    if kind is Changed:
        return Changed(tuple(values["uris"]))
    if kind is Search:
        values["near"] = tuple(values["near"])
    return kind(**values)


def decode_reply(line: bytes) -> FromWorker:
    """What a worker said. Raises ValueError, KeyError or TypeError for anything else."""
    values = orjson.loads(line)
    kind = _FROM_WORKER[values.pop("kind")]
    if kind is Found:
        return Found(values["id"], tuple(map(decode_hit, values["hits"])))
    if kind is Named:
        return Named(values["id"], tuple(values["names"]))
    if kind is Status:
        return Status(_status(values["status"]))
    return kind(**values)


def decode_hit(values: dict[str, Any]) -> Hit:
    """A hit of either index. Raises ValueError, KeyError or TypeError for anything else."""
    created_at = values.get("created_at")
    values["created_at"] = None if created_at is None else datetime.fromisoformat(created_at)
    return Hit(**{**values, "place": Place(**values["place"])})


def _status(values: dict[str, Any]) -> IndexStatus:
    return IndexStatus(**{**values, "faults": tuple(IndexFault(**fault) for fault in values["faults"])})
