"""The projects' own records as rows with keys."""

from collections.abc import Collection, Container, Mapping, Sequence
from typing import Any, Protocol

from rejoinder.adapters.journal_records import Records, record_kind
from rejoinder.adapters.keyed_rows import Change, Rows, parts_of, space_of
from rejoinder.adapters.strict_json import dump_and_read
from rejoinder.domain.errors import NotFound


class Commit(Protocol):
    """What makes changes to rows."""

    def __call__(self, changes: Sequence[Change], *, erase: bool = False) -> None:
        """Make all or none."""
        ...


class KeyedRecords:
    """Reads a kind of records once, and keeps it in memory as the bytes that the rows hold."""

    def __init__(self, rows: Rows, known: Container[str], *, commit: Commit) -> None:
        """`known` tells which projects there are; `commit` makes changes to the rows, all or none."""
        self._rows = rows
        self._commit = commit
        self._known = known
        self._read: dict[str, dict[str, bytes]] = {}

    def kinds(self, project_id: str) -> list[str]:
        """The kinds of records that a project has."""
        return sorted(parts_of(space)[2] for space in self._rows.spaces(space_of("records", project_id) + "/"))

    def all(self, project_id: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The project's own records of a kind by their IDs, in the order of their coming."""
        space = space_of("records", project_id, record_kind(kind))
        if space not in self._read:
            self._read[space] = self._rows.all(space)
        return Records(self._read[space])

    def put(self, project_id: str, kind: str, records: Mapping[str, Mapping[str, Any]], *, erase: bool = False) -> None:
        """Add or replace records, in one durable write; `erase` leaves nothing of what is replaced on the disk."""
        if project_id not in self._known:
            raise NotFound("project", project_id, hint="Open the project's folder first.")
        space = space_of("records", project_id, record_kind(kind))
        encoded = {record_id: dump_and_read(dict(record))[0] for record_id, record in records.items()}
        dump_and_read(list(encoded))
        if encoded:
            self._commit([Change(space, *record) for record in encoded.items()], erase=erase)
        if space in self._read:
            self._read[space] = {**self._read[space], **encoded}

    def drop(self, project_id: str, kind: str, ids: Collection[str]) -> None:
        """Remove records; they are gone from the disk when this returns."""
        space = space_of("records", project_id, record_kind(kind))
        self._commit([Change(space, record_id) for record_id in ids], erase=True)
        if space in self._read:
            gone = set(ids)
            self._read[space] = {key: row for key, row in self._read[space].items() if key not in gone}

    def forget(self) -> None:
        """Read everything anew when it is asked for."""
        self._read.clear()
