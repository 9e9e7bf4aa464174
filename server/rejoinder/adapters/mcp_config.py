"""The `[mcp.NAME]` tables of `config.toml`: servers of the Model Context Protocol whose tools a model may have.

A table is one of the user's own file, never of a project: it starts a program. Values may name variables as `${NAME}`,
which is how keys are given.
"""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.redaction import Redactor

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

_KINDS: Mapping[str, str] = {
    "command": "text",
    "args": "list of texts",
    "env": "table of texts",
    "url": "text",
    "headers": "table of texts",
    "read": "list of texts",
    "tools": "list of texts",
    "trusted": "true or false",
    "timeout": "number above 0",
}
"""Each key, and what its value is."""


class BadServer(Exception):
    """A table that names no server. The text says why, and what to do."""


@frozen(kw_only=True)
class McpServer:
    """A server: a program that is started, or an address."""

    name: str
    command: tuple[str, ...] = ()
    """The program and its arguments; empty for a server with an address."""
    environment: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    url: str | None = None
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    read: frozenset[str] = frozenset()
    """Tools that the user says only read: their calls do not ask."""
    tools: frozenset[str] | None = None
    """The only tools that are offered; None for all."""
    trusted: bool = False
    """Whether no call asks."""
    timeout: float | None = None
    """Seconds of a call."""


def read_server(name: str, table: Any, environment: Mapping[str, str]) -> McpServer:
    """A server by its table; variables are looked up in `environment`. Raises BadServer."""
    _check(name, table)
    if ("command" in table) == ("url" in table):
        raise BadServer("it has to have either a `command` or a `url`.")
    url = _filled("url", table["url"], environment) if "url" in table else None
    if url is not None and not url.startswith(("https://", "http://")):
        raise BadServer("`url` is no address of a server; begin it with `https://` or `http://`.")
    command = [table["command"], *table.get("args", ())] if "command" in table else []
    return McpServer(
        name=name,
        command=tuple(_filled("args", part, environment) for part in command),
        environment=_pairs("env", table, environment),
        url=url,
        headers=_pairs("headers", table, environment),
        read=frozenset(table.get("read", ())),
        tools=frozenset(table["tools"]) if "tools" in table else None,
        trusted=table.get("trusted", False),
        timeout=table.get("timeout"),
    )


def _check(name: str, table: Any) -> None:
    if not _NAME.fullmatch(name):
        raise BadServer("the name is used in those of its tools: use letters, digits, `_` and `-`, at most 32.")
    if not isinstance(table, dict):
        raise BadServer("it is no table.")
    for key, value in table.items():
        if key not in _KINDS:
            raise BadServer(f"it has a key {key!r} that is not known; the keys are {', '.join(_KINDS)}.")
        if not _fits(value, _KINDS[key]):
            raise BadServer(f"`{key}` has to be a {_KINDS[key]}.")


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str) and bool(value)
        case "true or false":
            return isinstance(value, bool)
        case "number above 0":
            return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        case "table of texts":
            return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        case _:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _pairs(key: str, table: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _filled(f"{key}.{name}", text, environment)) for name, text in table.get(key, {}).items())


def _filled(key: str, text: str, environment: Mapping[str, str]) -> str:
    """The text with its variables' values. Raises BadServer for one that is not set, and for a key in the file."""
    redactor = Redactor()
    redactor.mask(f'{key.rpartition(".")[2]} = "{text}"')
    if redactor.masked and not _VARIABLE.search(text):
        raise BadServer(f"`{key}` looks like a key; put it into a variable, and write `${{NAME}}` for it.")

    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise BadServer(f"`{key}` names the variable {match[1]}, which is not set.")
        return environment[match[1]]

    return _VARIABLE.sub(value, text)
