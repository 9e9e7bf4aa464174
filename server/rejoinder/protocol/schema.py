"""The protocol as JSON Schema (draft 2020-12), made from the declared types.

`python -m rejoinder.protocol.generate` keeps it in `schema.json` beside this module.
"""

import json
import types as python_types
import typing
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from rejoinder.protocol import PROTOCOL_VERSION
from rejoinder.protocol.converter import camel
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.methods import (
    CHAT_CANCEL,
    CLIENT_NOTIFICATIONS,
    EDITOR_CONTEXT,
    METHODS,
    TOOL_CALL,
    Method,
)
from rejoinder.protocol.settings import Settings

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


def schema() -> dict[str, Any]:
    """The whole protocol: methods, notifications, errors and settings, over the definitions of all types."""
    definitions: dict[str, Any] = {}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Rejoinder protocol, version {PROTOCOL_VERSION}",
        "requests": {method.wire: _method(method, definitions) for method in METHODS},
        "clientRequests": {method.wire: _method(method, definitions) for method in (EDITOR_CONTEXT, TOOL_CALL)},
        "serverNotifications": {CHAT_CANCEL.wire: _schema_of(CHAT_CANCEL.params, definitions)},
        "clientNotifications": {m.wire: _schema_of(m.params, definitions) for m in CLIENT_NOTIFICATIONS},
        "errors": {code.name: code.value for code in ErrorCode},
        "settings": _schema_of(Settings, definitions),
    }
    document["$defs"] = dict(sorted(definitions.items()))
    return document


def text() -> str:
    """The schema as it is kept in `schema.json`."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _method(method: Method[Any, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        "command": method.command,
        "params": _schema_of(method.params, definitions),
        "result": _schema_of(method.result, definitions),
    }


def _schema_of(declared: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if declared in _PLAIN:
        return _PLAIN[declared]
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _schema_of(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], definitions)}
    if origin in (Union, python_types.UnionType):
        return {"anyOf": [_schema_of(argument, definitions) for argument in arguments]}
    if declared.__name__ not in definitions:
        definitions[declared.__name__] = {}  # holds the place while the type's own parts are looked at
        definitions[declared.__name__] = _object(declared, definitions)
    return {"$ref": f"#/$defs/{declared.__name__}"}


def _object(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    properties = {}
    for field in attrs.fields(cls):
        # an optional attribute may be left out; null is accepted too
        properties[camel(field.name)] = _schema_of(hints[field.name], definitions) | _help(field)
    required = [camel(field.name) for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    found: dict[str, Any] = {"type": "object", "description": _first_line(cls), "properties": properties}
    return found | ({"required": required} if required else {})


def _help(field: "attrs.Attribute[Any]") -> dict[str, Any]:
    found: dict[str, Any] = {}
    if field.metadata.get("help"):
        found["description"] = field.metadata["help"]
    if field.default not in (attrs.NOTHING, None) and not isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        found["default"] = field.default
    return found


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]
