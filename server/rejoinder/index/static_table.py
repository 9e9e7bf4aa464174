"""The built-in embedder: one trained vector for each word piece, summed; needs numpy and nothing else.

How the table is trained, and from what, stands in `server/training`.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.word_pieces import WordPieces

_FOLDER = Path(__file__).parent / "data"
_ROWS = "static_table.npy"
_PIECES = "static_table.txt"
_IDENTITY_DIGITS = 12


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
        for row, text in zip(out, texts, strict=True):
            counts = Counter(self._pieces.pieces(text))
            if counts:
                numbers = np.fromiter(counts, np.intp, len(counts))
                weights = np.log(np.fromiter(counts.values(), np.float32, len(counts)))
                weights += 1
                weights *= self._scales[numbers]
                np.dot(weights, self._vectors[numbers].astype(np.float32), out=row)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        out /= np.where(lengths > 0, lengths, 1)
        return out
