"""The protocol as a Lua module with LuaCATS types, for the Neovim plug-in.

`python -m rejoinder.protocol.generate` keeps it in editors/nvim/lua/rejoinder/protocol.lua.
"""

import json
import types as python_types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from rejoinder.protocol import PROTOCOL_VERSION
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.handshake import EDITOR_CONTEXT_FEATURE
from rejoinder.protocol.methods import EDITOR_CONTEXT, Nothing
from rejoinder.protocol.shapes import (
    MADE_BY,
    Shape,
    commands,
    constants,
    default_of,
    literals,
    settings,
    settings_shape,
    shapes,
)
from rejoinder.protocol.updates import UPDATE_TYPES, Update

_PREFIX = "rejoinder."
_PLAIN: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "nil",
    Any: "any",
    Nothing: "table",
}


def text() -> str:
    """A module of names and codes, with the annotations of all types."""
    names = literals()
    parts = [
        f"-- {MADE_BY}",
        *(f"---@alias {_PREFIX}{name} {_type(declared, {})}" for declared, name in names.items()),
        *(_class(shape, names) for shape in (*shapes(), settings_shape())),
        f"---What `chat/update` tells of a running turn.\n---@alias {_PREFIX}Update "
        + "|".join(_PREFIX + cls.__name__ for cls in UPDATE_TYPES),
        "local M = {}",
        f"---Both sides name it in `experimental.rejoinder.protocolVersion`.\nM.version = {PROTOCOL_VERSION}",
        f"---A client that answers `{EDITOR_CONTEXT.wire}` declares this feature.\n"
        f"M.editor_context_feature = {_quoted(EDITOR_CONTEXT_FEATURE)}",
        _methods(names),
        _table("The same as commands for `workspace/executeCommand`.", "commands", commands()),
        _table("The codes of errors; their data is rejoinder.ErrorData.", "errors", {c.name: c for c in ErrorCode}),
        _settings(),
        "return M",
    ]
    return "\n\n".join(parts) + "\n"


def _class(shape: Shape, names: dict[Any, str]) -> str:
    lines = [*_comment(shape.doc), f"---@class {_PREFIX}{shape.name}"]
    for field in shape.fields:
        key = field.name if field.name.isidentifier() else f"[{_quoted(field.name)}]"
        # LuaCATS has its mark of an optional key at the name, and none for one in brackets
        mark, nil = ("?", "") if field.optional and not key.startswith("[") else ("", "|nil" if field.optional else "")
        lines.append(f"---@field {key}{mark} {_type(field.declared, names)}{nil} {field.help}".rstrip())
    return "\n".join(lines)


def _type(declared: Any, names: dict[Any, str]) -> str:
    if declared in _PLAIN:
        return _PLAIN[declared]
    origin, arguments = get_origin(declared), get_args(declared)
    if declared == Update:
        return f"{_PREFIX}Update"
    if origin is Literal:
        return _PREFIX + names[declared] if declared in names else "|".join(_quoted(value) for value in arguments)
    if origin is list:
        inner = _type(arguments[0], names)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"table<string, {_type(arguments[1], names)}>"
    if origin in (Union, python_types.UnionType):
        return "|".join(_type(argument, names) for argument in arguments)
    return f"{_PREFIX}{declared.__name__}"


def _methods(names: dict[Any, str]) -> str:
    rows = []
    for name, one in constants().items():
        answer = f" -> {_type(one.result, names)}" if one.result is not Nothing else ""
        rows.append(f"  {name} = {_quoted(one.wire)}, -- {_type(one.params, names)}{answer}")
    return "\n".join(["---The JSON-RPC methods of requests and notifications.", "M.methods = {", *rows, "}"])


def _table(doc: str, name: str, values: Mapping[str, Any]) -> str:
    rows = [f"  {key} = {_quoted(value)}," for key, value in values.items()]
    return "\n".join([f"---{doc}", f"M.{name} = {{", *rows, "}"])


def _settings() -> str:
    rows = []
    for key, field in settings():
        default, guarded = _literal(default_of(field)), _quoted(field.metadata["guarded"])
        help_text = _quoted(field.metadata["help"])
        rows.append(f"  {{ key = {_quoted(key)}, default = {default}, guarded = {guarded}, help = {help_text} }},")
    return "\n".join(
        [
            "---The settings; those that are guarded never count from a workspace that is not trusted.",
            "---@type { key: string, default: any, guarded: boolean, help: string }[]",
            "M.settings = {",
            *rows,
            "}",
        ]
    )


def _literal(value: Any) -> str:
    """A default as Lua writes it: the containers among them are empty."""
    if value is None:
        return "nil"
    return _quoted(value) if isinstance(value, str | int | float) else "{}"


def _comment(doc: str) -> list[str]:
    return [f"---{line.strip()}" for line in doc.splitlines()]


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
