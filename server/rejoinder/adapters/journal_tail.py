"""The end of a journal's file, read without the rest: where its lines end, and what was written last in a long one."""

import os
from pathlib import Path
from typing import Any

from rejoinder import platform
from rejoinder.adapters.journal_format import BLANK, FORMAT, decode_line

_LONGEST_HEADER = 1024
_BLOCK = 1 << 12


def size_of_lines(path: Path) -> int:
    """The bytes of a file's lines, without the blanks after the last one. Raises OSError."""
    with os.fdopen(platform.open_private(path, os.O_RDONLY), "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        while size:
            start = max(size - _BLOCK, 0)
            file.seek(start)
            if lines := (file.read(size - start) or b"").rstrip(BLANK):
                return start + len(lines)
            size = start
    return 0


def ends_at(path: Path, size: int) -> bool:
    """Whether a file's lines take `size` bytes; the file is opened only when it is longer. Raises OSError."""
    length = path.stat().st_size
    return length == size or (length > size and size_of_lines(path) == size)


def read_tail(path: Path, *, length: int, size: int) -> list[Any] | None:
    """The records that are whole within the last `length` bytes of `size` bytes of lines, in their order.

    None when the lines have another size, another format, or damage there: then all of it has to be read, which also
    mends it. Damage before these bytes is not seen. Raises OSError.
    """
    if not ends_at(path, size):
        return None
    with os.fdopen(platform.open_private(path, os.O_RDONLY), "rb", buffering=0) as file:
        if not _is_known(file.read(_LONGEST_HEADER)):
            return None
        start = max(size - length, 0)
        file.seek(start)
        data = file.read(size - start)
    if len(data) != size - start or not data.endswith(b"\n"):
        return None
    lines = data.split(b"\n")[:-1]
    payloads = [decode_line(line) for line in (lines[1:] if start else lines)]
    if any(payload is None for payload in payloads):
        return None
    return [payload for payload in payloads if isinstance(payload, list)]


def _is_known(beginning: bytes | None) -> bool:
    header = decode_line((beginning or b"").partition(b"\n")[0] + b"\n")
    return isinstance(header, dict) and header.get("format") == FORMAT
