"""The index's file: opened, made, and thrown away when it is damaged or of another format."""

import contextlib
import os
import sqlite3
from pathlib import Path

from rejoinder.index.setting_aside import set_aside, throw_away
from rejoinder.platform import make_private_folder, open_private

FORMAT = 6
"""Raised with every change of the tables, of how texts and tokens are read, or of which kind a file is.

An index of another format is made anew.
"""

_FILE = "index.sqlite"
_SCHEMA = """
-- What is made of a content is found by its hash: a file that is moved, or a branch that comes back, costs nothing.
-- No ID comes twice: a snapshot knows contents by theirs.
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, text BLOB NOT NULL, passages BLOB NOT NULL,
    note TEXT NOT NULL
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, modified INTEGER NOT NULL, size INTEGER NOT NULL,
    kind INTEGER NOT NULL, content INTEGER NOT NULL
);
CREATE INDEX files_of_content ON files (content);
CREATE TABLE vectors (
    content INTEGER NOT NULL, model TEXT NOT NULL, vectors BLOB NOT NULL, PRIMARY KEY (content, model)
);
CREATE TABLE terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class _OtherFormat(sqlite3.DatabaseError):
    """The file is whole, but of an older or newer program."""


class Database:
    """The connection to an index, whole by itself: a file in a private folder, or one that vanishes at the end."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder the index is in a temporary file that the system removes."""
        self._path = None if folder is None else folder / _FILE
        self.damage: str | None = None
        """What became of a damaged file, in a sentence, if one was met."""
        if folder is not None:
            make_private_folder(folder)
        try:
            self.connection = self._open()
        except _OtherFormat:
            self.connection = self._opened_anew(damaged=False)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.connection = self._opened_anew(damaged=True)

    @property
    def folder(self) -> Path | None:
        """Where it is kept, if it is."""
        return None if self._path is None else self._path.parent

    @property
    def size(self) -> int:
        """Bytes on disk."""
        pages, size = (self.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size)

    def start_over(self, *, damaged: bool = False) -> None:
        """Throw everything away, or set it aside when it is damaged, and begin with an empty index."""
        self.close()
        self.connection = self._opened_anew(damaged=damaged)

    def close(self) -> None:
        """Let go of the file; what was not committed is lost."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()

    def _opened_anew(self, *, damaged: bool) -> sqlite3.Connection:
        if self._path is not None and damaged:
            aside = set_aside(self._path)
            kept = f"; what was there is kept as {aside}" if aside is not None else ""
            self.damage = f"The index was damaged and is made anew{kept}."
        elif self._path is not None:
            throw_away(self._path)
        return self._open()

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            os.close(open_private(self._path, os.O_RDWR | os.O_CREAT))
        connection = sqlite3.connect(self._path or "", isolation_level=None)
        try:
            # A write-ahead log survives a kill at any moment and, at this level, a power cut without a sync a commit.
            connection.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;"
                "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16000000"
            )
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, FORMAT):
                raise _OtherFormat(f"format {version}")
            if version == 0:
                connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT")
            connection.execute("SELECT count(*) FROM files").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file cannot be used, rather than that the disk is full or the like."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
