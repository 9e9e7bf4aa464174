"""The lexical index: passages and their tokens in SQLite's full-text search, ranked by BM25."""

import sqlite3
import zlib
from collections.abc import Iterable

import attrs

from rejoinder.domain.conversation import Place
from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.chunks import split
from rejoinder.index.question import Question
from rejoinder.index.rules import FileKind

_NO_CODE = (".html", ".htm", ".rst", ".md", ".txt", ".json", ".xml", ".yaml", ".yml", ".toml", ".css", ".csv", ".po")

BODY_WEIGHT, PATH_WEIGHT, NAMES_WEIGHT = 1.0, 2.0, 2.0


@attrs.frozen
class StoredFile:
    """What is known of an indexed file; times in nanoseconds."""

    modified: int
    size: int


@attrs.frozen
class Candidate:
    """A passage that a question's tokens met. `chunk_id` is None for one of an open buffer, which brings its text."""

    path: str
    kind: FileKind
    place: Place
    bm25: float
    chunk_id: int | None = None
    text: str = ""


@attrs.frozen
class Columns:
    """The tokens of a passage by where they stand, with spaces in between."""

    body: str
    path: str
    names: str

    @property
    def count(self) -> int:
        """All tokens, which is the length that BM25 goes by."""
        return sum(column.count(" ") + 1 for column in attrs.astuple(self) if column)


def columns(tokenizer: Tokenizer, path: str, text: str) -> Columns:
    """The tokens of a passage. They depend on path and text alone, so that they can be taken out of the index again."""
    names = "" if path.endswith(_NO_CODE) else tokenizer.names(text)
    return Columns(tokenizer.joined(text), tokenizer.joined(path), names)


class LexicalIndex:
    """Files and their passages in a database. The caller begins and commits."""

    def __init__(self, connection: sqlite3.Connection, tokenizer: Tokenizer) -> None:
        self._connection = connection
        self._tokenizer = tokenizer
        self.files = int(connection.execute("SELECT count(*) FROM files").fetchone()[0])
        chunks, last = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM chunks").fetchone()
        self.chunks = int(chunks)
        self._next_chunk = int(last) + 1
        self.tokens = self._fact("tokens")
        """The tokens of all passages together."""

    @property
    def complete(self) -> bool:
        """Whether all of the project was indexed once."""
        return self._fact("complete") == 1

    def set_complete(self) -> None:
        """Remember that all of the project is indexed."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES ('complete', 1)")

    def before_commit(self) -> None:
        """Write down what is counted along the way."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES ('tokens', ?)", (self.tokens,))

    def known(self) -> dict[str, StoredFile]:
        """All indexed files by path."""
        rows = self._connection.execute("SELECT path, modified, size FROM files")
        return {path: StoredFile(*stored) for path, *stored in rows}

    def digest(self, path: str) -> bytes | None:
        """The hash of an indexed file's content."""
        row = self._connection.execute("SELECT digest FROM files WHERE path = ?", (path,)).fetchone()
        return None if row is None else bytes(row[0])

    def touch(self, path: str, modified: int, size: int) -> None:
        """Only the file's time has changed."""
        self._connection.execute("UPDATE files SET modified = ?, size = ? WHERE path = ?", (modified, size, path))

    def put(self, path: str, *, modified: int, size: int, digest: bytes, kind: FileKind, text: str) -> None:
        """Add a file, or replace it. One without passages is remembered too, so that it is not read again."""
        self.remove(path)
        file = self._connection.execute(
            "INSERT INTO files (path, modified, size, digest, kind, text) VALUES (?, ?, ?, ?, ?, ?)",
            (path, modified, size, digest, kind, zlib.compress(text.encode(), 1)),
        ).lastrowid
        chunks, passages = [], []
        for number, chunk in enumerate(split(text), self._next_chunk):
            found = columns(self._tokenizer, path, text[chunk.start : chunk.end])
            chunks.append((number, file, *attrs.astuple(chunk.place), chunk.start, chunk.end))
            passages.append((number, found.body, found.path, found.names))
            self.tokens += found.count
        self._connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", chunks)
        self._connection.executemany("INSERT INTO passages (rowid, body, path, names) VALUES (?, ?, ?, ?)", passages)
        self.files += 1
        self.chunks += len(chunks)
        self._next_chunk += len(chunks)

    def remove(self, path: str) -> None:
        """Take a file out, if it is there."""
        row = self._connection.execute("SELECT id, text FROM files WHERE path = ?", (path,)).fetchone()
        if row is None:
            return
        file, text = row[0], _text(row[1])
        chunks = self._connection.execute("SELECT id, start, end FROM chunks WHERE file = ?", (file,)).fetchall()
        for chunk, start, end in chunks:
            found = columns(self._tokenizer, path, text[start:end])
            # A full-text table without content of its own needs the very tokens that are to go.
            self._connection.execute(
                "INSERT INTO passages (passages, rowid, body, path, names) VALUES ('delete', ?, ?, ?, ?)",
                (chunk, found.body, found.path, found.names),
            )
            self.tokens -= found.count
        self._connection.execute("DELETE FROM chunks WHERE file = ?", (file,))
        self._connection.execute("DELETE FROM files WHERE id = ?", (file,))
        self.files -= 1
        self.chunks -= len(chunks)

    def chunks_of(self, paths: Iterable[str]) -> int:
        """How many passages these files have."""
        query = "SELECT count(*) FROM chunks JOIN files ON files.id = chunks.file WHERE files.path = ?"
        return sum(self._connection.execute(query, (path,)).fetchone()[0] for path in paths)

    def frequency(self, token: str) -> int:
        """In how many passages a token stands."""
        row = self._connection.execute("SELECT doc FROM terms WHERE term = ?", (token,)).fetchone()
        return 0 if row is None else int(row[0])

    def candidates(self, question: Question, *, limit: int) -> list[Candidate]:
        """The passages that the question chooses, best first."""
        rows = self._connection.execute(
            "SELECT files.path, files.kind, start_line, start_character, end_line, end_character,"
            " -best.score, best.chunk"
            " FROM (SELECT rowid AS chunk, rank AS score FROM passages WHERE passages MATCH ? AND rank MATCH ?"
            "       ORDER BY rank LIMIT ?) AS best"
            " JOIN chunks ON chunks.id = best.chunk JOIN files ON files.id = chunks.file ORDER BY best.score",
            (question.expression, f"bm25({BODY_WEIGHT}, {PATH_WEIGHT}, {NAMES_WEIGHT})", limit),
        )
        return [Candidate(path, FileKind(kind), Place(*place), bm25, chunk) for path, kind, *place, bm25, chunk in rows]

    def texts(self, chunks: Iterable[int]) -> dict[int, str]:
        """The texts of passages by their IDs."""
        files: dict[int, str] = {}
        texts = {}
        for chunk in chunks:
            query = "SELECT file, start, end FROM chunks WHERE id = ?"
            file, start, end = self._connection.execute(query, (chunk,)).fetchone()
            if file not in files:
                stored = self._connection.execute("SELECT text FROM files WHERE id = ?", (file,)).fetchone()
                files[file] = _text(stored[0])
            texts[chunk] = files[file][start:end]
        return texts

    def _fact(self, name: str) -> int:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])


def _text(stored: bytes) -> str:
    try:
        return zlib.decompress(stored).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise sqlite3.DatabaseError("a text is damaged") from error
