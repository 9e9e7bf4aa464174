"""A program's values as JSON and back: plain JSON values, and moments and days, which JSON does not know.

A moment is written as `{"$date": "2024-05-06T07:08:09+02:00"}` (RFC 3339), a day as `{"$date": "2024-05-06"}`. A moment
without a time zone is taken for one of this machine's, and marked by `"$naive": true`, so that it comes back without.
A mapping of the program's own that looks like this is written as `{"$value": …}`.
"""

import contextlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rejoinder_client.errors import InvalidParams

_DATE, _NAIVE, _VALUE = "$date", "$naive", "$value"
_MARKS = {_DATE, _NAIVE, _VALUE}
_DEEPEST = 100
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def to_json(value: Any, name: str = "value") -> Any:
    """A value as JSON. Raises InvalidParams for what JSON cannot hold, and says where in `name` that is."""
    return _encoded(value, name, _DEEPEST)


def mapping_to_json(values: Mapping[Any, Any], name: str) -> dict[str, Any]:
    """Values by name, each as JSON; the names may be any."""
    return _items(values, name, _DEEPEST)


def from_json(value: Any) -> Any:
    """The value that `to_json` was given; what only looks like a date stays as it is."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    marks = value.keys() & _MARKS
    if _DATE in marks and value.keys() <= {_DATE, _NAIVE}:
        with contextlib.suppress(TypeError, ValueError):
            return _moment(value[_DATE], naive=value.get(_NAIVE) is True)
    if value.keys() == {_VALUE} and isinstance(value[_VALUE], dict):
        value = value[_VALUE]
    return {key: from_json(item) for key, item in value.items()}


def _encoded(value: Any, name: str, depth: int) -> Any:
    if depth == 0:
        raise _impossible(name, "it is nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int):
        if not _SMALLEST <= value <= _LARGEST:
            raise _impossible(name, "an integer of more than 64 bits is not kept exactly")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _impossible(name, f"{value} is no JSON number")
        return float(value)
    if isinstance(value, date):
        return _dated(value)
    if isinstance(value, list | tuple):
        return [_encoded(item, f"{name}[{index}]", depth - 1) for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        return _mapping(value, name, depth)
    raise _impossible(name, f"JSON knows no {type(value).__name__}")


def _mapping(value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
    encoded = _items(value, name, depth)
    return {_VALUE: encoded} if encoded.keys() & _MARKS else encoded


def _items(value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
    encoded = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise _impossible(name, f"its key {key!r:.40} is no text")
        encoded[_text(key, name)] = _encoded(item, f"{name}[{key[:40]!r}]", depth - 1)
    return encoded


def _text(text: str, name: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _impossible(name, "it has half a character in it, a lone surrogate") from None
    return str.__str__(text)


def _dated(moment: date) -> dict[str, Any]:
    if not isinstance(moment, datetime):
        return {_DATE: moment.isoformat()}
    if moment.tzinfo is None:
        return {_DATE: _with_zone(moment).isoformat(), _NAIVE: True}
    offset = moment.utcoffset() or timedelta()
    # RFC 3339 knows no seconds in it, as some clocks of long ago have them
    exact = moment if offset % timedelta(minutes=1) == timedelta() else moment.astimezone(UTC)
    return {_DATE: exact.isoformat()}


def _with_zone(moment: datetime) -> datetime:
    """The same clock with this machine's offset; UTC's where that cannot be told."""
    with contextlib.suppress(OverflowError, ValueError, OSError):
        offset = moment.astimezone().utcoffset() or timedelta()
        if offset % timedelta(minutes=1) == timedelta():
            return moment.replace(tzinfo=moment.astimezone().tzinfo)
    return moment.replace(tzinfo=UTC)


def _moment(text: str, *, naive: bool) -> date:
    if len(text) == len("2024-05-06"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment of RFC 3339 has a time zone")
    return moment.replace(tzinfo=None) if naive else moment


def _impossible(name: str, problem: str) -> InvalidParams:
    return InvalidParams(
        f"{name}: {problem}.",
        hint="Use text, finite numbers, true, false, None, lists, mappings with text as keys, dates and datetimes.",
    )
