"""The end of a journal's file, read without the rest: for what was written last in a long one."""

import os
from pathlib import Path
from typing import Any

from rejoinder import platform
from rejoinder.adapters.journal_format import FORMAT, decode_line

_LONGEST_HEADER = 1024


def read_tail(path: Path, *, length: int, size: int) -> list[Any] | None:
    """The records that are whole within the last `length` bytes of a file of `size` bytes, in their order.

    None when the file has another size, another format, or a damaged line there: then all of it has to be read, which
    also mends it. Damage before these bytes is not seen. Raises OSError.
    """
    with os.fdopen(platform.open_private(path, os.O_RDONLY), "rb", buffering=0) as file:
        if os.fstat(file.fileno()).st_size != size or not _is_known(file.read(_LONGEST_HEADER)):
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
