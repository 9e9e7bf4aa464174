"""A storage for TinyDB that keeps its tables in memory and each change in a journal."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from rejoinder import platform
from rejoinder.adapters.journal import Journal
from rejoinder.adapters.journal_format import FORMAT
from rejoinder.adapters.strict_json import dump, dump_and_read
from rejoinder.domain.errors import StorageError

Rows = dict[str, dict[str, Any]]
Operation = list[Any]
"""`["put", table, id, document]`, `["set", table, id, fields]`, `["remove", table, id]`, `["clear", table]`, which
makes an empty table, or `["drop", table]`."""

COMPACT_ABOVE = 1 << 20

_log = logging.getLogger(__name__)


class JournalStorage(Storage):
    """TinyDB's tables over a journal at `path`, whose files are `path` with `.N.jsonl` added.

    One change is one line, on the disk before the call returns. A value that JSON cannot hold raises NotJson, a
    failed write StorageFull or StorageError; neither changes anything. Opening raises StorageCorrupt for a file of a
    newer format only: damaged lines are left out, told of in `faults`, and kept in a copy of the file. A file of an
    older format is copied, then written anew in today's.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        sync: Callable[[int], None] = platform.sync_data,
        compact_above: int = COMPACT_ABOVE,
    ) -> None:
        super().__init__()
        self._journal = Journal(Path(path), sync=sync)
        self.faults = self._journal.faults
        """What was found damaged on opening, in sentences for people."""
        self._tables: dict[str, Rows] = {}
        self._group: list[Operation] | None = None
        self._operations = 0
        self._compact_above = self._compact_next = compact_above
        self._open()

    @property
    def file(self) -> Path:
        """The journal's current file."""
        return self._journal.file

    @property
    def mark(self) -> tuple[str, int]:
        """The current file's name and size, which tell whether somebody has seen it as it is now."""
        return self._journal.file_name, self._journal.size

    @property
    def size(self) -> int:
        """Bytes of the journal's current file."""
        return self._journal.size

    def rows(self, table: str) -> Rows:
        """A table's documents by their IDs, not copied: for reading only."""
        return self._tables.get(table, {})

    def commit(
        self, operations: Sequence[Operation], *, durable: bool = True, forget: bool = False, own: bool = False
    ) -> None:
        """Make changes in one write; within `together` they wait for its end.

        Not durable: written without a sync, lost only if the machine goes down. `forget`: the file is written anew
        and copies of damaged files are removed, so that what is left out is gone from the disk. `own`: nobody else
        holds the documents, so that they need not be copied.
        """
        if self._group is not None:
            self._group.extend(operations)
        elif forget:
            self._forget(operations)
        elif operations:
            self._record(operations, durable=durable, own=own)

    @contextlib.contextmanager
    def together(self, *, durable: bool = True, forget: bool = False) -> Iterator[None]:
        """Make all changes of the block in one write at its end, none when it raises.

        Reading within the block shows what was there before it.
        """
        if self._group is not None:
            raise RuntimeError("One group of changes is open already.")
        group: list[Operation] = []
        self._group = group
        try:
            yield
        finally:
            self._group = None
        self.commit(group, durable=durable, forget=forget)

    def compact(self) -> None:
        """Write the file anew without what was replaced or removed."""
        self._journal.rewrite(_snapshot(self._tables))
        self._operations = _row_count(self._tables)
        self._compact_next = self._compact_above

    def read(self) -> dict[str, dict[str, Any]] | None:
        """A copy of all tables, as TinyDB's own tables want it; None before anything was written."""
        if not self._tables and not self._journal.generation:
            return None
        copy: dict[str, dict[str, Any]] = orjson.loads(orjson.dumps(self._tables))
        return copy

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Make the tables equal to `data`; only what differs is written."""
        operations: list[Operation] = [["drop", table] for table in self._tables if table not in data]
        for table, rows in data.items():
            operations.extend(self._difference(table, rows))
        self.commit(operations)

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()

    def _open(self) -> None:
        contents = self._journal.open()
        if contents.version != FORMAT:
            copy = self._journal.set_aside(f"format{contents.version}")
            _log.info("%s is brought to format %d; as it was it is kept as %s", self.file, FORMAT, copy)
        for operations in contents.records:
            self._operations += len(operations)
            _apply(self._tables, operations)
        if contents.damaged:
            self._repair(contents.damaged)
        elif contents.version != FORMAT:
            self.compact()

    def _repair(self, damaged: int) -> None:
        """Keep the damaged file and go on in a new one. When that fails, the next write tries to go on."""
        file = self.file
        lines = "One line was" if damaged == 1 else f"{damaged} lines were"
        try:
            copy = self._journal.set_aside()
            self.compact()
        except StorageError as error:
            self.faults.append(f"{lines} damaged in {file} and left out, and it could not be mended: {error.message}")
        else:
            self.faults.append(f"{lines} damaged in {file} and left out; the file as it was is kept as {copy}.")

    def _record(self, operations: Sequence[Operation], *, durable: bool, own: bool) -> None:
        payload, stored = (dump(operations), operations) if own else dump_and_read(operations)
        if self._journal.sound:
            self._journal.append(payload, durable=durable)
        else:
            # one line each: a damaged one costs less, and the end of a long file can be read alone
            self._journal.rewrite(chain(_snapshot(self._tables), (dump([operation]) for operation in stored)))
        # what memory holds is what reading the file would give
        _apply(self._tables, stored)
        self._operations += len(stored)
        if self.size > self._compact_next and self._operations > 2 * _row_count(self._tables):
            self._compact_at_leisure()

    def _forget(self, operations: Sequence[Operation]) -> None:
        tables = {table: {key: dict(row) for key, row in rows.items()} for table, rows in self._tables.items()}
        _apply(tables, dump_and_read(operations)[1])
        self._journal.rewrite(_snapshot(tables))
        self._tables = tables
        self._operations = _row_count(tables)
        self._journal.forget_copies()

    def _compact_at_leisure(self) -> None:
        """Compact after a change that is stored already: a failure is no failure of the change."""
        try:
            self.compact()
        except StorageError:
            self._compact_next = 2 * self.size

    def _difference(self, table: str, rows: Mapping[str, Any]) -> list[Operation]:
        old = self.rows(table)
        if table not in self._tables or (old and not rows):
            old = {}
            operations: list[Operation] = [["clear", table]]
        else:
            operations = [["remove", table, key] for key in old if key not in rows]
        return operations + [["put", table, key, dict(row)] for key, row in rows.items() if old.get(key) != row]


def _apply(tables: dict[str, Rows], operations: Sequence[Operation]) -> None:
    for operation in operations:
        kind, table = operation[0], operation[1]
        if kind == "put":
            tables.setdefault(table, {})[operation[2]] = operation[3]
        elif kind == "set":
            tables.setdefault(table, {}).setdefault(operation[2], {}).update(operation[3])
        elif kind == "remove":
            tables.get(table, {}).pop(operation[2], None)
        elif kind == "clear":
            tables[table] = {}
        elif kind == "drop":
            tables.pop(table, None)


def _snapshot(tables: Mapping[str, Rows]) -> Iterator[bytes]:
    """The shortest records that make these tables, one document a record."""
    for table, rows in tables.items():
        if not rows:
            yield orjson.dumps([["clear", table]])
        for key, row in rows.items():
            yield orjson.dumps([["put", table, key, row]])


def _row_count(tables: Mapping[str, Rows]) -> int:
    return sum(map(len, tables.values()))
