"""JSON text in and out: decoding that knows its limits, encoding that always finds a form."""

import json
import math
import re
from typing import Any

import orjson

NESTING_LIMIT = 128
"""How deep a message may nest. orjson writes 254 levels: whatever is taken in can be sent back within a result."""

_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
_LONE_LENGTH = len(rb"\ud800")


class NotJson(ValueError):
    """Bytes that are no JSON text."""


def decode(body: bytes) -> Any:
    """The JSON value of a text. A surrogate without its other half, which no encoding can hold, becomes U+FFFD.

    Raises NotJson, also for a text that nests deeper than orjson goes (1,024 levels).
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        mended = _without_lone_surrogates(body)
        if mended == body:
            raise NotJson(str(error)) from None
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError as error:
        raise NotJson(str(error)) from None


def encode(value: Any) -> bytes:
    """The JSON text of a value, in UTF-8. NaN and infinities become null, lone surrogates U+FFFD.

    Raises TypeError for what JSON cannot hold in any form.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        # the rare cases: lone surrogates, whole numbers of more than 64 bits, keys that are no text
        try:
            return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False).encode()
        except RecursionError:
            raise TypeError("the value nests too deep") from None


def _without_lone_surrogates(body: bytes) -> bytes:
    def mend(escape: re.Match[bytes]) -> bytes:
        is_lone = len(escape[0]) == _LONE_LENGTH
        return rb"\ufffd" if is_lone else escape[0]

    return _ESCAPE.sub(mend, body)


def _plain(value: Any) -> Any:
    match value:
        case bool() | int() | None:
            return value
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {_plain(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    raise TypeError(f"JSON holds no {type(value).__name__}")
