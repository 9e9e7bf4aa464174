"""What can be recalled of one project: passages on disk, and in memory what finding them needs."""

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import orjson

from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit
from rejoinder.index.database import is_damage
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Occurrences, Postings
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.database import RecallDatabase, Shown
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.own_vectors import OwnVectors
from rejoinder.index.recall.ranking import Ranked, rank, word_scores
from rejoinder.index.recall.storing import Stored, Storing
from rejoinder.index.recall.words import Words

log = logging.getLogger(__name__)

_MOST_HOLES, _FEW = 0.25, 1000
MOST_OF_A_GROUP = 3
"""Passages of one document, unless there are no others. Of one message the best is shown alone."""
_SPARE = 4
"""How many times as many as are wanted are ranked, so that enough are left of different messages."""


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
        columns = self._loaded()
        allowed = columns.allowed(query, now)
        allowed[columns.rows_of(self._database.of_messages(query.without))] = False
        rows = np.flatnonzero(allowed).astype(np.int32)
        words = word_scores(self._postings, self._words.question(query.text), allowed, columns["length"])[rows]
        nearness = None
        if vector is not None and query.vector_store != "none":
            nearness = self.embedding.nearness(vector, rows)
        if vector is not None and nearness is not None and query.vector_store != "exact" and self.embedding.vectors:
            nearness = self._own_vectors.nearness(query.vector_store, vector, rows, columns, self.embedding.vectors)
        kinds, quality = columns["kind"][rows], columns["quality"][rows]
        ranked = rank(rows, words, nearness, quality, kinds, most=query.limit * _SPARE + MOST_OF_A_GROUP)
        return self._shown(ranked, columns, query.limit)

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
            return self._columns is not None and self.embedding.step()
        except sqlite3.OperationalError as error:
            self.embedding.rest(f"Vectors cannot be kept: {error}.")
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
        self._columns = None
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

    def _shown(self, ranked: Sequence[Ranked], columns: Columns, limit: int) -> list[Hit]:
        """The hits of these rows, so that no document takes the place of all others."""
        wanted = Counter(dict.fromkeys({columns.kind_of(each.row) for each in ranked}, limit))
        chosen: list[tuple[Ranked, str, Shown]] = []
        spare: list[tuple[Ranked, str, Shown]] = []
        of_group: Counter[int] = Counter()
        messages: set[str] = set()
        for each, shown in self._in_pieces(ranked, columns, limit * max(1, len(wanted))):
            kind, group = columns.kind_of(each.row), int(columns["group"][each.row])
            if not wanted[kind]:
                continue
            if kind == "message" and shown.message is not None:
                if shown.message in messages:
                    continue
                messages.add(shown.message)
            elif of_group[group] == MOST_OF_A_GROUP:
                spare.append((each, kind, shown))
                continue
            of_group[group] += 1
            wanted[kind] -= 1
            chosen.append((each, kind, shown))
            if not any(wanted.values()):
                break
        for each, kind, shown in spare:
            if wanted[kind]:
                wanted[kind] -= 1
                chosen.append((each, kind, shown))
        return [_hit(*one) for one in sorted(chosen, key=lambda one: -one[0].score)]

    def _in_pieces(self, ranked: Sequence[Ranked], columns: Columns, size: int) -> Iterator[tuple[Ranked, Shown]]:
        """The rows with what their hits show, of which no more is read than is looked at."""
        for at in range(0, len(ranked), size):
            piece = ranked[at : at + size]
            ids = columns["id"][[each.row for each in piece]].tolist()
            shown = self._database.shown(ids)
            if len(shown) < len(ids):
                raise sqlite3.DatabaseError("a passage is missing")
            yield from zip(piece, (shown[number] for number in ids), strict=True)


def _hit(ranked: Ranked, kind: str, shown: Shown) -> Hit:
    return Hit(
        uri=shown.uri,
        place=Place(*orjson.loads(shown.place)),
        text=shown.text,
        score=ranked.score,
        source=kind,  # type: ignore[arg-type]
        parts=ranked.parts,
        scope=shown.scope,
        session_id=shown.session,
        message_id=shown.message,
    )


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
