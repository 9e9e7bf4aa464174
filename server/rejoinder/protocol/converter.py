"""Strict conversion between JSON values and the declared types (cattrs).

Nothing is coerced: a number is not text, a text is not a flag, a list is a list. Unknown keys are ignored. Keys
are camelCase on the wire; an optional attribute that is None is left out.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, make_mapping_structure_fn, override

from rejoinder.protocol.turns import CreateFile, TextDocumentEdit
from rejoinder.protocol.updates import UPDATE_TYPES, Update

T = TypeVar("T")


class InvalidValue(ValueError):
    """A JSON value does not fit its declared type; the text names each key and what is wrong with it."""


def camel(name: str) -> str:
    """The wire's form of an attribute's name: `message_id` gives `messageId`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def structure(value: Any, cls: type[T]) -> T:
    """A typed object from a decoded JSON value.

    Raises InvalidValue, whose text names the keys at fault.
    """
    try:
        return _converter().structure(value, cls)
    except cattrs.BaseValidationError as exc:
        problems = cattrs.transform_error(exc, path="params", format_exception=_describe)
        raise InvalidValue("; ".join(map(_with_wire_path, problems))) from None
    except (TypeError, ValueError) as exc:
        raise InvalidValue(f"{exc} @ params") from None


def unstructure(value: Any) -> Any:
    """The JSON value of a typed object: dicts, lists, strings, numbers, flags and None."""
    return _converter().unstructure(value)


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    for kind, accepted in ((str, (str,)), (int, (int,)), (float, (int, float)), (bool, (bool,))):
        converter.register_structure_hook(kind, _strict(kind, accepted))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _structure_object(converter, cls))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _unstructure_object(converter, cls))
    for origin in (list, dict):
        _require_container(converter, origin)
    converter.register_structure_hook_func(_is_literal, _structure_literal)
    converter.register_structure_hook_func(
        lambda declared: declared == Update, lambda value, _: _structure_update(converter, value)
    )
    converter.register_structure_hook_func(
        lambda declared: declared == CreateFile | TextDocumentEdit,
        lambda value, _: converter.structure(value, _kind_of_change(value)),
    )
    converter.register_structure_hook_func(
        lambda declared: declared in (str | int, str | int | None), lambda value, _: _structure_token(value)
    )
    return converter


def _strict(kind: type, accepted: tuple[type, ...]) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _: Any) -> Any:
        # bool is an int for Python and not for JSON
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"expected {_WORDS[kind]}, got {_kind_of(value)}")
        try:
            converted = kind(value)
        except OverflowError:
            converted = math.inf
        if kind is float and not math.isfinite(converted):
            raise ValueError("expected a number that JSON can hold")
        return converted

    return hook


def _is_literal(declared: Any) -> bool:
    origin: Any = get_origin(declared)
    return origin is Literal


def _structure_literal(value: Any, declared: Any) -> Any:
    allowed = get_args(declared)
    # compared with their types: 1 is True for Python
    if not any(type(value) is type(one) and value == one for one in allowed):
        raise ValueError(f"expected a literal of {', '.join(map(repr, allowed))}")
    return value


def _structure_object(converter: cattrs.Converter, cls: type) -> Callable[[Any, Any], Any]:
    optional = {camel(field.name) for field in attrs.fields(cls) if field.default not in (attrs.NOTHING, None)}
    renames = {field.name: override(rename=camel(field.name)) for field in attrs.fields(cls)}
    inner: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter, **renames)  # type: ignore[arg-type]

    def hook(value: Any, declared: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {_kind_of(value)}")
        if optional:
            # null says of what has a default that it is not given
            value = {key: one for key, one in value.items() if one is not None or key not in optional}
        return inner(value, declared)

    return hook


def _unstructure_object(converter: cattrs.Converter, cls: type) -> Callable[[Any], Any]:
    return make_dict_unstructure_fn(
        cls,
        converter,
        **{
            field.name: override(rename=camel(field.name), omit_if_default=field.default is None)
            for field in attrs.fields(cls)
        },  # type: ignore[arg-type]
    )


def _require_container(converter: cattrs.Converter, origin: type) -> None:
    """Refuse what is not the JSON container that `origin` names, before its items are looked at."""

    def declared_so(declared: Any) -> bool:
        return get_origin(declared) is origin

    def factory(declared: Any) -> Callable[[Any, Any], Any]:
        make: Callable[..., Callable[[Any, Any], Any]] = (
            list_structure_factory if origin is list else make_mapping_structure_fn
        )
        inner = make(declared, converter)

        def hook(value: Any, _: Any) -> Any:
            if not isinstance(value, origin):
                raise TypeError(f"expected {_WORDS[origin]}, got {_kind_of(value)}")
            return inner(value, declared)

        return hook

    converter.register_structure_hook_factory(declared_so, factory)


def _structure_update(converter: cattrs.Converter, value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, got {_kind_of(value)}")
    tag = value.get("type")
    for cls in UPDATE_TYPES:
        if attrs.fields_dict(cls)["type"].default == tag:
            return converter.structure(value, cls)
    raise ValueError(f"unknown type {tag!r}")


def _kind_of_change(value: Any) -> Any:
    return CreateFile if isinstance(value, dict) and "kind" in value else TextDocumentEdit


def _structure_token(value: Any) -> Any:
    if value is not None and (not isinstance(value, str | int) or isinstance(value, bool)):
        raise TypeError(f"expected text or a whole number, got {_kind_of(value)}")
    return value


def _with_wire_path(problem: str) -> str:
    """cattrs names the path by attributes; a reader of the message knows the wire's names."""
    text, at, path = problem.rpartition(" @ ")
    return text + at + ".".join(camel(part) for part in path.split("."))


def _describe(exc: BaseException, _: type | None) -> str:
    if isinstance(exc, KeyError):
        return f"missing key {exc.args[0]!r}"
    return str(exc)


_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def _kind_of(value: Any) -> str:
    return "null" if value is None else _WORDS.get(type(value), type(value).__name__)
