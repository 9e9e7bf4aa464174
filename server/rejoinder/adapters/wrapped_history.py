"""Rows in a store of the user's own that knows four things: save, load, delete and list.

It is given a whole document for each project list, session, and kind of records, as plain JSON values:

    {"spaces": {"sessions/PROJECT": {ID: fields}, "session/PROJECT/ID/messages": {NUMBER: message}, …}}

All documents are read at the start and held in memory, and each change saves its whole document. What the class
cannot do follows from this: a turn costs what its session is long; a change of two documents can be stored by half;
and what is stored is as durable, and as private, as the class makes it.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, Protocol, cast

import orjson

from rejoinder.adapters.keyed_documents import PARTS, session_space
from rejoinder.adapters.keyed_rows import Change, MemoryRows, parts_of, space_of
from rejoinder.domain.errors import InvalidInput, RejoinderError, StorageError

LIMITS = (
    "it holds everything in memory, saves a session as a whole with every turn, and is as durable as its own `save`"
)

Name = tuple[str, ...]
_METHODS = ("save", "load", "delete", "list")


class OwnStore(Protocol):
    """What a class of the user's own has to have. An ID is 40 hexadecimal digits, which name no file of anybody."""

    def save(self, session_id: str, data: dict[str, Any]) -> None:
        """Keep a document, in the place of what has this ID."""
        ...

    def load(self, session_id: str) -> dict[str, Any] | None:
        """The document with this ID."""
        ...

    def delete(self, session_id: str) -> None:
        """Remove the document with this ID."""
        ...

    def list(self) -> Iterable[str]:
        """The IDs of all documents."""
        ...


def own_store(candidate: object, name: str) -> OwnStore:
    """A store of the user's own. Raises InvalidInput that says what it lacks."""
    lacking = [method for method in _METHODS if not callable(getattr(candidate, method, None))]
    if lacking:
        raise InvalidInput(
            f"store: {name!r} has no {', '.join(lacking)}.",
            hint="Give the class save(session_id, data), load(session_id), delete(session_id) and list().",
            key="store",
        )
    return cast(OwnStore, candidate)


class WrappedRows(MemoryRows):
    """The documents of a store of the user's own as rows."""

    def __init__(self, store: OwnStore, name: str) -> None:
        super().__init__()
        self._store = store
        self._name = name
        try:
            for document_id in list(store.list()):
                self._take_in(document_id)
        except Exception as error:
            raise self._failure(error) from error

    def commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        """Save every document that changes; when one cannot be saved, those before it are put back if that can be."""
        before = {change.space: self.all(change.space) for change in changes}
        super().commit(changes)
        saved: list[Name] = []
        try:
            for name in dict.fromkeys(map(_document_of, changes)):
                saved.append(name)
                self._save(name)
        except Exception as error:
            self._spaces |= before
            with suppress(Exception):
                for name in saved:
                    self._save(name)
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the store if it can be closed."""
        if callable(close := getattr(self._store, "close", None)):
            close()

    def _save(self, name: Name) -> None:
        """Save a document, or remove it when nothing is left of it."""
        spaces = {space: rows for space in _spaces_of(name) if (rows := self._rows_in(name, space))}
        document_id = sha256("/".join(name).encode()).hexdigest()[:40]
        if spaces:
            self._store.save(document_id, {"spaces": spaces})
        elif document_id in set(self._store.list()):
            self._store.delete(document_id)

    def _rows_in(self, name: Name, space: str) -> dict[str, Any]:
        """The rows of a space that belong to a document, as JSON values."""
        rows = self._spaces.get(space, {})
        if name[0] == "session" and space == space_of("sessions", name[1]):
            rows = {name[2]: rows[name[2]]} if name[2] in rows else {}
        return {key: _value(space, row) for key, row in rows.items()}

    def _take_in(self, document_id: str) -> None:
        document = self._store.load(document_id)
        try:
            for space, rows in dict(document or {})["spaces"].items():
                # whoever keeps JSON may put its keys in any order
                known = sorted(rows) if space.endswith("/messages") else rows
                self._spaces.setdefault(space, {}).update({key: _row(space, rows[key]) for key in known})
        except (KeyError, TypeError, ValueError, AttributeError):
            self.faults.append(f"What {self._name!r} has as {document_id!r} makes no sense and is not shown.")

    def _failure(self, error: Exception) -> RejoinderError:
        if isinstance(error, RejoinderError):
            return error
        return StorageError(
            f"The store {self._name!r} failed with {type(error).__name__}: {str(error)[:200]}; nothing was changed.",
            hint="Look into that class, or choose another store with `store`.",
        )


def _document_of(change: Change) -> Name:
    """The name of the document that a change is in."""
    parts = parts_of(change.space)
    if parts[0] == "sessions":
        return "session", parts[1], change.key or ""
    return tuple(parts[:3])


def _spaces_of(name: Name) -> list[str]:
    """The spaces that a document holds, or has its share of."""
    if name[0] == "session":
        return [space_of("sessions", name[1]), *(session_space(name[1], name[2], part) for part in PARTS)]
    return [space_of(*name)]


def _value(space: str, row: bytes) -> Any:
    return b64encode(row).decode() if space.endswith("/attachments") else orjson.loads(row)


def _row(space: str, value: Any) -> bytes:
    return b64decode(value) if space.endswith("/attachments") else orjson.dumps(value)
