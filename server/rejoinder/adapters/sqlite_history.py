"""Rows in one SQLite file: a change is one transaction, on the disk before the call returns."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rejoinder import platform
from rejoinder.adapters.journal import storage_error
from rejoinder.adapters.keyed_rows import Change
from rejoinder.domain.errors import StorageCorrupt, StorageError, StorageFull, StorageLocked

FILE = "history.sqlite"
FORMAT = 1
_APPLICATION = 0x524A4452
_PATIENCE = 2.0
"""Seconds that a change waits for a program that holds the file, such as one that copies it."""

_SCHEMA = """
CREATE TABLE rows (id INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL);
CREATE UNIQUE INDEX rows_by_key ON rows (space, key);
CREATE INDEX rows_in_order ON rows (space);
"""
_PUT = """
INSERT INTO rows (space, key, value) VALUES (?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET value = excluded.value
"""


class SqliteRows:
    """The rows of one file, which must be this process's alone for writing; others may read it."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises StorageCorrupt, StorageLocked, or StorageError."""
        self._path = path
        self.faults: list[str] = []
        try:
            platform.make_private_folder(path.parent)
            os.close(platform.open_private(path, os.O_RDWR | os.O_CREAT))
        except OSError as error:
            raise storage_error(error, path) from error
        with self._told():
            self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._database.close()
                raise

    def get(self, space: str, key: str) -> bytes | None:
        """A row; None when it is not there."""
        found = self._rows("SELECT key, value FROM rows WHERE space = ? AND key = ?", space, key)
        return next(iter(found.values()), None)

    def all(self, space: str) -> dict[str, bytes]:
        """The rows of a space."""
        return self._rows("SELECT key, value FROM rows WHERE space = ? ORDER BY id", space)

    def last(self, space: str, count: int) -> dict[str, bytes]:
        """The rows of a space that came last, in the order of their coming."""
        rows = self._rows("SELECT key, value FROM rows WHERE space = ? ORDER BY id DESC LIMIT ?", space, count)
        return dict(reversed(rows.items()))

    def size(self, space: str) -> int:
        """The bytes of a space's rows."""
        with self._told():
            (size,) = self._database.execute(
                "SELECT total(length(value)) FROM rows WHERE space = ?", [space]
            ).fetchone()
        return int(size)

    def spaces(self, prefix: str) -> list[str]:
        """The spaces that have rows and whose names begin like this."""
        with self._told():
            found = self._database.execute(
                "SELECT DISTINCT space FROM rows WHERE space >= ? AND space < ?", [prefix, prefix + "\U0010ffff"]
            ).fetchall()
        return [space for (space,) in found]

    def commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        """Make all changes or none."""
        with self._told():
            # in WAL mode NORMAL leaves out the sync at the end of a transaction
            self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._database.execute("BEGIN IMMEDIATE")
            try:
                for change in changes:
                    self._make(change)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            if erase:
                self._clear_log()

    def close(self) -> None:
        """Finish all writes and let go of the file."""
        with self._told():
            self._database.close()

    def _prepare(self) -> None:
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise StorageCorrupt(
                f"{str(self._path)!r} was written by a newer version of this program (format {version}, known is "
                f"{FORMAT}).",
                path=str(self._path),
                backup=None,
                hint="Update this program, or choose another folder with `dataDir`.",
            )
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "fullfsync = ON", "checkpoint_fullfsync = ON"):
            self._database.execute(f"PRAGMA {pragma}")
        if version == 0:
            marks = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT};"
            self._database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {marks} COMMIT;")

    def _make(self, change: Change) -> None:
        space, key, value = change
        if key is None:
            self._database.execute("DELETE FROM rows WHERE space = ?", [space])
        elif value is None:
            self._database.execute("DELETE FROM rows WHERE space = ? AND key = ?", [space, key])
        else:
            self._database.execute(_PUT, [space, key, value])

    def _clear_log(self) -> None:
        """Write what the log holds to the file, where what was removed is overwritten, and empty the log."""
        busy, _, _ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StorageLocked("another program, which reads the file of the conversations")

    def _rows(self, query: str, *values: str | int) -> dict[str, bytes]:
        with self._told():
            return dict(self._database.execute(query, values).fetchall())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says in the words of the store."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: sqlite3.Error) -> StorageError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StorageFull(str(self._path))
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StorageLocked("another program, which writes to the file of the conversations")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return StorageCorrupt(
                f"{str(self._path)!r} is damaged ({error}); it is left as it is.",
                path=str(self._path),
                backup=None,
                hint="Move it away and bring in a backup with `rejoinder restore`.",
            )
        return StorageError(
            f"{str(self._path)!r} cannot be read or written: {error}.",
            hint="Check the disk, and that the data folder belongs to you.",
        )
