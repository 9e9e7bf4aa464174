"""What an engine and the process of the recall index say to one another: one JSON object a line."""

from datetime import UTC, datetime
from typing import Any

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import Recallable, RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit
from rejoinder.index.messages import decode_hit


@frozen
class Use:
    """How a project's vectors are made from now on; not answered."""

    project: str
    embedder: str
    base_url: str | None
    api_key_env: str | None


@frozen
class Known:
    """Asks for the groups of a project. Answered with Groups."""

    id: int
    project: str


@frozen
class Piece:
    """Passages of a group, which comes in one piece or several.

    `whole`: the pieces together take the place of all other passages. The `last` one brings version and mark.
    """

    kind: str
    group: str
    passages: tuple[Recallable, ...]
    whole: bool
    first: bool
    last: bool
    version: str
    mark: str


@frozen
class Put:
    """Pieces of groups, in one transaction. Answered with Done once they are kept."""

    id: int
    project: str
    pieces: tuple[Piece, ...]


@frozen
class Remove:
    """Takes groups out. Answered with Done once they are gone from the disk."""

    id: int
    project: str
    kind: str
    groups: tuple[str, ...]


@frozen
class Ask:
    """Asks for the best passages. Answered with Found, after `wait` seconds at most for the question's vector.

    `now` in seconds since 1970: what has expired by then is not found.
    """

    id: int
    projects: tuple[str, ...]
    query: RecallQuery
    now: float
    wait: float


@frozen
class Count:
    """Asks how much there is of a project. Answered with Counted."""

    id: int
    project: str


@frozen
class Groups:
    """The groups of a project: kind, name, version and mark of each."""

    id: int
    groups: tuple[tuple[str, str, str, str], ...]


@frozen
class Found:
    """The passages, best first."""

    id: int
    hits: tuple[Hit, ...]


@frozen
class Counted:
    """How much there is."""

    id: int
    status: RecallStatus


@frozen
class Done:
    """What was asked for is done."""

    id: int


@frozen
class Failed:
    """What was asked for cannot be had. `anew`: a damaged index was set aside, and an empty one is in its place."""

    id: int
    reason: str
    anew: bool = False


ToRecall = Use | Known | Put | Remove | Ask | Count
FromRecall = Groups | Found | Counted | Done | Failed

_REQUESTS: tuple[type[ToRecall], ...] = (Use, Known, Put, Remove, Ask, Count)
_REPLIES: tuple[type[FromRecall], ...] = (Groups, Found, Counted, Done, Failed)
_SETS = ("kinds", "without", "session_ids", "documents")
_TO_RECALL: dict[str, type[ToRecall]] = {kind.__name__: kind for kind in _REQUESTS}
_FROM_RECALL: dict[str, type[FromRecall]] = {kind.__name__: kind for kind in _REPLIES}


def encode(message: ToRecall | FromRecall) -> bytes:
    """A message as a line with its end."""
    values = {"name": type(message).__name__, **attrs.asdict(message, recurse=False)}
    return orjson.dumps(values, default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def encode_passage(passage: Recallable) -> bytes:
    """A passage as it stands in a message."""
    return orjson.dumps(passage, default=_plain)


def decode_request(line: bytes) -> ToRecall:
    """What an engine said. Raises ValueError, KeyError or TypeError for anything else."""
    values = orjson.loads(line)
    kind = _TO_RECALL[values.pop("name")]
    if kind is Put:
        values["pieces"] = tuple(map(_piece, values["pieces"]))
    elif kind is Remove:
        values["groups"] = tuple(values["groups"])
    elif kind is Ask:
        values["projects"] = tuple(values["projects"])
        values["query"] = _query(values["query"])
    return kind(**values)


def decode_reply(line: bytes) -> FromRecall:
    """What the process said. Raises ValueError, KeyError or TypeError for anything else."""
    values = orjson.loads(line)
    kind = _FROM_RECALL[values.pop("name")]
    if kind is Found:
        return Found(values["id"], tuple(map(decode_hit, values["hits"])))
    if kind is Counted:
        status = values["status"]
        return Counted(values["id"], RecallStatus(**{**status, "faults": tuple(status["faults"])}))
    if kind is Groups:
        return Groups(values["id"], tuple(map(tuple, values["groups"])))
    return kind(**values)


def _query(values: dict[str, Any]) -> RecallQuery:
    sets = {name: frozenset(values[name]) for name in _SETS if values[name] is not None}
    times = {name: _time(values[name]) for name in ("since", "until") if values[name]}
    return RecallQuery(**{**values, "files": tuple(values["files"]), **sets, **times})


def _piece(values: dict[str, Any]) -> Piece:
    return Piece(**{**values, "passages": tuple(map(_recallable, values["passages"]))})


def _recallable(values: dict[str, Any]) -> Recallable:
    return Recallable(
        **{
            **values,
            "place": Place(**values["place"]),
            "created_at": _time(values["created_at"]),
            "expires_at": _time(values["expires_at"]) if values["expires_at"] else None,
            "files": tuple(values["files"]),
        }
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return list(value)
    if attrs.has(type(value)):
        return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    raise TypeError(f"{value!r} has no place in a message")
