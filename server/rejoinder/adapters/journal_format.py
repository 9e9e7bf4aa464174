"""The format of a journal's file: checksummed lines, written once and never changed.

    ["9a0b1c2d",{"format":1,"file":"0f…"}]                  header
    ["5e6f7081",[["put","messages","1",{…}]]]               record
    ["1c291ca3",{"complete":true}]                          end of what the file began with

Each line is JSON. Its first value is the CRC-32, in hexadecimal, of the second value's bytes. A record is an array, a
mark an object. The header's line keeps this form in all versions, so that every version can tell a newer one. The file
ID is random and tells generations and their copies apart. While a file is open for writing, blanks may stand after its
last line, in the place of lines to come.

Format 0 held one operation in a record where format 1 holds a list of them.
"""

import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from rejoinder import platform
from rejoinder.declared import frozen
from rejoinder.domain.errors import StorageCorrupt

FORMAT = 1
BLANK = b" "

_MIGRATIONS: tuple[Callable[[Any], Any], ...] = (lambda operation: [operation],)
"""What makes a record of format N one of format N + 1, by N."""

# within a document, an array stands after one of these three characters; after a lost line break, none of them does
_START = re.compile(rb'(?<![\[,:])\["[0-9a-f]{8}",')
_HEAD = len(b'["00000000",')
_CLOSE = ord("]")
_READ_AHEAD = 1 << 20
_MOST_STARTS = 16
"""How many starts of lines are looked for in one damaged line."""


@frozen
class Contents:
    """What was read from a file."""

    records: list[Any]
    damaged: int
    """Lines that could not be read whole; at least one when a mark is missing."""
    complete: bool
    """Whether all that the file began with is there."""
    version: int = FORMAT
    """The format that the file has; the records are in today's."""


def encode_line(payload: bytes) -> bytes:
    """The line that holds a JSON payload."""
    return b'["%08x",%b]\n' % (zlib.crc32(payload), payload)


def decode_line(line: bytes) -> Any:
    """The payload of a line, with or without its line break; None when the line is damaged."""
    end = -2 if line.endswith(b"\n") else -1
    payload = line[_HEAD:end]
    if line[:_HEAD] != b'["%08x",' % zlib.crc32(payload) or line[end] != _CLOSE:
        return None
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None


def whole_file(payloads: Iterable[bytes], lines: Iterable[bytes] = ()) -> Iterator[bytes]:
    """The lines of a new file that begins with these records and lines."""
    yield encode_line(orjson.dumps({"format": FORMAT, "file": secrets.token_hex(16)}))
    yield from map(encode_line, payloads)
    yield from lines
    yield encode_line(b'{"complete":true}')


def read_contents(path: Path) -> Contents:
    """All sound records of a file, in today's format whatever the file's is.

    Raises StorageCorrupt for a newer format, OSError when it cannot be read.
    """
    records: list[Any] = []
    damaged, version = 0, FORMAT
    has_header = has_end = complete = False
    with os.fdopen(platform.open_private(path, os.O_RDONLY), "rb", buffering=_READ_AHEAD) as file:
        for line in file:
            payload = decode_line(line)
            if payload is None and not (line := line.rstrip(BLANK)):
                break
            if payload is None or not line.endswith(b"\n"):
                damaged += 1
            for part in _salvage(line) if payload is None else (payload,):
                if isinstance(part, list):
                    records.append(part)
                elif "format" in part:
                    version = _known_version(part["format"], path)
                    has_header = True
                else:
                    has_end, complete = True, has_header and not damaged
    for migrate in _MIGRATIONS[version:]:
        records = list(map(migrate, records))
    return Contents(records, damaged if has_header and has_end else max(damaged, 1), complete, version)


def _known_version(version: Any, path: Path) -> int:
    """The format that a header tells; today's when it tells none that ever was."""
    if isinstance(version, int) and version > FORMAT:
        raise StorageCorrupt(
            f"{str(path)!r} was written by a newer version of this program (format {version}, known is {FORMAT}).",
            path=str(path),
            backup=None,
            hint="Update this program, or choose another folder with `dataDir`.",
        )
    return version if isinstance(version, int) and version >= 0 else FORMAT


def _salvage(line: bytes) -> list[Any]:
    """The sound payloads within a damaged line: a lost line break joins two lines that are sound themselves."""
    starts = [match.start() for match in islice(_START.finditer(line), _MOST_STARTS)]
    ends = [*(start - 1 for start in starts if start), len(line) - 1, len(line)]
    found: list[Any] = []
    for start in starts:
        pieces = (decode_line(line[start:end]) for end in ends if end > start)
        found.extend(islice((piece for piece in pieces if piece is not None), 1))
    return found
