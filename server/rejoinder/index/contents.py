"""The files of an index and what their contents are made of, in its database. The caller begins and commits."""

import hashlib
import sqlite3
from collections.abc import Iterator

from rejoinder.declared import frozen
from rejoinder.index.packed_text import pack_text
from rejoinder.index.passages import Passages, pack, unpack
from rejoinder.index.rules import FileKind
from rejoinder.index.syntax.languages import language_of

MOST_UNUSED = 0.25
"""The share of contents without a file that are kept, for branches that come back."""

_LEAST_UNUSED = 200


@frozen
class StoredFile:
    """What is known of an indexed file; times in nanoseconds."""

    modified: int
    size: int


@frozen
class FileRow:
    """A file as the index has it."""

    path: str
    kind: FileKind
    content: int
    note: str = ""
    """What is to be said of its content, as why it is not UTF-8 and nothing of it can be found."""


def digest_of(path: str, data: bytes) -> bytes:
    """Names what is made of a file: its bytes, and the part of its name that tells the language."""
    language = language_of(path)
    return hashlib.blake2b(data, digest_size=16, person=(language or "").encode()[:16]).digest()


class Contents:
    """The tables of files and contents."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fact(self, name: str) -> int:
        """A number by its name; 0 when there is none."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def set_fact(self, name: str, value: int) -> None:
        """Remember a number."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def terms(self, first: int = 0) -> list[str]:
        """All terms by their numbers, from the number `first` on."""
        rows = self._connection.execute("SELECT term FROM terms WHERE id >= ? ORDER BY id", (first,))
        return [term for (term,) in rows]

    def add_terms(self, terms: list[tuple[int, str]]) -> None:
        """Remember terms with their numbers."""
        self._connection.executemany("INSERT INTO terms VALUES (?, ?)", terms)

    def known(self) -> dict[str, StoredFile]:
        """All indexed files by path."""
        rows = self._connection.execute("SELECT path, modified, size FROM files")
        return {path: StoredFile(*stored) for path, *stored in rows}

    def digest(self, path: str) -> bytes | None:
        """The hash of an indexed file's content."""
        query = "SELECT digest FROM files JOIN contents ON contents.id = content WHERE path = ?"
        row = self._connection.execute(query, (path,)).fetchone()
        return None if row is None else bytes(row[0])

    def touch(self, path: str, modified: int, size: int) -> None:
        """Only the file's time has changed."""
        self._connection.execute("UPDATE files SET modified = ?, size = ? WHERE path = ?", (modified, size, path))

    def put_file(self, row: FileRow, *, modified: int, size: int) -> None:
        """Add a file, or replace it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO files (path, modified, size, kind, content) VALUES (?, ?, ?, ?, ?)",
            (row.path, modified, size, row.kind, row.content),
        )

    def remove_file(self, path: str) -> None:
        """Take a file out. Its content stays for a while."""
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))

    def content(self, digest: bytes) -> int | None:
        """The ID of the content with this hash."""
        row = self._connection.execute("SELECT id FROM contents WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else int(row[0])

    def note(self, content: int) -> str:
        """What is to be said of a content; empty when there is nothing."""
        row = self._connection.execute("SELECT note FROM contents WHERE id = ?", (content,)).fetchone()
        return "" if row is None else str(row[0])

    def add(self, digest: bytes, text: str, passages: Passages, note: str) -> int:
        """Add a content; answers its ID."""
        row = (digest, pack_text(text), pack(passages), note)
        cursor = self._connection.execute(
            "INSERT INTO contents (digest, text, passages, note) VALUES (?, ?, ?, ?)", row
        )
        return int(cursor.lastrowid or 0)

    def used(self, content: int) -> bool:
        """Whether a file has this content."""
        row = self._connection.execute("SELECT 1 FROM files WHERE content = ? LIMIT 1", (content,)).fetchone()
        return row is not None

    def forget(self, content: int) -> None:
        """Take out a content and its vectors."""
        self._connection.execute("DELETE FROM vectors WHERE content = ?", (content,))
        self._connection.execute("DELETE FROM contents WHERE id = ?", (content,))

    def passages(self, content: int) -> Passages:
        """What a content is made of."""
        row = self._connection.execute("SELECT passages FROM contents WHERE id = ?", (content,)).fetchone()
        if row is None:
            raise sqlite3.DatabaseError("a content is missing")
        return unpack(row[0])

    def packed_text(self, content: int) -> bytes:
        """A content's text as `packed_text` packs it."""
        row = self._connection.execute("SELECT text FROM contents WHERE id = ?", (content,)).fetchone()
        if row is None:
            raise sqlite3.DatabaseError("a content is missing")
        return bytes(row[0])

    def files(self) -> Iterator[FileRow]:
        """Every file."""
        for path, kind, content, note in self._connection.execute(
            "SELECT path, kind, content, coalesce(note, '') FROM files "
            "LEFT JOIN contents ON contents.id = content ORDER BY path"
        ):
            yield FileRow(path, FileKind(kind), content, note)

    def vectors(self, content: int, model: str) -> bytes | None:
        """The packed vectors of a content's passages."""
        query = "SELECT vectors FROM vectors WHERE content = ? AND model = ?"
        row = self._connection.execute(query, (content, model)).fetchone()
        return None if row is None else bytes(row[0])

    def put_vectors(self, content: int, model: str, packed: bytes) -> None:
        """Keep the vectors of a content's passages."""
        self._connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", (content, model, packed))

    def keep_vectors_of(self, model: str) -> None:
        """Take out the vectors of all other models."""
        self._connection.execute("DELETE FROM vectors WHERE model != ?", (model,))

    def drop_unused(self) -> None:
        """Take out the oldest contents without a file, when they are too many."""
        unused = "FROM contents WHERE id NOT IN (SELECT content FROM files)"
        count = self._connection.execute(f"SELECT count(*) {unused}").fetchone()[0]
        files = self._connection.execute("SELECT count(*) FROM files").fetchone()[0]
        surplus = count - max(_LEAST_UNUSED, int(files * MOST_UNUSED))
        if surplus > 0:
            for (content,) in self._connection.execute(
                f"SELECT id {unused} ORDER BY id LIMIT ?", (surplus,)
            ).fetchall():
                self.forget(content)
