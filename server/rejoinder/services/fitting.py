"""Whether values fit the types that they are declared with: for files that others may have written."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs


def misfits(value: Any, declared: Any, name: str = "value") -> Iterator[str]:
    """The names of the parts that do not fit.

    `declared` is a class, also of attrs, a Literal, or a tuple, dict or union of these. A time fits only with its zone.
    """
    origin, inner = get_origin(declared), get_args(declared)
    if attrs.has(declared) and isinstance(value, declared):
        hints = _hints(declared)
        for field in attrs.fields(declared):
            yield from misfits(getattr(value, field.name), hints[field.name], field.name)
    elif origin is tuple and isinstance(value, tuple):
        for item in value:
            yield from misfits(item, inner[0], name)
    elif origin in (Union, UnionType):
        if not any(next(misfits(value, one), None) is None for one in inner):
            yield name
    elif not _fits(value, declared, origin, inner):
        yield name


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _fits(value: Any, declared: Any, origin: Any, inner: tuple[Any, ...]) -> bool:
    if declared is Any:
        return True
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is not None:
        return isinstance(value, origin) and all(isinstance(key, str) for key in value)
    if declared is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    accepted = (int, float) if declared is float else declared
    # a flag is an int for Python and not here
    return isinstance(value, accepted) and (declared is bool or not isinstance(value, bool))
