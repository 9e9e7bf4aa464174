"""Keeps the vectors of one model in step with the passages, in memory and in the database."""

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from rejoinder.index.embedders import Embedder, EmbedderUnavailable
from rejoinder.index.lexical import LexicalIndex
from rejoinder.index.packed_rows import Vectors, pack_vectors, packed_rows
from rejoinder.index.passage_table import IndexedFile
from rejoinder.index.passages import to_embed
from rejoinder.index.postings import Flags
from rejoinder.index.state import State
from rejoinder.index.vectors import VectorTable

MOST_MISSING = 0.1
"""While a greater share of the files than this has no vectors, questions are answered by words alone: half an index of
vectors would rank what it knows over what it does not."""

_QUESTION_SECONDS = 2.0
_RETRY_SECONDS = 30.0


class Embedding:
    """The vectors of an index's passages. The caller begins and commits; after a roll-back it is made anew."""

    def __init__(self, embedder: Embedder, lexical: LexicalIndex, saved: State | None = None) -> None:
        """`saved` is the snapshot that the lexical index is from."""
        self.embedder = embedder
        self.fault: str | None = None
        """Why vectors cannot be made just now."""
        self._lexical = lexical
        self._vectors: VectorTable | None = None
        self._missing: dict[int, None] = {}
        """Contents in use that have no vectors yet."""
        self._thread: ThreadPoolExecutor | None = None
        self._made: tuple[int, Future[Vectors]] | None = None
        self._retry = 0.0
        self._restore(saved)

    @property
    def missing(self) -> int:
        """How many contents have no vectors yet."""
        return len(self._missing)

    @property
    def dimension(self) -> int:
        """Of the vectors; 0 while there are none."""
        return 0 if self._vectors is None else self._vectors.dimension

    @property
    def vectors(self) -> VectorTable | None:
        """What questions are compared with; None while too much is missing."""
        few = len(self._missing) <= MOST_MISSING * len(self._lexical.table.files)
        return self._vectors if few else None

    def state(self, alive: Flags) -> State:
        """A snapshot of the vectors of passages that are `alive`."""
        self.settle()
        if self._vectors is None:
            return State({}, {})
        return State({"model": self.embedder.identity}, {}).joined(self._vectors.state(alive))

    @property
    def has_graph(self) -> bool:
        """Whether the vectors of a large project are found fast."""
        return self._vectors is not None and self._vectors.has_graph

    @property
    def preparing(self) -> bool:
        """Whether what makes a large project's search fast is being made; begins with it if need be."""
        self.settle()
        return self._vectors is not None and not self._missing and self._vectors.follow()

    def take(self, file: IndexedFile, texts: Sequence[str]) -> None:
        """The vectors of a file that came into the table: those that are known, or made at once if that is quick."""
        packed = None
        if file.content is not None:
            packed = self._lexical.contents.vectors(file.content, self.embedder.identity)
        if packed is None:
            if not self.embedder.quick:
                if file.content is not None:
                    self._missing[file.content] = None
                return
            packed = pack_vectors(self.embedder.embed(to_embed(file.path, file.passages.scopes, texts)))
            if file.content is not None:
                self._lexical.contents.put_vectors(file.content, self.embedder.identity, packed)
        self._put(file, packed)

    def catch_up(self) -> bool:
        """Go on with the vectors that are missing; False when there is nothing to do just now."""
        if self._made is not None:
            content, made = self._made
            if not made.done():
                return False
            self._made = None
            self._keep(content, made)
            return True
        if not self._missing or time.monotonic() < self._retry:
            return False
        content = next(iter(self._missing))
        files = self._files_of(content)
        if not files:
            del self._missing[content]
            return True
        texts = to_embed(files[0].path, files[0].passages.scopes, self._lexical.texts(files[0]))
        self._made = content, self._submit(texts)
        return True

    @property
    def waiting(self) -> bool:
        """Whether vectors are on their way or will be asked for again."""
        return self._made is not None or bool(self._missing)

    def settle(self) -> None:
        """Forget the vectors of passages that are gone."""
        spans = self._lexical.table.taken_out()
        if self._vectors is not None:
            for span in spans:
                self._vectors.remove(span)

    def compact(self) -> None:
        """Close the holes of the table and of the vectors alike."""
        self.settle()
        numbers = self._lexical.table.compact()
        if self._vectors is not None:
            self._vectors.renumber(numbers)

    def of(self, text: str) -> Vectors | None:
        """A question's vector; None when it cannot be had soon."""
        if self.embedder.quick:
            vector: Vectors = self.embedder.embed([text])[0]
            return vector
        if self.vectors is None:
            return None
        try:
            vector = self._submit([text]).result(_QUESTION_SECONDS)[0]
        except (EmbedderUnavailable, FutureTimeout):
            return None
        return vector if len(vector) == self.dimension else None

    def _submit(self, texts: Sequence[str]) -> "Future[Vectors]":
        if self.embedder.quick:
            done: Future[Vectors] = Future()
            done.set_result(self.embedder.embed(texts))
            return done
        if self._thread is None:
            # Two, so that a question need not wait for a file.
            self._thread = ThreadPoolExecutor(2, "embedder")
        return self._thread.submit(self.embedder.embed, texts)

    def _keep(self, content: int, made: "Future[Vectors]") -> None:
        try:
            packed = pack_vectors(made.result())
        except EmbedderUnavailable as error:
            self.fault = f"{error}. Words answer meanwhile: start it, or choose another by the setting `embedder`."
            self._retry = time.monotonic() + _RETRY_SECONDS
            return
        self.fault = None
        files = self._files_of(content)
        if files:
            self._lexical.contents.put_vectors(content, self.embedder.identity, packed)
        for file in files:
            self._put(file, packed)
        self._missing.pop(content, None)
        if not self._missing:
            self._lexical.contents.keep_vectors_of(self.embedder.identity)

    def _files_of(self, content: int) -> list[IndexedFile]:
        return [file for file in self._lexical.table.files.values() if file.content == content]

    def _put(self, file: IndexedFile, packed: bytes) -> None:
        if not len(file.passages):
            return
        dimension = len(packed) // len(file.passages)
        if self._vectors is None:
            self._vectors = VectorTable(dimension)
            self._vectors.reserve(self._lexical.table.end)
        if dimension != self._vectors.dimension:
            raise sqlite3.DatabaseError("the vectors of a file are not those of its passages")
        self.settle()
        self._vectors.put(file.first, packed_rows(packed, dimension))

    def _restore(self, saved: State | None) -> None:
        if saved is not None and saved.facts.get("model") == self.embedder.identity:
            self._vectors = VectorTable.restored(saved)
            self.settle()
        for file in self._lexical.table.files.values():
            known = self._vectors is not None and self._vectors.knows(file.first)
            if file.content is None or known or not len(file.passages):
                continue
            packed = self._lexical.contents.vectors(file.content, self.embedder.identity)
            if packed is None:
                self._missing[file.content] = None
            else:
                self._put(file, packed)
