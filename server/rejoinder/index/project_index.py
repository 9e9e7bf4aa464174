"""One project's index as a whole: its files, its passages, its open buffers, and what a question finds there."""

import hashlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from rejoinder.domain.retrieval import Hit
from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.database import Database, is_damage
from rejoinder.index.lexical import LexicalIndex
from rejoinder.index.overlay import Overlay
from rejoinder.index.question import understand
from rejoinder.index.ranking import CANDIDATES, MOST_OF_A_FILE, Ranked, rank
from rejoinder.index.rules import kind_of, readable_text
from rejoinder.index.walk import FoundFile, ProjectFiles
from rejoinder.platform import open_private


class ProjectIndex:
    """What the parts of the index do together for one folder. Used by one thread."""

    def __init__(self, files: ProjectFiles, database: Database) -> None:
        self.files = files
        self.database = database
        self._tokenizer = Tokenizer()
        self._overlay = Overlay(self._tokenizer)
        try:
            self.lexical = LexicalIndex(database.connection, self._tokenizer)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.start_over()

    def start_over(self) -> None:
        """Begin with an empty index; open buffers stay."""
        self.database.start_over()
        self.lexical = LexicalIndex(self.database.connection, self._tokenizer)

    def begin(self) -> None:
        """Begin a transaction, if there is none."""
        if not self.database.connection.in_transaction:
            self.database.connection.execute("BEGIN")

    def commit(self) -> None:
        """Make durable what was indexed since the beginning of the transaction."""
        if self.database.connection.in_transaction:
            self.lexical.before_commit()
            self.database.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget what was indexed since the beginning of the transaction."""
        if self.database.connection.in_transaction:
            self.database.connection.execute("ROLLBACK")
        self.lexical = LexicalIndex(self.database.connection, self._tokenizer)

    def take_in(self, found: FoundFile, *, modified: int) -> None:
        """Index a file as it is now, unless its content is what was indexed before. Raises OSError."""
        data = _read(self.files.folder / found.path, found.size)
        digest = hashlib.blake2b(data, digest_size=16).digest()
        if self.lexical.digest(found.path) == digest:
            self.lexical.touch(found.path, modified, found.size)
            return
        text = readable_text(data) or ""
        self.lexical.put(
            found.path,
            modified=modified,
            size=found.size,
            digest=digest,
            kind=kind_of(found.path, text),
            text=text,
        )

    def set_buffer(self, path: str, text: str | None) -> None:
        """What an open buffer holds; None when the disk counts again."""
        if text is None or readable_text(text.encode("utf-8", "replace")) is None:
            self._overlay.drop(path)
        else:
            self._overlay.put(path, text)

    def search(self, query: str, *, limit: int) -> list[Hit]:
        """The best passages of the disk and of the open buffers."""
        question = understand(query, self._tokenizer, self._frequency)
        if not question.telling or limit < 1:
            return []
        hidden = self._overlay.paths
        wanted = max(CANDIDATES, limit * MOST_OF_A_FILE) + self.lexical.chunks_of(hidden)
        stored = self.lexical.candidates(question, limit=wanted)
        candidates = [candidate for candidate in stored if candidate.path not in hidden]
        candidates += self._overlay.candidates(question, self.lexical)
        ranked = rank(candidates, question.tokens, self._tokenizer, limit=limit)
        texts = self.lexical.texts(c.chunk_id for c in (each.candidate for each in ranked) if c.chunk_id is not None)
        return [self._hit(each, texts) for each in ranked]

    def _frequency(self, token: str) -> int:
        return self.lexical.frequency(token) + self._overlay.frequency(token)

    def _hit(self, ranked: Ranked, texts: Mapping[int, str]) -> Hit:
        candidate = ranked.candidate
        text = candidate.text if candidate.chunk_id is None else texts[candidate.chunk_id]
        return Hit(
            uri=self.files.uri(candidate.path),
            place=candidate.place,
            text=text,
            score=round(ranked.score, 6),
            source="code",
            parts={name: round(value, 6) for name, value in ranked.parts.items()},
        )


def _read(path: Path, size: int) -> bytes:
    # Not a byte more than was found: a file may grow while it is read, and its next change brings it again.
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        return file.read(size)
