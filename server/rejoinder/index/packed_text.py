"""Texts in the database: compressed in pieces, so that a passage is had without unpacking the whole file."""

import sqlite3
import zlib

import numpy as np

_PIECE = 8192
_LEVEL = 1


def pack_text(text: str) -> bytes:
    """The pieces' number and sizes, then the pieces, each of 8,192 code points."""
    pieces = [zlib.compress(text[at : at + _PIECE].encode(), _LEVEL) for at in range(0, len(text), _PIECE)]
    return np.array([len(pieces), *map(len, pieces)], "<i4").tobytes() + b"".join(pieces)


def cut_text(packed: bytes, start: int, end: int) -> str:
    """The code points of a packed text from `start` to `end`. Raises sqlite3.DatabaseError when it is damaged."""
    try:
        count = int(np.frombuffer(packed, "<i4", 1)[0])
        sizes = np.frombuffer(packed, "<i4", count, offset=4)
        ends = 4 + 4 * count + np.cumsum(sizes, dtype=np.int64)
        first, last = start // _PIECE, min(-(-end // _PIECE), count)
        begins = (ends - sizes)[first:last].tolist()
        pieces = (packed[at:to] for at, to in zip(begins, ends[first:last].tolist(), strict=True))
        text = "".join(zlib.decompress(piece).decode() for piece in pieces)
        return text[start - first * _PIECE : end - first * _PIECE]
    except (zlib.error, ValueError) as error:
        raise sqlite3.DatabaseError("a text is damaged") from error
