"""What a client on standard input and output is answered when there is nobody to serve it.

Its first request, which is LSP's `initialize`, gets the error, so that people read in their editor what is wrong: few
editors show what a server writes to its standard error.
"""

import contextlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from rejoinder.engine.framing import END_OF_HEAD, WireError, error_body, framed, length_of
from rejoinder.platform import have_blocking

_PATIENCE_SECONDS = 2.0
"""How long a request is waited for; editors send one at once."""
_LONGEST = 1 << 24
_CHUNK = 1 << 16

ToWire = Callable[[Exception], WireError]


def refuse(error: WireError, *, source: int = 0, sink: int = 1, patience: float = _PATIENCE_SECONDS) -> None:
    """Answer the first request that comes within `patience` seconds; none comes from a terminal."""
    if not os.isatty(source):
        # a read that blocks cannot be given up: the process ends with it
        answering = threading.Thread(target=_answer, args=(error, source, sink), daemon=True)
        answering.start()
        answering.join(patience)


def _answer(error: WireError, source: int, sink: int) -> None:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        have_blocking(source, sink)
        request = _first_message(source)
        if isinstance(request, dict) and "method" in request and "id" in request:
            code, message, data = error
            if not _shows_hints(request):
                message = f"{message} {data.get('hint', '')}".rstrip()
            with open(sink, "wb", closefd=False) as output:
                output.write(framed(error_body(request["id"], (code, message, data))))


def _shows_hints(request: Mapping[str, Any]) -> bool:
    """Whether a client knows this protocol; any other shows the message alone."""
    told: Any = request
    for key in ("params", "capabilities", "experimental", "rejoinder"):
        told = told.get(key) if isinstance(told, dict) else None
    return told is not None


def _first_message(source: int) -> Any:
    """A message of LSP's base protocol. Raises ValueError for what is none, and when the input ends before its end."""
    received = b""
    while END_OF_HEAD not in received:
        received += _more(source, received)
    head, end, body = received.partition(END_OF_HEAD)
    length = length_of(head + end, _LONGEST)
    while len(body) < length:
        body += _more(source, body)
    return json.loads(body[:length])


def _more(source: int, received: bytes) -> bytes:
    chunk = os.read(source, _CHUNK)
    if not chunk or len(received) > _LONGEST:
        raise ValueError("no message")
    return chunk
