"""The protocol as TypeScript, for the VS Code extension and any other client in that language.

`python -m rejoinder.protocol.generate` keeps it in editors/vscode/src/generated/protocol.ts.
"""

import json
import types as python_types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from rejoinder.protocol import PROTOCOL_VERSION
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.handshake import EDITOR_CONTEXT_FEATURE
from rejoinder.protocol.methods import EDITOR_CONTEXT, Method, Nothing
from rejoinder.protocol.shapes import MADE_BY, Shape, commands, constants, literals, settings, settings_shape, shapes
from rejoinder.protocol.updates import UPDATE_TYPES, Update

_PLAIN: dict[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    Any: "unknown",
    Nothing: "Nothing",
}


def text() -> str:
    """A module of types, method tables, error codes and setting names."""
    names = literals()
    parts = [
        f"// {MADE_BY}",
        "/** Both sides name it in `experimental.rejoinder.protocolVersion`. */\n"
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};",
        f"/** A client that answers `{EDITOR_CONTEXT.wire}` declares this feature. */\n"
        f"export const EDITOR_CONTEXT_FEATURE = {_quoted(EDITOR_CONTEXT_FEATURE)};",
        "/** No parameters, or nothing to tell. */\nexport type Nothing = Record<string, never>;",
        *(f"export type {name} = {_type(declared, {})};" for declared, name in names.items()),
        *(_interface(shape, names) for shape in (*shapes(), settings_shape())),
        "/** What `chat/update` tells of a running turn. */\n"
        f"export type Update = {' | '.join(cls.__name__ for cls in UPDATE_TYPES)};",
        _constant(
            "The JSON-RPC methods of requests and notifications.",
            "METHODS",
            {name: one.wire for name, one in constants().items()},
        ),
        _constant("The same as commands for `workspace/executeCommand`.", "COMMANDS", commands()),
        _table("What each method takes.", "Params", lambda one: _type(one.params, names)),
        _table("What each method answers.", "Results", lambda one: _type(one.result, names)),
        _constant("The codes of errors; their data is `ErrorData`.", "ERRORS", {code.name: code for code in ErrorCode}),
        _list("The keys of the settings, without their section.", "SETTINGS", settings()),
        _list(
            "The settings that never count from a workspace that is not trusted.",
            "GUARDED_SETTINGS",
            [one for one in settings() if one[1].metadata["guarded"]],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _interface(shape: Shape, names: dict[Any, str]) -> str:
    lines = [_comment(shape.doc, ""), f"export interface {shape.name} {{"]
    for field in shape.fields:
        if field.help:
            lines.append(_comment(field.help, "  "))
        key = field.name if field.name.isidentifier() else _quoted(field.name)
        lines.append(f"  {key}{'?' if field.optional else ''}: {_type(field.declared, names)};")
    return "\n".join([*lines, "}"])


def _type(declared: Any, names: dict[Any, str]) -> str:
    if declared in _PLAIN:
        return _PLAIN[declared]
    origin, arguments = get_origin(declared), get_args(declared)
    if declared == Update:
        return "Update"
    if origin is Literal:
        return names.get(declared) or " | ".join(_quoted(value) for value in arguments)
    if origin is list:
        inner = _type(arguments[0], names)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_type(arguments[1], names)}>"
    if origin in (Union, python_types.UnionType):
        return " | ".join(_type(argument, names) for argument in arguments)
    name: str = declared.__name__
    return name


def _constant(doc: str, name: str, values: dict[str, Any]) -> str:
    rows = [f"  {key}: {_quoted(value)}," for key, value in values.items()]
    return "\n".join([_comment(doc, ""), f"export const {name} = {{", *rows, "} as const;"])


def _table(doc: str, name: str, type_of: Callable[[Method[Any, Any]], str]) -> str:
    rows = [f"  {key}: {type_of(method)};" for key, method in constants().items()]
    return "\n".join([_comment(doc, ""), f"export interface {name} {{", *rows, "}"])


def _list(doc: str, name: str, keyed: "list[tuple[str, attrs.Attribute[Any]]]") -> str:
    rows = [f"  {_quoted(key)}," for key, _ in keyed]
    return "\n".join([_comment(doc, ""), f"export const {name} = [", *rows, "] as const;"])


def _comment(doc: str, indent: str) -> str:
    # nothing in a text may end its comment
    lines = [line.strip() for line in doc.replace("*/", "* /").splitlines()]
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */"
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
