"""A project's passages on disk: their texts, their words as numbers, and their vectors, in one SQLite file.

What is deleted is overwritten: `secure_delete` clears the file, and the write-ahead log is emptied before a removal is
reported. Words are kept as hashes beside their passage, so that no vocabulary outlives what it was made of.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Role
from rejoinder.index.setting_aside import set_aside, throw_away
from rejoinder.platform import make_private_folder, open_private

FILE = "recall.sqlite"
_FORMAT = 2
"""Raised with every change of the tables or of how words are made: another format is made anew."""

_SCHEMA = """
CREATE TABLE groups (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, mark TEXT NOT NULL,
    UNIQUE (kind, name)
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, part_of INTEGER NOT NULL, passage TEXT NOT NULL, digest BLOB NOT NULL,
    user TEXT, session TEXT, message TEXT, role TEXT, model TEXT, scope TEXT, quality REAL NOT NULL,
    created REAL NOT NULL, expires REAL,
    uri TEXT NOT NULL, place TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (part_of, passage)
);
CREATE INDEX passages_of_message ON passages (message) WHERE message IS NOT NULL;
CREATE TABLE files (id INTEGER NOT NULL, uri TEXT NOT NULL, PRIMARY KEY (uri, id)) WITHOUT ROWID;
CREATE INDEX files_of_passage ON files (id);
CREATE TABLE words (id INTEGER PRIMARY KEY, length INTEGER NOT NULL, terms BLOB NOT NULL, counts BLOB NOT NULL);
CREATE TABLE models (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL);
CREATE TABLE vectors (
    model INTEGER NOT NULL, id INTEGER NOT NULL, row BLOB NOT NULL, PRIMARY KEY (model, id)
) WITHOUT ROWID;
"""
_STORED = (
    "SELECT passages.id, part_of, user, session, CASE WHEN role IS NULL THEN NULL ELSE message END, role, model, scope,"
    " quality, created, expires, length, terms, counts"
    " FROM passages LEFT JOIN words ON words.id = passages.id ORDER BY passages.id"
)
_SHOWN = (
    "SELECT id, uri, place, text, scope, session, message, role, created FROM passages"
    " WHERE id IN (SELECT value FROM json_each(?))"
)
_TEXTS = "SELECT id, text FROM passages WHERE id IN (SELECT value FROM json_each(?))"
# what was remembered names the message that it came from, and has no role
_OF_MESSAGES = "SELECT id FROM passages WHERE message IN (SELECT value FROM json_each(?)) AND role IS NOT NULL"
_GROUP_IDS = "SELECT id FROM groups WHERE kind = ? AND name IN (SELECT value FROM json_each(?))"
_OF_FILES = "SELECT id FROM files WHERE uri IN (SELECT value FROM json_each(?))"
_PIECES = (
    "SELECT one.id, each.text FROM passages AS one JOIN passages AS each"
    " ON each.message = one.message AND each.part_of = one.part_of AND each.role IS NOT NULL"
    " WHERE one.id IN (SELECT value FROM json_each(?)) AND one.role IS NOT NULL ORDER BY one.id, each.id"
)
_AFTER = "SELECT id, text FROM passages WHERE id > ? ORDER BY id LIMIT ?"
_AT_ONCE = 10_000
_MODELS_KEPT = 2
"""Vectors of the model in use and of the one before: whoever goes back pays nothing."""


class StoredPassage(NamedTuple):
    """What of a passage is held in memory; `length` in words."""

    id: int
    group: int
    user: str | None
    session: str | None
    message: str | None
    """Of what was said the message, and of anything else nothing."""
    role: str | None
    model: str | None
    scope: str | None
    quality: float
    created: float
    expires: float | None
    length: int


@frozen
class Shown:
    """What of a passage a hit shows; the place as JSON."""

    uri: str
    place: str
    text: str
    scope: str | None
    session: str | None
    message: str | None
    role: Role | None
    created: float


class RecallDatabase:
    """The connection to one project's file, or to a temporary one without a folder. The caller begins and commits."""

    def __init__(self, folder: Path | None) -> None:
        """Raises sqlite3.DatabaseError when it is damaged."""
        self.folder = folder
        if folder is not None:
            make_private_folder(folder)
        self.connection = _connected(folder)

    @property
    def size(self) -> int:
        """Bytes of the database."""
        pages, size = (self.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size)

    @classmethod
    def instead_of_damaged(cls, folder: Path | None) -> "RecallDatabase":
        """An empty one; the damaged file, which nobody has open, is kept beside."""
        if folder is not None:
            set_aside(folder / FILE)
        return cls(folder)

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def scrub(self) -> None:
        """Leave nothing of what was deleted: neither in the write-ahead log nor in a file that was set aside."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if self.folder is not None:
            throw_away(damaged_file(self.folder / FILE))

    def groups(self) -> list[tuple[str, str, str, str]]:
        """Kind, name, version and mark of each group that is whole."""
        return self.connection.execute("SELECT kind, name, version, mark FROM groups WHERE version != ''").fetchall()

    def group(self, kind: str, name: str) -> int | None:
        """A group's number."""
        row = self.connection.execute("SELECT id FROM groups WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return None if row is None else int(row[0])

    def group_kinds(self) -> dict[int, str]:
        """What the passages of each group are."""
        return dict(self.connection.execute("SELECT id, kind FROM groups"))

    def group_ids(self, kind: str, names: Iterable[str]) -> list[int]:
        """The numbers of groups by their names."""
        return [row[0] for row in self.connection.execute(_GROUP_IDS, (kind, _listed(names)))]

    def texts(self, ids: Sequence[int]) -> dict[int, str]:
        """The texts of some passages."""
        return dict(self.connection.execute(_TEXTS, (_listed(ids),)))

    def shown(self, ids: Sequence[int]) -> dict[int, Shown]:
        """What hits show of passages."""
        return {row[0]: Shown(*row[1:]) for row in self.connection.execute(_SHOWN, (_listed(ids),))}

    def of_messages(self, messages: Iterable[str]) -> list[int]:
        """The passages of some messages."""
        wanted = (_listed(messages),)
        return [row[0] for row in self.connection.execute(_OF_MESSAGES, wanted)]

    def of_files(self, uris: Iterable[str]) -> list[int]:
        """The passages that are about one of some files."""
        return [row[0] for row in self.connection.execute(_OF_FILES, (_listed(uris),))]

    def whole_texts(self, ids: Sequence[int]) -> dict[int, str]:
        """The texts of some passages; of what was said those of the whole messages, whose pieces they are."""
        texts: dict[int, str] = {}
        for number, text in self.connection.execute(_PIECES, (_listed(ids),)):
            texts[number] = texts.get(number, "") + text
        return {**self.texts([number for number in ids if number not in texts]), **texts}

    def texts_after(self, number: int, count: int) -> list[tuple[int, str]]:
        """So many passages that came after one, with their numbers."""
        return self.connection.execute(_AFTER, (number, count)).fetchall()

    def stored(self) -> Iterator[tuple[list[StoredPassage], list[bytes], list[bytes]]]:
        """All passages in the order of their numbers, with terms and counts of each, in pieces."""
        rows = self.connection.execute(_STORED)
        while piece := rows.fetchmany(_AT_ONCE):
            *held, terms, counts = zip(*piece, strict=True)
            if None in terms:
                raise sqlite3.DatabaseError("the words of a passage are missing")
            yield list(map(StoredPassage._make, zip(*held, strict=True))), list(terms), list(counts)

    def model(self, identity: str) -> tuple[int, int] | None:
        """The number and dimension of a model whose vectors are here."""
        row: tuple[int, int] | None
        row = self.connection.execute("SELECT id, dimension FROM models WHERE identity = ?", (identity,)).fetchone()
        return row

    def add_model(self, identity: str, dimension: int) -> int:
        """A model's number from now on; the vectors of one that was not used for long are dropped."""
        others = self.connection.execute("SELECT id FROM models ORDER BY id DESC").fetchall()
        for (other,) in others[_MODELS_KEPT - 1 :]:
            self.drop_model(other)
        row = self.connection.execute("INSERT INTO models (identity, dimension) VALUES (?, ?)", (identity, dimension))
        return int(row.lastrowid or 0)

    def drop_model(self, model: int) -> None:
        """Forget a model and its vectors."""
        self.connection.execute("DELETE FROM vectors WHERE model = ?", (model,))
        self.connection.execute("DELETE FROM models WHERE id = ?", (model,))

    def vectors(self, model: int) -> Iterator[list[tuple[int, bytes]]]:
        """The vectors of a model in the order of their passages, in pieces."""
        rows = self.connection.execute("SELECT id, row FROM vectors WHERE model = ? ORDER BY id", (model,))
        while piece := rows.fetchmany(_AT_ONCE):
            yield piece

    def put_vectors(self, model: int, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep vectors of passages."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO vectors (model, id, row) VALUES (?, ?, ?)", ((model, *row) for row in rows)
        )


def damaged_file(path: Path) -> Path:
    """Where a damaged database is kept."""
    return path.with_name(path.name + ".damaged")


def _connected(folder: Path | None) -> sqlite3.Connection:
    if folder is not None:
        os.close(open_private(folder / FILE, os.O_RDWR | os.O_CREAT))
    connection = sqlite3.connect("" if folder is None else folder / FILE, isolation_level=None)
    try:
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
            "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 0"
        )
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    if version not in (0, _FORMAT) and folder is not None:
        connection.close()
        throw_away(folder / FILE)
        return _connected(folder)
    return connection


def _listed(values: Iterable[int | str]) -> str:
    return orjson.dumps(list(values)).decode()
