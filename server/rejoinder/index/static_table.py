"""The built-in embedder: one trained vector for each word piece, summed; needs numpy and nothing else.

How the table is trained, and from what, stands in `server/training`.
"""

import hashlib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.word_pieces import WordPieces

_FOLDER = Path(__file__).parent / "data"
_ROWS = "static_table.npy"
_PIECES = "static_table.txt"
_IDENTITY_DIGITS = 12
_OWNER_BITS = 32


class StaticTable:
    """Embeds texts: the vectors of a text's word pieces, weighted by 1 + ln(frequency), summed and normalised."""

    def __init__(self, rows: NDArray[Any], pieces: Sequence[str], *, identity: str) -> None:
        """`rows` are records of `scale` (float32) and `vector` (int8), one for each piece."""
        self._vectors: NDArray[np.int8] = np.asarray(rows)["vector"]
        self._scales: NDArray[np.float32] = np.ascontiguousarray(rows["scale"])
        self._pieces = WordPieces({piece: number for number, piece in enumerate(pieces)})
        self.dimension: int = self._vectors.shape[1]
        self.identity = identity
        """Names the table and its content; vectors of different identities must not be compared."""

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> "StaticTable":
        """The table in a folder, by default the one that is shipped; its rows stay on disk until they are needed."""
        rows = np.load(folder / _ROWS, mmap_mode="r")
        text = (folder / _PIECES).read_bytes()
        digest = hashlib.blake2b(memoryview(rows).cast("B"))
        digest.update(text)
        dimension = rows["vector"].shape[1]
        identity = f"builtin-{dimension}-{digest.hexdigest()[:_IDENTITY_DIGITS]}"
        return cls(rows, text.decode().splitlines(), identity=identity)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text; all zeros where no piece is known. Shape (texts, dimension)."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        starts, numbers, counts = self._counted(texts)
        weights = (np.log(counts.astype(np.float32)) + 1) * self._scales[numbers]
        for row, first, last in zip(out, starts, starts[1:], strict=False):
            np.dot(weights[first:last], self._vectors[numbers[first:last]].astype(np.float32), out=row)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        out /= np.where(lengths > 0, lengths, 1)
        return out

    def _counted(self, texts: Sequence[str]) -> tuple[list[int], NDArray[np.int64], NDArray[np.int64]]:
        """The distinct pieces of all texts with their counts, those of each text together, and where each begins."""
        pieces = [list(self._pieces.pieces(text)) for text in texts]
        owners = np.repeat(np.arange(len(pieces), dtype=np.int64), list(map(len, pieces)))
        numbers = np.fromiter(chain.from_iterable(pieces), np.int64, len(owners))
        keys, counts = np.unique((owners << _OWNER_BITS) | numbers, return_counts=True)
        starts = np.searchsorted(keys, np.arange(len(pieces) + 1, dtype=np.int64) << _OWNER_BITS)
        return starts.tolist(), keys & ((1 << _OWNER_BITS) - 1), counts
