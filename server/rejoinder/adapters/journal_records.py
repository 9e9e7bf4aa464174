"""A project's own records, such as what it remembers: a journal for each kind of them, in the project's folder.

    records/KIND.N.jsonl      a row for each record, by its ID

They are read when they are first asked for, and kept in memory as the lines that are on the disk. Dropping some writes
the file anew without their lines.
"""

import contextlib
import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from rejoinder.adapters.journal import Journal
from rejoinder.adapters.journal_format import FORMAT, decode_line, encode_line
from rejoinder.adapters.strict_json import dump_and_read
from rejoinder.domain.errors import InvalidInput, NotFound, StorageError

FOLDER, TABLE = "records", "records"
COMPACT_ABOVE = 1 << 20
_TOGETHER = 1000
"""Lines that are joined before they are written."""

_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Records(Mapping[str, Mapping[str, Any]]):
    """Records as they were at one moment, each decoded when it is looked at."""

    def __init__(self, encoded: Mapping[str, bytes], decode: Callable[[bytes], Any] = orjson.loads) -> None:
        self._encoded = encoded
        self._decode = decode

    def __getitem__(self, record_id: str) -> Mapping[str, Any]:
        value: Mapping[str, Any] = self._decode(self._encoded[record_id])
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._encoded


class RecordFile:
    """One kind of a project's records. `faults` holds sentences about what was found damaged."""

    def __init__(self, path: Path, *, sync: Callable[[int], None]) -> None:
        self._journal = Journal(path, sync=sync)
        self.faults = self._journal.faults
        self._lines: dict[str, bytes] = {}
        """What the file holds of each record, or would hold if each were put alone."""
        self._handed_out = False
        """Whether somebody looks at these very lines, who must not see what comes later."""
        self._written = 0
        """Records in the file, those that were replaced among them."""
        self._open()

    def all(self) -> Records:
        """The records as they are now."""
        self._handed_out = True
        return Records(self._lines, _record)

    def put(self, records: Mapping[str, bytes], *, erase: bool) -> None:
        """Add or replace records, all or none; `erase` leaves nothing of what is replaced on the disk."""
        operations = {record_id: _operation(record_id, record) for record_id, record in records.items()}
        lines = {record_id: encode_line(b"[%b]" % operation) for record_id, operation in operations.items()}
        if erase and not lines.keys().isdisjoint(self._lines):
            self._erase({**self._lines, **lines})
            return
        if not self._journal.sound:
            self._rewrite({**self._lines, **lines})
            return
        self._journal.append(b"[%b]" % b",".join(operations.values()))
        if self._handed_out:
            self._lines, self._handed_out = dict(self._lines), False
        self._lines.update(lines)
        self._written += len(lines)
        if self._journal.size > COMPACT_ABOVE and self._written > 2 * len(self._lines):
            with contextlib.suppress(StorageError):  # what was put is stored already
                self._rewrite(self._lines)

    def drop(self, ids: Collection[str]) -> None:
        """Remove records, and copies of damaged files with them."""
        kept = dict(self._lines)
        for record_id in ids:
            kept.pop(record_id, None)
        if len(kept) < len(self._lines):
            self._erase(kept)

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()

    def _open(self) -> None:
        contents = self._journal.open()
        for operation in (operation for operations in contents.records for operation in operations):
            with contextlib.suppress(LookupError, TypeError, ValueError):
                _, _, record_id, record = operation
                self._lines[record_id] = encode_line(b"[%b]" % _operation(record_id, orjson.dumps(record)))
                self._written += 1
        if contents.damaged or contents.version != FORMAT:
            self._mend(contents.damaged)

    def _mend(self, damaged: int) -> None:
        """Keep the file as it was, and go on in a new one."""
        file = self._journal.file
        lines = "One line was" if damaged == 1 else f"{damaged} lines were"
        try:
            copy = self._journal.set_aside()
            self._rewrite(self._lines)
        except StorageError as error:
            self.faults.append(f"{lines} damaged in {file} and left out, and it could not be mended: {error.message}")
        else:
            self.faults.append(f"{lines} damaged in {file} and left out; the file as it was is kept as {copy}.")

    def _erase(self, lines: dict[str, bytes]) -> None:
        """Keep these lines alone, also of the copies that were set aside."""
        self._rewrite(lines)
        self._journal.forget_copies()

    def _rewrite(self, lines: dict[str, bytes]) -> None:
        whole = list(lines.values())
        parts = (b"".join(whole[start : start + _TOGETHER]) for start in range(0, len(whole), _TOGETHER))
        self._journal.rewrite(lines=parts)
        self._handed_out = self._handed_out and lines is self._lines
        self._lines, self._written = lines, len(lines)


class RecordFiles:
    """The records of every project in a folder of projects."""

    def __init__(self, place: Callable[[str], Path], known: Container[str], *, sync: Callable[[int], None]) -> None:
        """`place` tells a project's folder, `known` which projects there are."""
        self._place = place
        self._known = known
        self._sync = sync
        self._files: dict[tuple[str, str], RecordFile] = {}

    def kinds(self, project_id: str) -> list[str]:
        """The kinds of records that a project has or had."""
        if project_id not in self._known:
            return []
        paths = (self._place(project_id) / FOLDER).glob("*.*.jsonl")
        return sorted({path.name.partition(".")[0] for path in paths})

    def all(self, project_id: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The project's own records of a kind by their IDs, in the order of their coming."""
        return self._file(project_id, kind).all() if project_id in self._known else {}

    def put(self, project_id: str, kind: str, records: Mapping[str, Mapping[str, Any]], *, erase: bool = False) -> None:
        """Add or replace records, in one durable write; `erase` leaves nothing of what is replaced on the disk."""
        if project_id not in self._known:
            raise NotFound("project", project_id, hint="Open the project's folder first.")
        encoded = {record_id: dump_and_read(dict(record))[0] for record_id, record in records.items()}
        dump_and_read(list(encoded))
        if encoded:
            self._file(project_id, kind).put(encoded, erase=erase)

    def drop(self, project_id: str, kind: str, ids: Collection[str]) -> None:
        """Remove records; they are gone from the disk when this returns."""
        if project_id in self._known:
            self._file(project_id, kind).drop(ids)

    def faults(self) -> list[str]:
        """What was found damaged since the last call."""
        found = [fault for file in self._files.values() for fault in file.faults]
        for file in self._files.values():
            file.faults.clear()
        return found

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, project_id: str, kind: str) -> RecordFile:
        record_kind(kind)
        if (file := self._files.get((project_id, kind))) is None:
            path = self._place(project_id) / FOLDER / kind
            file = self._files[project_id, kind] = RecordFile(path, sync=self._sync)
        return file


def record_kind(kind: str) -> str:
    """A kind of records that may be a file's name. Raises InvalidInput for any other."""
    if not _KIND.fullmatch(kind):
        raise InvalidInput(f"{kind[:40]!r} is no kind of records.", hint="Use small letters.")
    return kind


def _record(line: bytes) -> Any:
    return decode_line(line)[0][3]


def _operation(record_id: str, row: bytes) -> bytes:
    return b'["put","%b",%b,%b]' % (TABLE.encode(), orjson.dumps(record_id), row)
