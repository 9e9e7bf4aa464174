"""JSON that holds what it was given or refuses it: no NaN that turns into null, no types that only Python has."""

import math
from typing import Any, TypeVar

import orjson

from rejoinder.domain.errors import InvalidInput

T = TypeVar("T")

# only what JSON itself has, as in TinyDB
_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class NotJson(InvalidInput, TypeError):
    """A value that JSON cannot hold. Also a TypeError, which is what TinyDB raises."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Something here cannot be stored as JSON: {reason}.",
            hint="Use text without lone surrogates, finite numbers, true, false, null, arrays and objects.",
        )


def dump(value: Any) -> bytes:
    """A value that holds no NaN or infinity as JSON. Raises NotJson."""
    try:
        return orjson.dumps(value, option=_STRICT)
    except orjson.JSONEncodeError as error:
        raise NotJson(str(error)) from error


def dump_and_read(value: T) -> tuple[bytes, T]:
    """A value as JSON, and as it will be read from it. Raises NotJson."""
    payload = dump(value)
    stored: T = orjson.loads(payload)
    # orjson turns NaN into null without a word; comparing first spares the walk in nearly all cases
    if stored != value:
        _require_finite(value)
    return payload, stored


def _require_finite(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise NotJson(f"{value!r} is no JSON number")
    if isinstance(value, dict):
        for item in value.values():
            _require_finite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_finite(item)
