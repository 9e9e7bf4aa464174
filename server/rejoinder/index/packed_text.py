"""Texts in the database: compressed in pieces, so that a passage is had without unpacking the whole file."""

import sqlite3
import struct
import zlib

_PIECE = 8192
_LEVEL = 1


def pack_text(text: str) -> bytes:
    """The pieces' number and sizes, then the pieces, each of 8,192 code points."""
    pieces = [zlib.compress(text[at : at + _PIECE].encode(), _LEVEL) for at in range(0, len(text), _PIECE)]
    return struct.pack(f"<{1 + len(pieces)}i", len(pieces), *map(len, pieces)) + b"".join(pieces)


def cut_text(packed: bytes, start: int, end: int) -> str:
    """The code points of a packed text from `start` to `end`. Raises sqlite3.DatabaseError when it is damaged."""
    try:
        [count] = struct.unpack_from("<i", packed)
        sizes = struct.unpack_from(f"<{count}i", packed, 4)
        first, last = start // _PIECE, min(-(-end // _PIECE), count)
        at = 4 + 4 * count + sum(sizes[:first])
        texts = []
        for size in sizes[first:last]:
            texts.append(zlib.decompress(packed[at : at + size]).decode())
            at += size
        return "".join(texts)[start - first * _PIECE : end - first * _PIECE]
    except (struct.error, zlib.error, ValueError) as error:
        raise sqlite3.DatabaseError("a text is damaged") from error
