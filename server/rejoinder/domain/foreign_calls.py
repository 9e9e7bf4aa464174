"""Calls of tools as the usual chat interfaces write them: `{id, function: {name, arguments}}`."""

import json
from collections.abc import Mapping
from typing import Any

from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.foreign import made_id, sound, storable
from rejoinder.domain.foreign_building import CALLED


def calls_of(items: Any) -> tuple[ToolCall, ...]:
    """The calls of a list; what is none is left out."""
    read = [call_of(item) for item in items] if isinstance(items, list) else []
    return tuple(call for call in read if call is not None)


def call_of(item: Any) -> ToolCall | None:
    """A call, if it has a name."""
    if not isinstance(item, Mapping):
        return None
    function = item.get("function")
    inner = function if isinstance(function, Mapping) else item
    name = inner.get("name")
    if not isinstance(name, str) or not name:
        return None
    given = inner.get("arguments", inner.get("args", inner.get("input")))
    call_id = item.get("id", item.get("call_id"))
    return ToolCall(
        call_id=sound(call_id) if isinstance(call_id, str) and call_id else made_id(name, repr(given)),
        name=sound(name),
        args=arguments(given),
        status=CALLED,
    )


def arguments(given: Any) -> dict[str, Any]:
    """Arguments as an object; a text that is no JSON object is kept as it is."""
    if isinstance(given, str) and given.strip():
        try:
            # not every number of these is one that a faster reader takes
            value = json.loads(given)
        except (ValueError, RecursionError):
            return {"arguments": sound(given)}
        given = value if isinstance(value, dict) else {"arguments": value}
    return {str(key): value for key, value in storable(given).items()} if isinstance(given, Mapping) else {}
