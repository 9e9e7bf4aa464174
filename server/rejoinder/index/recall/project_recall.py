"""What can be recalled of one project: passages on disk, and in memory what finding them needs."""

import logging
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from rejoinder.domain.recall import RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.word_query import Matching, WordQuery, understood
from rejoinder.index.database import is_damage
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Flags, Floats, Ints, Occurrences, Postings
from rejoinder.index.recall.beginnings import Beginnings
from rejoinder.index.recall.best import best_of
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.comparing import worth_comparing
from rejoinder.index.recall.database import RecallDatabase
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.own_vectors import OwnVectors
from rejoinder.index.recall.ranking import Scored, word_scores
from rejoinder.index.recall.showing import Shelf
from rejoinder.index.recall.storing import Stored, Storing
from rejoinder.index.recall.word_matches import WordMatches
from rejoinder.index.recall.words import Words

log = logging.getLogger(__name__)

_MOST_HOLES, _FEW = 0.25, 1000
_LITTLE = np.float32(1e-6)


class ProjectRecall:
    """Takes groups of passages in and out, and answers questions. What it holds in memory comes with the first use."""

    def __init__(self, folder: Path | None, words: Words, embedding: RecallEmbedding) -> None:
        """Without a folder nothing lasts."""
        self.faults: list[str] = []
        self._folder = folder
        self._words = words
        self._storing = Storing(words)
        self.embedding = embedding
        self._columns: Columns | None = None
        self._postings = Postings()
        self._beginnings = Beginnings()
        self._own_vectors = OwnVectors(folder / "stores" if folder else None)
        try:
            self._database = RecallDatabase(folder)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._database = self._beside(error)

    def groups(self) -> list[tuple[str, str, str, str]]:
        """Kind, name, version and mark of each group."""
        return self._database.groups()

    def put(self, *pieces: Piece) -> None:
        """Take pieces of groups in, all or nothing."""
        stored = Stored()
        with self._database.transaction() as connection:
            for piece in pieces:
                self._storing.put(connection, piece, stored)
        if self._columns is not None:
            self._columns.kinds.update(stored.groups)
        self._follow(stored)
        if stored.removed:
            self._database.scrub()

    def remove(self, kind: str, groups: Sequence[str]) -> None:
        """Take groups out; they are gone from the disk then."""
        with self._database.transaction() as connection:
            stored = self._storing.remove(connection, kind, groups)
        self._follow(stored)
        self._database.scrub()

    def search(self, query: RecallQuery, vector: Vectors | None, now: float) -> list[Hit]:
        """The best passages, best first, at most `limit` of each kind."""
        return [hit for _, hit in best_of([self.shelf(query, vector, now)], query)]

    def shelf(self, query: RecallQuery, vector: Vectors | None, now: float) -> Shelf:
        """What there is for a query, to be compared with what there is in other projects."""
        scored, columns, asked = self._scored(query, vector, now), self._loaded(), self._understood(query)
        conditions = WordQuery() if asked is None else _conditions(query, asked)
        fitting = None if conditions.is_empty else partial(self._matches(columns).fitting, Matching(conditions))
        return Shelf(scored, self._database, columns, fitting)

    def status(self) -> RecallStatus:
        """How much there is, and how much of it has a vector."""
        columns = self._loaded()
        passages = int(np.count_nonzero(columns.alive))
        told = (self.embedding.misfit, self.embedding.fault)
        return RecallStatus(
            passages=passages,
            embedded=passages - self.embedding.missing,
            model=self.embedding.identity,
            dimension=self.embedding.dimension,
            size=self._database.size,
            faults=(*self.faults, *(fault for fault in told if fault)),
        )

    def load(self) -> None:
        """Bring into memory what questions need."""
        self._loaded()

    def embed(self) -> bool:
        """Go on with the vectors that are missing; False when there is nothing to do just now."""
        try:
            return self._columns is not None and (self.embedding.step() or self._beginnings.rest(self._database))
        except sqlite3.OperationalError as error:
            self.embedding.cannot_keep(error)
            return False

    def embed_by(self, embedding: RecallEmbedding) -> None:
        """Make the vectors by another model from now on."""
        if embedding.identity != self.embedding.identity and self._columns is not None:
            embedding.begin(self._database, self._columns)
        elif embedding.identity == self.embedding.identity:
            self.embedding.misfit = embedding.misfit
            return
        self.embedding = embedding

    def mend(self, error: sqlite3.Error) -> None:
        """Set a damaged database aside, and begin with an empty one."""
        log.warning("a damaged index of what was said: %s", error)
        self._columns, self._beginnings = None, Beginnings()
        self._database.close()
        self._database = self._beside(error)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _beside(self, error: sqlite3.Error) -> RecallDatabase:
        self.faults = [f"The index of conversations and memory was damaged ({error}) and is made anew."]
        return RecallDatabase.instead_of_damaged(self._folder)

    def _loaded(self) -> Columns:
        if self._columns is None:
            try:
                self._columns = self._read()
            except (KeyError, ValueError, TypeError) as error:
                raise sqlite3.DatabaseError(f"what was stored cannot be read: {error!r}") from error
        self._postings.settle()
        return self._columns

    def _read(self) -> Columns:
        columns = Columns()
        columns.kinds = self._database.group_kinds()
        self._postings = Postings()
        for stored, terms, counts in self._database.stored():
            self._postings.add(_occurrences(terms, counts), columns.end)
            columns.append(stored)
        self.embedding.begin(self._database, columns)
        return columns

    def _follow(self, stored: Stored) -> None:
        """Bring what is in memory in step with the database."""
        if stored.removed:
            self._own_vectors.dropped(stored.removed)
        columns = self._columns
        if columns is None:
            return
        gone, removed = columns.rows_of(stored.removed), set(stored.removed)
        columns.remove(gone)
        self.embedding.removed(gone)
        kept = [(passage, words) for passage, words in stored.added if passage.id not in removed]
        first = columns.end
        columns.append([passage for passage, _ in kept])
        terms, counts = [words.terms.tobytes() for _, words in kept], [words.counts.tobytes() for _, words in kept]
        self._postings.add(_occurrences(terms, counts), first)
        self.embedding.added(range(first, columns.end))
        holes = columns.end - int(np.count_nonzero(columns.alive))
        if holes > max(_FEW, _MOST_HOLES * columns.end):
            numbers = columns.compact()
            self._postings.renumber(numbers)
            self.embedding.renumber(numbers)

    def _scored(self, query: RecallQuery, vector: Vectors | None, now: float) -> Scored:
        """What every passage that may be found is worth to a query."""
        columns = self._loaded()
        allowed = self._allowed(columns, query, now)
        fitting, asked = allowed, self._understood(query)
        if asked is not None:
            fitting = self._matches(columns).narrowed(_conditions(query, asked), allowed)
            self._beginnings.asked = True
        words = np.zeros(len(fitting), np.float32)
        if query.mode != "meaning":
            words = self._word_scores(columns, query, asked, allowed)
        if query.mode == "words":
            words += _LITTLE  # what has nothing but a common word of the query, or lacks an excluded one, is found too
        rows, near = self._compared(columns, query, vector, fitting, words)
        return Scored(rows, words[rows], near, columns["quality"][rows], columns["kind"][rows])

    def _compared(
        self, columns: Columns, query: RecallQuery, vector: Vectors | None, fitting: Flags, words: Floats
    ) -> tuple[Ints, Floats | None]:
        """The rows that may be among the best, ascending, and their cosines: None where words alone count."""
        vectors = None
        if vector is not None and query.mode != "words" and query.vector_store != "none":
            vectors = self.embedding.comparable(vector, fitting)
        if vector is None or vectors is None:
            return _numbers(fitting), None
        if query.vector_store != "exact":
            rows = _numbers(fitting)
            return rows, self._own_vectors.nearness(query.vector_store, vector, rows, columns, vectors)
        worth = worth_comparing(vectors, vector, fitting, words, query.limit)
        compared = _numbers(worth)
        near = vectors.cosines(vector, compared)
        if query.mode is None:
            # what is far away and has few of the words is among the best of no question
            return compared, near
        rows = _numbers(fitting)
        cosines = np.zeros(len(rows), np.float32)
        cosines[worth[rows]] = near
        return rows, cosines

    def _allowed(self, columns: Columns, query: RecallQuery, now: float) -> Flags:
        """Which rows a query may be answered from."""
        allowed = columns.allowed(query, now)
        allowed[columns.rows_of(self._database.of_messages(query.without))] = False
        if query.documents is not None:
            allowed &= columns.of_groups("knowledge", self._database.group_ids("knowledge", query.documents))
        if query.files:
            about = np.zeros(columns.end, np.bool_)
            about[columns.rows_of(self._database.of_files(query.files))] = True
            allowed &= about
        return allowed

    def _understood(self, query: RecallQuery) -> WordQuery | None:
        return None if query.mode is None else understood(query.text)

    def _matches(self, columns: Columns) -> WordMatches:
        return WordMatches(self._postings, columns, self._beginnings, self._database)

    def _word_scores(self, columns: Columns, query: RecallQuery, asked: WordQuery | None, allowed: Flags) -> Floats:
        text = query.text if asked is None else asked.plain
        more = [] if asked is None else self._matches(columns).rows_of_beginnings(asked)
        return word_scores(self._postings, self._words.question(text), allowed, columns["length"], more=more)


def _numbers(rows: Flags) -> Ints:
    return np.flatnonzero(rows).astype(np.int32)


def _conditions(query: RecallQuery, asked: WordQuery) -> WordQuery:
    """What of a query has to be met to the letter."""
    return asked if query.mode == "words" else asked.strict()


def _occurrences(terms: Sequence[bytes], counts: Sequence[bytes]) -> Occurrences:
    """The terms of passages, of 4 bytes each, and how often each stands there, a byte each."""
    sizes = list(map(len, counts))
    units = np.repeat(np.arange(len(counts), dtype=np.int32), sizes)
    found = np.frombuffer(b"".join(terms), np.int32)
    if len(found) != len(units):
        raise sqlite3.DatabaseError("the words of a passage are damaged")
    return Occurrences(
        found, units, np.frombuffer(b"".join(counts), np.uint8).astype(np.int32), np.array(sizes, np.int32)
    )
