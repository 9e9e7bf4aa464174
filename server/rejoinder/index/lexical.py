"""The lexical index: the database's files and the open buffers, with the table in memory that they are found by."""

import sqlite3
from collections.abc import Sequence

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.contents import Contents, FileRow, StoredFile
from rejoinder.index.packed_text import cut_text
from rejoinder.index.passage_table import IndexedFile, PassageTable
from rejoinder.index.passages import Passages
from rejoinder.index.rules import FileKind
from rejoinder.index.state import State
from rejoinder.index.vocabulary import Vocabulary


class LexicalIndex:
    """What is indexed, on disk and in memory. The caller begins and commits; after a roll-back it is made anew."""

    def __init__(self, connection: sqlite3.Connection, tokenizer: Tokenizer, saved: State | None = None) -> None:
        """`saved` is a snapshot that the database names. Raises KeyError, TypeError or ValueError for anything else."""
        self.contents = Contents(connection)
        terms = [] if saved is None else saved.facts["terms"]
        self.vocabulary = Vocabulary(tokenizer, [*terms, *self.contents.terms(len(terms))])
        self.table = PassageTable() if saved is None else PassageTable.restored(saved)
        self._files: dict[str, FileRow] = {}
        self.chunks = 0
        """The passages of all files on disk; those of open buffers are not counted."""
        self._sizes: dict[str, int] = {}
        self._notes: dict[str, str] = {}
        self._hidden: set[str] = set()
        self.changes = 0
        """How many files came or went since the snapshot."""
        self._fill()

    @property
    def files(self) -> int:
        """How many files on disk are indexed."""
        return len(self._files)

    @property
    def complete(self) -> bool:
        """Whether all of the project was indexed once."""
        return self.contents.fact("complete") == 1

    def set_complete(self) -> None:
        """Remember that all of the project is indexed."""
        self.contents.set_fact("complete", 1)

    def before_commit(self) -> None:
        """Write down what was gathered along the way."""
        terms = self.vocabulary.unsaved()
        self.contents.add_terms(terms)
        self.vocabulary.saved += len(terms)

    def known(self) -> dict[str, StoredFile]:
        """All indexed files by path."""
        return self.contents.known()

    def digest(self, path: str) -> bytes | None:
        """The hash of an indexed file's content."""
        return self.contents.digest(path)

    def content_of(self, path: str) -> int | None:
        """The ID of an indexed file's content."""
        row = self._files.get(path)
        return None if row is None else row.content

    def chunks_of(self, path: str) -> int:
        """How many passages a file on disk has."""
        return self._sizes.get(path, 0)

    def state(self) -> State:
        """A snapshot of what is committed."""
        self.changes = 0
        return State({"terms": self.vocabulary.known()}, {}).joined(self.table.state())

    def notes(self) -> dict[str, str]:
        """What is to be said of files, by path."""
        return dict(self._notes)

    def touch(self, path: str, modified: int, size: int) -> None:
        """Only the file's time has changed."""
        self.contents.touch(path, modified, size)

    def put(self, row: FileRow, passages: Passages, *, modified: int, size: int) -> None:
        """Add a file with what its content is made of, or replace it."""
        self.remove(row.path)
        self.contents.put_file(row, modified=modified, size=size)
        self._add(row, passages)

    def remove(self, path: str) -> None:
        """Take a file out, if it is there."""
        if path in self._files:
            self.contents.remove_file(path)
            self.changes += 1
            del self._files[path]
            self.chunks -= self._sizes.pop(path)
            self._notes.pop(path, None)
            if path not in self._hidden:
                self.table.remove(path)

    def show_buffer(self, path: str, kind: FileKind, passages: Passages, text: str) -> None:
        """An open buffer counts in place of what the disk holds."""
        self._hidden.add(path)
        self.table.put(IndexedFile(path, kind, None, passages, text), self.vocabulary.numbers(path))

    def drop_buffer(self, path: str) -> None:
        """The disk counts again."""
        if path not in self._hidden:
            return
        self._hidden.remove(path)
        self.table.remove(path)
        row = self._files.get(path)
        if row is not None:
            passages = self.contents.passages(row.content)
            self.table.put(IndexedFile(path, row.kind, row.content, passages), self.vocabulary.numbers(path))

    def terms(self, tokens: Sequence[str]) -> list[int]:
        """The numbers of those tokens that were ever met."""
        return [number for token in tokens if (number := self.vocabulary.number(token)) is not None]

    def texts(self, file: IndexedFile) -> list[str]:
        """The texts of a file's passages."""
        if file.content is None:
            return file.passages.texts(file.text or "")
        packed = self.contents.packed_text(file.content)
        return [cut_text(packed, start, end) for start, end in file.passages.spans[:, 4:].tolist()]

    def passage_text(self, file: IndexedFile, number: int) -> str:
        """The text of one passage of a file."""
        start, end = file.passages.spans[number][4:].tolist()
        if file.content is None:
            return (file.text or "")[start:end]
        return cut_text(self.contents.packed_text(file.content), start, end)

    def _fill(self) -> None:
        """Bring the table in step with the database, of which a snapshot may know the greater part."""
        rows = {row.path: row for row in self.contents.files()}
        for path, file in list(self.table.files.items()):
            row = rows.get(path)
            if row is None or (row.content, row.kind) != (file.content, file.kind):
                self.table.remove(path)
        for row in rows.values():
            known = self.table.files.get(row.path)
            if known is None:
                self._add(row, self.contents.passages(row.content))
            else:
                self._count(row, known.passages)
        self.table.settle()

    def _count(self, row: FileRow, passages: Passages) -> None:
        self._files[row.path] = row
        self._sizes[row.path] = len(passages)
        self.chunks += len(passages)
        if row.note:
            self._notes[row.path] = row.note

    def _add(self, row: FileRow, passages: Passages) -> None:
        self._count(row, passages)
        self.changes += 1
        if row.path not in self._hidden:
            self.table.put(IndexedFile(row.path, row.kind, row.content, passages), self.vocabulary.numbers(row.path))
