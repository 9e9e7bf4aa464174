"""Makes what the memory holds of an index, from a snapshot where there is one, and saves it when enough has changed."""

import logging

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.contents import Contents
from rejoinder.index.database import Database
from rejoinder.index.embedders import Embedder
from rejoinder.index.embedding import Embedding
from rejoinder.index.lexical import LexicalIndex
from rejoinder.index.snapshot import Snapshots
from rejoinder.index.state import State

_LEAST_CHANGES, _CHANGED_SHARE = 200, 0.1
"""A snapshot is written when so many files have changed; a smaller project needs none."""

log = logging.getLogger(__name__)


class Saving:
    """The passages and vectors of one database, loaded and saved."""

    def __init__(self, database: Database, tokenizer: Tokenizer, embedder: Embedder | None) -> None:
        self._database = database
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._snapshots = Snapshots(database.folder)
        self._saved_graph = False

    def load(self) -> tuple[LexicalIndex, Embedding | None]:
        """Everything as the database has it. Raises sqlite3.Error."""
        saved = self._snapshots.load(Contents(self._database.connection))
        try:
            return self._restored(saved)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            log.warning("the snapshot of the index cannot be used: %r", error)
            return self._restored(None)

    def start_over(self, *, damaged: bool) -> None:
        """Nothing that is being saved counts any more."""
        self._snapshots.give_up()
        self._database.start_over(damaged=damaged)

    @property
    def under_way(self) -> bool:
        """Whether something is being saved."""
        return self._snapshots.writing

    def save_if_due(self, lexical: LexicalIndex, embedding: Embedding | None) -> None:
        """Once enough has changed, begin to save, or let the database know what was saved.

        All is committed before; the caller commits what is begun here.
        """
        if self._snapshots.writing:
            self._snapshots.finish(lexical.contents)
            return
        has_graph = embedding is not None and embedding.has_graph
        enough = max(_LEAST_CHANGES, lexical.files * _CHANGED_SHARE)
        if lexical.changes < enough and has_graph == self._saved_graph:
            return
        state = lexical.state()
        if embedding is not None:
            state = state.joined(embedding.state(state.arrays["alive"]))
        self._saved_graph = has_graph
        self._snapshots.begin(state)

    def _restored(self, saved: State | None) -> tuple[LexicalIndex, Embedding | None]:
        lexical = LexicalIndex(self._database.connection, self._tokenizer, saved)
        embedding = None if self._embedder is None else Embedding(self._embedder, lexical, saved)
        self._saved_graph = embedding is not None and embedding.has_graph
        return lexical, embedding
