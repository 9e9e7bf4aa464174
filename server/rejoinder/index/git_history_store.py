"""Past commits on disk, so that git is asked once about each."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from rejoinder.index.git_history_log import Change, Commit
from rejoinder.index.setting_aside import set_aside
from rejoinder.platform import make_private_folder, open_private

_FORMAT = 1
_FILE = "history.sqlite"
_SCHEMA = """
CREATE TABLE commits (id TEXT PRIMARY KEY, commit_time INTEGER, subject TEXT, body TEXT, changes BLOB) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""
_LONGEST_MESSAGE = 4000
_MOST_CHANGES = 10_000


class CommitStore:
    """Commits in a file of the index's folder, in the order that git tells them.

    A damaged file is set aside and made anew.
    """

    def __init__(self, folder: Path | None) -> None:
        """Without a folder it is in a temporary file that the system removes."""
        self._path = None if folder is None else folder / _FILE
        if folder is not None:
            make_private_folder(folder)
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or self._path is None:
                raise
            set_aside(self._path)
            self._connection = self._open()

    def ids(self) -> set[str]:
        """The IDs of all commits that are known."""
        return {row[0] for row in self._connection.execute("SELECT id FROM commits")}

    def order(self) -> list[str]:
        """The IDs of the commits that count, newest first."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = 'order'").fetchone()
        return row[0].split() if row else []

    def head(self) -> str | None:
        """The commit that was checked out when all was read."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = 'head'").fetchone()
        return row[0] if row else None

    def add(self, commits: Iterable[Commit]) -> None:
        """Keep commits, all or none of them."""
        rows = (
            (
                *(each.id, each.time, each.subject[:_LONGEST_MESSAGE], each.body[:_LONGEST_MESSAGE]),
                orjson.dumps(
                    [[change.status, change.path, change.old_path] for change in each.changes[:_MOST_CHANGES]]
                ),
            )
            for each in commits
        )
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?)", rows)

    def finish(self, head: str, order: Sequence[str]) -> None:
        """Remember what was checked out and which commits led to it; others are dropped."""
        kept = set(order)
        with self._connection:
            gone = [(each,) for each in self.ids() if each not in kept]
            self._connection.executemany("DELETE FROM commits WHERE id = ?", gone)
            facts = (("head", head), ("order", "\n".join(order)))
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts)

    def commits(self) -> Iterator[Commit]:
        """The commits that count, newest first."""
        rows = {row[0]: row for row in self._connection.execute("SELECT * FROM commits")}
        for each in self.order():
            if (row := rows.get(each)) is not None:
                changes = tuple(Change(*change) for change in orjson.loads(row[4]))
                yield Commit(row[0], row[1], row[2], row[3], changes)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            os.close(open_private(self._path, os.O_RDWR | os.O_CREAT))
        connection = sqlite3.connect(self._path or "", check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _FORMAT):
                raise sqlite3.DatabaseError(f"format {version}")
            if version == 0:
                connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT")
            connection.execute("SELECT count(*) FROM facts").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection
