"""Vectors compared by a store of the user's own, which an entry point names, instead of one by one."""

import hashlib
import logging
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Floats, Ints
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.vectors import RecallVectors

GROUP = "rejoinder.vector_stores"
"""The group of entry points; each is called with an empty folder for its files and answers a store."""

NEAREST = 200
"""How many of the nearest a store is asked for."""

log = logging.getLogger(__name__)


class VectorStore(Protocol):
    """Finds the nearest vectors. Used by one thread; an exception says that it cannot serve."""

    def put(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors, one row of length 1 for each ID; no ID comes twice."""
        ...

    def drop(self, ids: Sequence[int]) -> None:
        """Forget vectors; nothing of them may be left when this returns. An ID that is not there is no error."""
        ...

    def search(self, vector: Vectors, limit: int) -> Sequence[tuple[int, float]]:
        """The nearest ones, nearest first: ID and cosine."""
        ...


class VectorStoreFault(Exception):
    """A store that is not installed, or that fails; the message is for people."""


@attrs.define
class _Open:
    store: VectorStore
    model: int
    told: NDArray[np.int64]
    """The IDs that it was given, in ascending order."""


class OwnVectors:
    """The stores of one project by their names. Each is told everything anew by every process that asks it."""

    def __init__(self, folder: Path | None) -> None:
        """Their folders lie in `folder`, which may not be there yet; without one there can be no store."""
        self._folder = folder
        self._open: dict[str, _Open] = {}

    def nearness(self, name: str, query: Vectors, rows: Ints, columns: Columns, vectors: RecallVectors) -> Floats:
        """How near rows, in ascending order, are to a question; 0 for those not among the nearest.

        Raises VectorStoreFault.
        """
        try:
            found = self._following(name, columns, vectors).search(query, NEAREST)
            near = {int(number): float(cosine) for number, cosine in found}
        except VectorStoreFault:
            raise
        except Exception as error:
            self._open.pop(name, None)
            log.warning("the vector store %s fails", name, exc_info=error)
            raise VectorStoreFault(f"The vector store {name!r} fails: {type(error).__name__}") from error
        return np.array([near.get(number, 0.0) for number in columns["id"][rows].tolist()], np.float32)

    def dropped(self, ids: Collection[int]) -> None:
        """Passages are gone: so are their vectors when this returns, also from stores that were not asked yet."""
        for name, each in list(self._open.items()):
            try:
                each.store.drop(sorted(ids))
                each.told = np.setdiff1d(each.told, np.fromiter(ids, np.int64))
            except Exception as error:
                log.warning("the vector store %s fails and is made anew", name, exc_info=error)
                del self._open[name]
        for folder in self._folder.iterdir() if self._folder is not None and self._folder.is_dir() else ():
            if folder.name not in map(_folder_name, self._open):
                shutil.rmtree(folder)

    def _following(self, name: str, columns: Columns, vectors: RecallVectors) -> VectorStore:
        """The store, in step with what has a vector."""
        here = self._open.get(name)
        if here is None or here.model != vectors.model:
            here = self._open[name] = _Open(self._made(name), vectors.model, np.zeros(0, np.int64))
        rows = np.flatnonzero(columns.alive & vectors.known(columns.end)).astype(np.int32)
        ids = columns["id"][rows]
        if len(gone := np.setdiff1d(here.told, ids)):
            here.store.drop(gone.tolist())
        new = ~np.isin(ids, here.told)
        if new.any():
            here.store.put(ids[new].tolist(), vectors.of(rows[new]))
        here.told = ids.copy()
        return here.store

    def _made(self, name: str) -> VectorStore:
        # few projects have a store of their own, and every process would wait for this
        from importlib.metadata import entry_points

        found = list(entry_points(group=GROUP, name=name))
        if not found or self._folder is None:
            raise VectorStoreFault(f"There is no vector store {name!r}")
        folder = self._folder / _folder_name(name)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        store: VectorStore = found[0].load()(folder)
        return store


def _folder_name(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
