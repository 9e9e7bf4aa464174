"""Keeps the vectors of one model in step with a project's passages, in memory and on disk."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from rejoinder.index.embedders import Embedder, EmbedderUnavailable
from rejoinder.index.packed_rows import Vectors, pack_vectors, packed_rows
from rejoinder.index.postings import Flags, Ints
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.database import RecallDatabase
from rejoinder.index.recall.vectors import RecallVectors

MOST_MISSING = 0.1
"""While a greater share of the passages in question than this has no vector, words alone answer."""

_AT_ONCE = 32
_RETRY_SECONDS = 30.0


class RecallEmbedding:
    """The vectors of one project by one embedder."""

    def __init__(self, embedder: Embedder, threads: ThreadPoolExecutor, misfit: str | None = None) -> None:
        """`threads` wait for embedders that are not quick; `misfit` says why it is not the one that was asked for."""
        self.embedder = embedder
        self.misfit = misfit
        self.fault: str | None = None
        """Why vectors cannot be made just now."""
        self._threads = threads
        self._vectors: RecallVectors | None = None
        self._missing: dict[int, None] = {}
        """Rows that have no vector yet, in the order in which they get one."""
        self._made: tuple[list[int], Future[Vectors]] | None = None
        """What is on its way: the IDs of the passages, and their vectors."""
        self._retry = 0.0
        self._database: RecallDatabase | None = None
        self._columns = Columns()

    @property
    def identity(self) -> str:
        """Of the model."""
        return self.embedder.identity

    @property
    def dimension(self) -> int:
        """Of the vectors; 0 while there are none."""
        return 0 if self._vectors is None else self._vectors.dimension

    @property
    def vectors(self) -> RecallVectors | None:
        """The vectors there are; None while there are none."""
        return self._vectors

    @property
    def missing(self) -> int:
        """How many passages have no vector yet."""
        return len(self._missing)

    @property
    def waiting(self) -> bool:
        """Whether vectors are on their way or will be asked for again."""
        return self._made is not None or bool(self._missing)

    def begin(self, database: RecallDatabase, columns: Columns) -> None:
        """Read what is known; what is not is missing, and embedded at once if that is quick and little."""
        self._database, self._columns = database, columns
        self._vectors, self._made = None, None
        known = database.model(self.identity)
        if known is not None:
            self._vectors = vectors = RecallVectors(*known)
            for piece in database.vectors(vectors.model):
                packed = packed_rows(b"".join(row for _, row in piece), vectors.dimension)
                rows = columns.rows_of(number for number, _ in piece)
                if not len(packed) == len(rows) == len(piece):
                    raise sqlite3.DatabaseError("the vectors of passages are damaged")
                vectors.put(rows.tolist(), packed)
        self._missing = dict.fromkeys(np.flatnonzero(self._without()).tolist())
        self._embed_few()

    def added(self, rows: Sequence[int]) -> None:
        """Rows came; a few are embedded at once if that is quick, since the next question may be about them."""
        self._missing.update(dict.fromkeys(rows))
        self._embed_few()

    def removed(self, rows: Ints) -> None:
        """Rows are gone."""
        for row in rows.tolist():
            self._missing.pop(row, None)

    def renumber(self, numbers: Ints) -> None:
        """Rows have other numbers now."""
        self._missing = {int(numbers[row]): None for row in self._missing if numbers[row] >= 0}
        if self._vectors is not None:
            self._vectors.renumber(numbers)

    def comparable(self, query: Vectors, rows: Flags) -> RecallVectors | None:
        """The vectors that a question's is compared with; None while too many of the rows have none of this model."""
        vectors = self._vectors
        if vectors is None or len(query) != vectors.dimension:
            return None
        missing = int(np.count_nonzero(rows & ~vectors.known(len(rows))))
        return None if missing > MOST_MISSING * int(np.count_nonzero(rows)) else vectors

    def step(self) -> bool:
        """Go on with the vectors that are missing; False when there is nothing to do just now."""
        if self._made is not None:
            ids, made = self._made
            if not made.done():
                return False
            self._made = None
            self._keep(ids, made)
            return True
        if not self._missing or self._database is None or time.monotonic() < self._retry:
            return False
        rows = [row for row, _ in zip(self._missing, range(_AT_ONCE), strict=False)]
        ids = self._columns["id"][np.array(rows)].tolist()
        texts = self._database.texts(ids)
        self._made = ids, self.submit([texts[number] for number in ids])
        return True

    def submit(self, texts: Sequence[str]) -> "Future[Vectors]":
        """The vectors of texts: at once if that is quick."""
        if not self.embedder.quick:
            return self._threads.submit(self.embedder.embed, texts)
        done: Future[Vectors] = Future()
        try:
            done.set_result(self.embedder.embed(texts))
        except Exception as error:
            done.set_exception(error)
        return done

    def cannot_keep(self, error: sqlite3.OperationalError) -> None:
        """Vectors cannot be stored just now, as on a full disk."""
        self._rest(f"Vectors cannot be kept: {error}.")

    def _rest(self, why: str) -> None:
        """Make no vectors for a while."""
        self.fault = why
        self._retry = time.monotonic() + _RETRY_SECONDS

    def _embed_few(self) -> None:
        if not self.embedder.quick or len(self._missing) > _AT_ONCE:
            return
        try:
            while self.step():
                pass
        except sqlite3.OperationalError as error:
            self.cannot_keep(error)

    def _keep(self, ids: list[int], made: "Future[Vectors]") -> None:
        try:
            vectors = made.result()
        except Exception as error:  # an embedder may be anybody's
            why = str(error) if isinstance(error, EmbedderUnavailable) else f"the embedder failed: {error!r}"
            self._rest(f"{why}. Words answer meanwhile: start it, or choose another by the setting `embedder`.")
            return
        self.fault = None
        packed = packed_rows(pack_vectors(vectors), vectors.shape[1])
        table, columns = self._table(vectors.shape[1]), self._columns
        rows = columns.rows_of(ids)
        row_of = dict(zip(columns["id"][rows].tolist(), rows.tolist(), strict=True))
        here = [at for at, number in enumerate(ids) if number in row_of and columns.alive[row_of[number]]]
        with self._transaction() as database:
            database.put_vectors(table.model, ((ids[at], packed[at].tobytes()) for at in here))
        table.put([row_of[ids[at]] for at in here], packed[here])
        for row in row_of.values():
            self._missing.pop(row, None)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[RecallDatabase]:
        if self._database is None:
            raise sqlite3.ProgrammingError("nothing was begun")
        with self._database.transaction():
            yield self._database

    def _table(self, dimension: int) -> RecallVectors:
        """Where vectors go; a model that answers another dimension than before begins anew."""
        if self._vectors is not None and self._vectors.dimension == dimension:
            return self._vectors
        with self._transaction() as database:
            if self._vectors is not None:
                database.drop_model(self._vectors.model)
            self._vectors = RecallVectors(database.add_model(self.identity, dimension), dimension)
        self._missing = dict.fromkeys(np.flatnonzero(self._columns.alive).tolist())
        return self._vectors

    def _without(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        known = (
            np.zeros(self._columns.end, np.bool_) if self._vectors is None else self._vectors.known(self._columns.end)
        )
        return self._columns.alive & ~known
