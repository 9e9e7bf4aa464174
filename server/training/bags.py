"""Texts as bags of pieces with the weights that the embedder gives them."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.word_pieces import WordPieces


class Bags:
    """Pieces and weights of many texts one after the other; those of text t lie from starts[t] to starts[t + 1]."""

    def __init__(self, texts: Iterable[str], pieces: WordPieces) -> None:
        numbers: list[int] = []
        counts: list[int] = []
        starts = [0]
        for text in texts:
            found = Counter(pieces.pieces(text))
            numbers.extend(found)
            counts.extend(found.values())
            starts.append(len(numbers))
        self.pieces = np.array(numbers, np.int32)
        self.weights = 1 + np.log(np.array(counts, np.float32))
        self.starts = np.array(starts, np.int64)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def chosen(self, texts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        """Pieces, weights, and where each text begins, of some of the texts."""
        spans = [np.arange(self.starts[text], self.starts[text + 1]) for text in texts]
        at = np.concatenate(spans)
        begins = np.cumsum([0, *map(len, spans[:-1])])
        return self.pieces[at].astype(np.int64), self.weights[at], begins
