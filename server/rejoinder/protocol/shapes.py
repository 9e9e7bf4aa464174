"""The wire types as the generators for other languages need them: in order, with what is optional."""

import types as python_types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from rejoinder.protocol import (
    agents,
    attachments,
    handshake,
    memory,
    prompts,
    retrieval,
    sessions,
    tools,
    transfer,
    turns,
    types,
    updates,
)
from rejoinder.protocol.converter import camel
from rejoinder.protocol.methods import (
    CHAT_CANCEL,
    CLIENT_NOTIFICATIONS,
    EDITOR_CONTEXT,
    METHODS,
    MODULES,
    Method,
    Nothing,
)
from rejoinder.protocol.settings import Settings
from rejoinder.protocol.updates import UPDATE_TYPES

MADE_BY = "Made by `python -m rejoinder.protocol.generate` from server/rejoinder/protocol; do not edit."

_MODULES = (types, updates, tools, agents, prompts, turns, sessions, attachments, transfer, memory, retrieval)


@attrs.frozen
class Field:
    """A key of a wire type. `optional`: it may be left out by whoever sends it."""

    name: str
    declared: Any
    optional: bool
    help: str


@attrs.frozen
class Shape:
    """A wire type with its keys."""

    name: str
    doc: str
    fields: list[Field]


def shapes() -> list[Shape]:
    """Every type that crosses the wire, those that others are made of first."""
    sent = set(_reached([method.params for method in (*METHODS, CHAT_CANCEL)] + [handshake.ClientHandshake]))
    told = [method.result for method in METHODS] + [method.params for method in CLIENT_NOTIFICATIONS]
    asked = [tools.TOOL_CALL.params, tools.TOOL_CALL.result, EDITOR_CONTEXT.params, EDITOR_CONTEXT.result]
    others = [*asked, handshake.ServerHandshake, handshake.ErrorData]
    ordered = dict.fromkeys(_reached([*UPDATE_TYPES, *sorted(sent, key=_place), *told, *others]))
    return [_shape(cls, sent=cls in sent) for cls in ordered if cls is not Nothing]


def settings_shape() -> Shape:
    """The settings as one type; each may be left out."""
    fields = [Field(key, field.type, True, field.metadata["help"]) for key, field in settings()]
    return Shape("Settings", "The settings of the section `rejoinder`; what is not given has its default.", fields)


def settings() -> list[tuple[str, "attrs.Attribute[Any]"]]:
    """Every setting by its key, with its declaration; those of a group are dotted."""
    found: list[tuple[str, attrs.Attribute[Any]]] = []
    for field in attrs.fields(Settings):
        if field.type is not None and attrs.has(field.type):
            found += [(f"{camel(field.name)}.{camel(inner.name)}", inner) for inner in attrs.fields(field.type)]
        else:
            found.append((camel(field.name), field))
    return found


def default_of(field: "attrs.Attribute[Any]") -> Any:
    """A setting's default as a JSON value."""
    default: Any = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def literals() -> dict[Any, str]:
    """The names of the declared sets of values."""
    return {
        value: name
        for module in _MODULES
        for name, value in vars(module).items()
        if get_origin(value) is Literal and not name.startswith("_")
    }


def without_none(declared: Any) -> Any:
    """The type of a value that is there."""
    if get_origin(declared) in (Union, python_types.UnionType):
        kept = [argument for argument in get_args(declared) if argument is not type(None)]
        return kept[0] if len(kept) == 1 else Union[tuple(kept)]  # noqa: UP007 - made at run time
    return declared


def constants() -> dict[str, Method[Any, Any]]:
    """Every request and notification by the name of its constant: `SESSION_LIST`."""
    return {name: value for module in MODULES for name, value in vars(module).items() if isinstance(value, Method)}


def commands() -> dict[str, str]:
    """The commands for `workspace/executeCommand` by the same names."""
    return {name: one.command for name, one in constants().items() if one in (*METHODS, CHAT_CANCEL)}


def _shape(cls: Any, *, sent: bool) -> Shape:
    hints = typing.get_type_hints(cls)
    fields = []
    for field in attrs.fields(cls):
        is_tag = get_origin(hints[field.name]) is Literal and len(get_args(hints[field.name])) == 1
        # the server leaves out what is None, and nothing else
        optional = field.default is None or (sent and field.default is not attrs.NOTHING and not is_tag)
        declared = without_none(hints[field.name]) if field.default is None else hints[field.name]
        fields.append(Field(camel(field.name), declared, optional, ""))
    return Shape(cls.__name__, typing.cast(str, cls.__doc__).strip(), fields)


def _reached(roots: Iterable[Any]) -> Iterator[Any]:
    """All classes that these are made of, each before those that use it."""
    seen: set[Any] = set()
    for root in roots:
        yield from _parts(root, seen)


def _parts(declared: Any, seen: set[Any]) -> Iterator[Any]:
    if attrs.has(declared):
        if declared in seen:
            return
        seen.add(declared)
        for hint in typing.get_type_hints(declared).values():
            yield from _parts(hint, seen)
        yield declared
    elif get_origin(declared) is not Literal:
        for argument in get_args(declared):
            yield from _parts(argument, seen)


def _place(cls: Any) -> tuple[str, str]:
    return (cls.__module__, cls.__name__)
