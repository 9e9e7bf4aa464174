"""The settings as editors declare them: VS Code's schema in package.json, its words, a section of Neovim's help.

`python -m rejoinder.protocol.generate` keeps them current within files that are otherwise written by hand.
"""

import json
import textwrap
import types as python_types
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from rejoinder.protocol.shapes import default_of, settings

SECTION_TITLE = "%settings.server%"
"""The title of the section in `contributes.configuration` that is made here; the others are the extension's own."""

_WORD = "setting."
"""What the key of a setting's description in package.nls.json begins with."""

HELP_BEGIN, HELP_END = "*rejoinder-settings-begin*", "*rejoinder-settings-end*"
"""Lines of the help file; what lies between is made here."""

_TYPES: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def properties() -> dict[str, Any]:
    """`rejoinder.` and each key, with VS Code's schema of its value."""
    return {f"rejoinder.{key}": _property(key, field) for key, field in _declared()}


def with_settings(package: str) -> str:
    """The text of a package.json with its settings as they are declared now; all else stays as it is."""
    manifest: dict[str, Any] = json.loads(package)
    contributed = manifest.setdefault("contributes", {})
    before = contributed.get("configuration", [])
    sections = [one for one in (before if isinstance(before, list) else [before]) if one.get("title") != SECTION_TITLE]
    for section in sections:
        section["properties"] = {
            key: value for key, value in section.get("properties", {}).items() if key not in properties()
        }
    contributed["configuration"] = [*sections, {"title": SECTION_TITLE, "properties": properties()}]
    workspaces = manifest.setdefault("capabilities", {}).setdefault("untrustedWorkspaces", {"supported": "limited"})
    # no setting of a workspace that is not trusted counts, the guarded ones not even if the server is told of them
    own = [key for section in sections for key in section["properties"]]
    workspaces["restrictedConfigurations"] = [*own, *properties()]
    return _written(manifest)


def with_words(words: str) -> str:
    """The text of a package.nls.json with the settings' descriptions as they are now; all else stays as it is."""
    described = {f"{_WORD}{key}": field.metadata["help"] for key, field in _declared()}
    return _written(json.loads(words) | described)


def with_help(text: str) -> str:
    """The text of a help file with its settings as they are declared now. ValueError without the two marks."""
    lines = text.splitlines()
    begin, end = lines.index(HELP_BEGIN), lines.index(HELP_END)
    return "\n".join([*lines[: begin + 1], "", *_help(), "", *lines[end:]]) + "\n"


def _help() -> list[str]:
    lines = []
    for key, field in settings():
        default = default_of(field)
        shown = "unset" if default is None else json.dumps(default)
        lines += [f"{key} ~", f"    Default: {shown}"]
        lines += textwrap.wrap(field.metadata["help"], 78, initial_indent="    ", subsequent_indent="    ")
        if field.metadata["guarded"]:
            lines.append("    Never counts when it comes from a workspace that is not trusted.")
        lines.append("")
    return lines[:-1]


def _declared() -> list[tuple[str, "attrs.Attribute[Any]"]]:
    """The settings that editors have."""
    return [(key, field) for key, field in settings() if not field.metadata.get("file_only")]


def _written(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _property(key: str, field: "attrs.Attribute[Any]") -> dict[str, Any]:
    declared, default = field.type, default_of(field)
    if declared == str | None:
        # VS Code has no input for "text or null"; an empty text counts as none
        declared, default = str, default or ""
    found: dict[str, Any] = {**_schema(declared), "default": default}
    if field.metadata["minimum"] is not None:
        found["minimum"] = field.metadata["minimum"]
    # what a workspace must not decide alone belongs to the machine
    found["scope"] = "machine-overridable" if field.metadata["guarded"] else "window"
    return {**found, "markdownDescription": f"%{_WORD}{key}%"}


def _schema(declared: Any) -> dict[str, Any]:
    origin, arguments = get_origin(declared), get_args(declared)
    if declared in _TYPES:
        return {"type": _TYPES[declared]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    if origin in (Union, python_types.UnionType):
        return {"type": [_schema(argument)["type"] for argument in arguments]}
    return {"type": "object"}
