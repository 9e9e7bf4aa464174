"""One project's index as a whole: its files, its passages, its vectors, and what a question finds there."""

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rejoinder.domain.retrieval import Hit
from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.contents import FileRow, digest_of
from rejoinder.index.database import Database, is_damage
from rejoinder.index.embedders import Embedder
from rejoinder.index.file_history import FileHistory
from rejoinder.index.passages import Passages, cut_file, read_passages
from rejoinder.index.postings import Floats
from rejoinder.index.preparing import Preparing
from rejoinder.index.question import Question, understand
from rejoinder.index.ranking import Ranked, Signals, rank
from rejoinder.index.rules import BINARY, kind_of, read_text, readable_text
from rejoinder.index.saving import Saving
from rejoinder.index.signals import gather
from rejoinder.index.walk import FoundFile, ProjectFiles
from rejoinder.platform import open_private

_LEAST_PREPARED = 2000
"""Bytes; a smaller file is made faster than it is handed over."""

_LEAST_AHEAD = 8


class ProjectIndex:
    """What the parts of the index do together for one folder. Used by one thread."""

    def __init__(
        self,
        files: ProjectFiles,
        database: Database,
        embedder: Embedder | None = None,
        history: FileHistory | None = None,
    ) -> None:
        """Without an embedder there are no vectors, and questions are answered by words alone."""
        self.files = files
        self.database = database
        self._embedder = embedder
        self._history = history
        self._tokenizer = Tokenizer()
        self.misfit: str | None = None
        """What is wrong with the settings, if something is."""
        self._buffers: dict[str, str] = {}
        self._preparing = Preparing()
        self._looked_at: dict[str, str | None] = {}
        """Of files that a second process might make, the key of each that was given to it."""
        self._saving = Saving(database, self._tokenizer, embedder)
        try:
            self._load()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.start_over(damaged=True)

    def start_over(self, *, damaged: bool = False) -> None:
        """Begin with an empty index, the old one set aside when it is damaged; open buffers stay."""
        self._saving.start_over(damaged=damaged)
        self._load()

    def begin(self) -> None:
        """Begin a transaction, if there is none."""
        if not self.database.connection.in_transaction:
            self.database.connection.execute("BEGIN")

    def commit(self) -> None:
        """Make durable what was indexed since the beginning of the transaction."""
        if self.database.connection.in_transaction:
            self.lexical.before_commit()
            self.database.connection.execute("COMMIT")
        if self.lexical.table.full_of_holes:
            self._compact()

    def roll_back(self) -> None:
        """Forget what was indexed since the beginning of the transaction."""
        if self.database.connection.in_transaction:
            self.database.connection.execute("ROLLBACK")
        self._load()

    def take_in(self, found: FoundFile, *, modified: int) -> None:
        """Index a file as it is now, unless its content is what was indexed before. Raises OSError."""
        data = _read(self.files.folder / found.path, found.size)
        digest = digest_of(found.path, data)
        if self.lexical.digest(found.path) == digest:
            self.lexical.touch(found.path, modified, found.size)
            return
        text, reason = read_text(data)
        contents = self.lexical.contents
        content = contents.content(digest)
        if content is None:
            content, passages = self._made(found.path, text, digest, None if reason == BINARY else reason)
        else:
            passages = contents.passages(content)
        row = FileRow(found.path, kind_of(found.path, text), content, contents.note(content))
        self.lexical.put(row, passages, modified=modified, size=found.size)
        self._embed(found.path, text)

    def prepare(self, paths: Sequence[str]) -> None:
        """The first of these files is taken in now, the others are next: a second process makes the last of them.

        Without any it ends.
        """
        if not paths:
            self._preparing.close()
            self._looked_at.clear()
        if len(paths) < _LEAST_AHEAD:
            return
        for path in reversed(paths[1:]):
            if not self._preparing.has_room:
                return
            if path not in self._looked_at:
                self._looked_at[path] = self._prepare(path)

    def is_prepared_now(self, path: str) -> bool:
        """Whether the second process is still at work on a file, so that another one is better taken in first."""
        return self._preparing.is_at(self._looked_at.get(path))

    def set_buffer(self, path: str, text: str | None) -> None:
        """What an open buffer holds; None when the disk counts again."""
        if text is None or readable_text(text.encode("utf-8", "replace")) is None:
            self._buffers.pop(path, None)
            self.lexical.drop_buffer(path)
            return
        self._buffers[path] = text
        passages = read_passages(cut_file(path, text), text, self.lexical.vocabulary)
        self.lexical.show_buffer(path, kind_of(path, text), passages, text)
        self._embed(path, text)

    def catch_up(self) -> bool:
        """Do a little of what can wait, missing vectors and past commits; False when there is none of it."""
        if self.embedding is not None and self.embedding.waiting:
            self.begin()
            if self.embedding.catch_up():
                return True
        if self._history is not None and self._history.step():
            return True
        if self.embedding is None or not self.embedding.preparing:
            self.commit()
            self.begin()
            self._saving.save_if_due(self.lexical, self.embedding)
        return False

    @property
    def waiting(self) -> bool:
        """Whether something comes by itself, without anybody asking."""
        coming = self.embedding is not None and (self.embedding.waiting or self.embedding.preparing)
        return coming or self._saving.under_way

    @property
    def commits_to_come(self) -> bool:
        """Whether past commits are still to be read for the first time."""
        return self._history is not None and not self._history.was_read

    @property
    def model(self) -> str:
        """What the vectors are made by."""
        return "none" if self._embedder is None else self._embedder.identity

    @property
    def dimension(self) -> int:
        """Of the vectors; 0 while there are none."""
        return 0 if self.embedding is None else self.embedding.dimension

    @property
    def fault(self) -> str | None:
        """Why vectors are not made as wished."""
        return self.misfit or (None if self.embedding is None else self.embedding.fault)

    def look_again(self) -> None:
        """Past commits may have become more."""
        if self._history is not None:
            self._history.look_again()

    def forget(self, path: str) -> None:
        """Take out a file and what was made of it, so that it is made anew."""
        content = self.lexical.content_of(path)
        self.lexical.remove(path)
        if content is not None and not self.lexical.contents.used(content):
            self.lexical.contents.forget(content)

    def search(self, query: str, *, limit: int, near: Sequence[str] = (), commits: bool = False) -> list[Hit]:
        """The best passages of the disk and of the open buffers; those of the files that are `near` are raised.

        With `commits` also up to `limit` past commits, each with its place among the passages by its score.
        """
        question = self.understood(query)
        if not question.tokens or limit < 1:
            return []
        signals = self.signals(question, near)
        ranked = rank(signals, self.lexical.table, limit=limit, about_tests=question.about_tests)
        hits = [self._hit(each) for each in ranked]
        if commits and self._history is not None:
            hits += self._history.hits(question, limit)
            hits.sort(key=lambda hit: -hit.score)
        return hits

    def understood(self, query: str) -> Question:
        """A query as this index takes it."""
        self.lexical.table.settle()
        return understand(query, self._tokenizer, self._frequency)

    def signals(self, question: Question, near: Sequence[str] = ()) -> Signals:
        """What is known of the passages that a question may mean."""
        vectors = vector = None
        if self.embedding is not None:
            self.embedding.settle()
            vectors, vector = self.embedding.vectors, self.embedding.of(question.text)

        def of_paths(paths: Sequence[str | None]) -> dict[str, Floats]:
            found = {} if self._history is None else self._history.signals(question, paths)
            if near:
                shares = {path: 1 / (1 + place) for place, path in reversed(list(enumerate(near)))}
                found["context"] = np.array([shares.get(path or "", 0.0) for path in paths], np.float32)
            return found

        return gather(self.lexical, vectors, self.lexical.terms(question.tokens), vector, of_paths)

    def _made(self, path: str, text: str, digest: bytes, note: str | None) -> tuple[int, Passages]:
        prepared = self._preparing.take(digest.hex())
        cut = cut_file(path, text) if prepared is None else prepared.cut
        passages = read_passages(cut, text, self.lexical.vocabulary)
        content = self.lexical.contents.add(digest, text, passages, note or cut.note)
        if prepared is not None:
            self.lexical.contents.put_vectors(content, prepared.model, prepared.vectors)
        return content, passages

    def _prepare(self, path: str) -> str | None:
        found = self.files.found(path)
        if found is None or found.size < _LEAST_PREPARED:
            return None
        with contextlib.suppress(OSError):
            data = _read(self.files.folder / path, found.size)
            digest, text = digest_of(path, data), readable_text(data)
            if text and self.lexical.contents.content(digest) is None and not self._preparing.knows(digest.hex()):
                self._preparing.give(digest.hex(), path, text)
                return digest.hex()
        return None

    def _load(self) -> None:
        self.lexical, self.embedding = self._saving.load()
        with contextlib.suppress(sqlite3.OperationalError):
            # A full disk may wait.
            self.lexical.contents.drop_unused()
        for path, text in self._buffers.items():
            self.set_buffer(path, text)

    def _compact(self) -> None:
        if self.embedding is not None:
            self.embedding.compact()
        else:
            self.lexical.table.compact()

    def _embed(self, path: str, text: str) -> None:
        file = self.lexical.table.files.get(path)
        if self.embedding is not None and file is not None:
            self.embedding.take(file, file.passages.texts(text))

    def _frequency(self, token: str) -> int:
        number = self.lexical.vocabulary.number(token)
        return 0 if number is None else self.lexical.table.frequency(number)

    def _hit(self, ranked: Ranked) -> Hit:
        file = self.lexical.table.numbered[self.lexical.table.owners[ranked.number]]
        if file is None:
            raise LookupError("a passage of a file that is gone")
        number = ranked.number - file.first
        return Hit(
            uri=self.files.uri(file.path),
            place=file.passages.place(number),
            text=self.lexical.passage_text(file, number),
            score=round(ranked.score, 4),
            source="code",
            parts={name: round(value, 4) for name, value in ranked.parts.items()},
            scope=file.passages.scopes[number] or None,
        )


def _read(path: Path, size: int) -> bytes:
    # Not a byte more than was found: a file may grow while it is read, and its next change brings it again.
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        return file.read(size)
