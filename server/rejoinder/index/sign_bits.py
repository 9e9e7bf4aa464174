"""The signs of vectors as bits: rows that differ from a question in few of them are near, which takes little to see."""

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.packed_rows import Packed, Vectors
from rejoinder.index.postings import Flags

SignBits = NDArray[np.uint64]
"""A bit for each component, a column for each row."""


def no_signs(dimension: int) -> SignBits:
    """Of no rows."""
    return np.zeros((-(-dimension // 64), 0), np.uint64)


def sign_bits(vectors: Packed | Vectors) -> SignBits:
    """Of some rows."""
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return np.ascontiguousarray(padded.view(np.uint64).T)


def differing(signs: SignBits, query: Vectors) -> NDArray[np.uint16]:
    """In how many components each row has another sign than a question."""
    apart = np.zeros(signs.shape[1], np.uint16)
    for word, asked in zip(signs, sign_bits(query[None]), strict=True):
        apart += np.bitwise_count(word ^ asked)
    return apart


def least(apart: NDArray[np.uint16], most: int) -> Flags:
    """Which rows differ least: `most` of them, or some more that differ as little."""
    if len(apart) <= most:
        return np.ones(len(apart), np.bool_)
    furthest = np.uint16(np.searchsorted(np.cumsum(np.bincount(apart)), most))
    found: Flags = apart <= furthest
    return found
