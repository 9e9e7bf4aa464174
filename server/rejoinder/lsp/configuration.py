"""Settings from all their layers: flag, environment, workspace, initialization options, config file, default."""

import os
from collections.abc import Mapping
from typing import Any, Literal, get_args

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.protocol.converter import InvalidValue, camel, structure
from rejoinder.protocol.projects import Setting
from rejoinder.protocol.settings import Settings

Layer = Literal["flag", "environment", "workspace", "initializationOptions", "file", "default"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
"""Strongest first."""

_MISSING = object()


@frozen
class Resolved:
    """The settings in force, the layer of each key, and what was wrong with the values that do not count."""

    settings: Settings
    sources: dict[str, Layer]
    problems: list[str]

    def listed(self) -> list[Setting]:
        """Every setting with its value and where it came from."""
        return [
            Setting(key, _value_at(self.settings, key), self.sources[key], _value_at(Settings(), key), text)
            for key, _, text in _keys()
        ]


class Configuration:
    """The layers of one connection. A layer is a mapping of wire keys; `log.level` may be nested or dotted."""

    def __init__(
        self,
        *,
        flags: Mapping[str, Any],
        environment: Mapping[str, str],
        file: Mapping[str, Any],
        file_fault: str = "",
    ) -> None:
        """`file_fault` says why the user's file could not be read."""
        self._file_fault = file_fault
        self._layers: dict[Layer, Mapping[str, Any]] = {
            "flag": flags,
            "environment": _from_environment(environment),
            "workspace": {},
            "initializationOptions": {},
            "file": file,
        }
        self.trusted = False
        """Whether the editor says that its workspace is trusted."""

    def set_initialization_options(self, options: Any) -> None:
        """Take `initializationOptions`: bare keys, and `trusted` from an editor with a workspace trust of its own."""
        self._layers["initializationOptions"] = options if isinstance(options, dict) else {}
        self.trusted = self._layers["initializationOptions"].get("trusted") is True

    def set_workspace(self, values: Any) -> None:
        """Take what `workspace/configuration` answered for the section `rejoinder`."""
        self._layers["workspace"] = values if isinstance(values, dict) else {}

    def resolve(self) -> Resolved:
        """The settings in force. A bad value is named, and the next layer counts instead."""
        values: dict[str, Any] = {}
        sources: dict[str, Layer] = {}
        refused: list[tuple[str, str]] = []
        for key, field, _ in _keys():
            sources[key] = "default"
            for layer in LAYERS[:-1]:
                value = _lookup(self._layers[layer], key)
                # null, or no text, in an editor's settings means that nothing is set
                if value is _MISSING or value is None or value == "" or not self._counts(layer, field):
                    continue
                problem = _problem(key, value, field)
                if problem is None:
                    values[key], sources[key] = value, layer
                    break
                where = "config.toml" if layer == "file" else layer
                refused.append((key, f"{problem} ({where})"))
        settings = _settings(values)
        problems = [self._file_fault] if self._file_fault else []
        problems += [f"{problem}; {_used(key, settings, sources[key])}." for key, problem in refused]
        return Resolved(settings, sources, problems)

    def _counts(self, layer: Layer, field: "attrs.Attribute[Any]") -> bool:
        if field.metadata.get("file_only"):
            return layer == "file"
        if not field.metadata["guarded"]:
            return True
        return layer in ("flag", "environment", "file") or (layer == "initializationOptions" and self.trusted)


def _keys() -> list[tuple[str, "attrs.Attribute[Any]", str]]:
    """Every wire key with its declaration and its help; those of a group are dotted."""
    keys = []
    for field in attrs.fields(Settings):
        if field.type is not None and attrs.has(field.type):
            group = camel(field.name)
            keys += [
                (f"{group}.{camel(inner.name)}", inner, inner.metadata["help"]) for inner in attrs.fields(field.type)
            ]
        else:
            keys.append((camel(field.name), field, field.metadata["help"]))
    return keys


def _lookup(layer: Mapping[str, Any], key: str) -> Any:
    if key in layer:
        return layer[key]
    outer, dot, inner = key.partition(".")
    nested = layer.get(outer)
    return nested.get(inner, _MISSING) if dot and isinstance(nested, dict) else _MISSING


def _problem(key: str, value: Any, field: "attrs.Attribute[Any]") -> str | None:
    try:
        structured: Any = structure(value, field.type)  # type: ignore[arg-type]
    except InvalidValue as exc:
        return f"rejoinder.{key}: {str(exc).removesuffix(' @ params')}"
    minimum = field.metadata["minimum"]
    if minimum is not None and structured is not None and structured < minimum:
        return f"rejoinder.{key}: {value!r} is below {minimum}"
    return None


def _used(key: str, settings: Settings, source: Layer) -> str:
    """What counts in the place of a value that does not."""
    value = _value_at(settings, key)
    if value in (None, "", [], {}):
        return "it does not count"
    whose = "the default" if source == "default" else f"the value of {'config.toml' if source == 'file' else source}"
    return f"{whose}, {orjson.dumps(value).decode()}, is used"


def _settings(values: Mapping[str, Any]) -> Settings:
    nested: dict[str, Any] = {}
    for key, value in values.items():
        outer, dot, inner = key.partition(".")
        if dot:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[key] = value
    return structure(nested, Settings)


def _value_at(settings: Settings, key: str) -> Any:
    for part in key.split("."):
        settings = next(getattr(settings, f.name) for f in attrs.fields(type(settings)) if camel(f.name) == part)
    return settings


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """`REJOINDER_BASE_URL` is `baseUrl`; a list is separated like PATH; numbers and flags as one writes them."""
    found: dict[str, Any] = {}
    for key, field, _ in _keys():
        name = "REJOINDER_" + "".join(f"_{c}" if c.isupper() else c for c in key.replace(".", "_")).upper()
        if environment.get(name):
            found[key] = _parsed(environment[name], str(field.type))
    return found


def _parsed(text: str, declared: str) -> Any:
    if "list" in declared:
        return text.split(os.pathsep)
    if "bool" in declared:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    for kind in (int, float):
        if kind.__name__ in declared:
            try:
                return kind(text)
            except ValueError:
                continue
    return text
