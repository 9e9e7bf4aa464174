"""The first line in each direction of a connection to the engine; the Language Server Protocol's bytes follow it.

client → {"rejoinder": version, "dataDir", "want": "lsp"|"status"|"handover", "flags", "environment", "secret"}
engine → {"rejoinder": version, "dataDir", "pid", "ok": true}
       | {"rejoinder": version, "dataDir", "pid", "ok": false, "code", "reason", "hint", "error", "data"}

One JSON object a line, UTF-8. Only grows: engines and pipes of different versions understand each other. A connection
that ends before the engine's line means that the engine is leaving: find it again, or start another.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeGuard

LINE_LIMIT = 65536
"""Bytes of the longest greeting; anything longer is no greeting."""

OLDER = "older"
"""Code of a refusal: the client is newer than the engine, and may ask it to hand over."""
WRONG = "wrong"
"""Code of a refusal: no greeting, another data folder, a wrong secret."""
UNAVAILABLE = "unavailable"
"""Code of a refusal: the engine could not open the data folder."""

Want = Literal["lsp", "status", "handover"]


class Greeting(NamedTuple):
    """What a client says first."""

    version: str
    data_dir: str
    """The data folder's real path."""
    want: Want = "lsp"
    """`lsp` to speak it from the next byte on, `status` for the reply alone, `handover` to make the engine leave."""
    flags: Mapping[str, Any] = MappingProxyType({})
    """Settings given on the command line, by key: the strongest ones, for this connection."""
    environment: Mapping[str, str] = MappingProxyType({})
    """The client's `REJOINDER_…` variables: the engine's own are those of whoever started it."""
    secret: str = ""
    """Proof that the client could read the engine's address (`platform.address_secret`)."""

    def encode(self) -> bytes:
        """The line, with its end."""
        return _line(
            {
                "rejoinder": self.version,
                "dataDir": self.data_dir,
                "want": self.want,
                "flags": dict(self.flags),
                "environment": dict(self.environment),
                "secret": self.secret,
            }
        )

    @classmethod
    def decode(cls, line: bytes) -> "Greeting":
        """Read a line. Raises ValueError, which says what is wrong, for anything that is no greeting."""
        fields = _fields(line)
        want = fields.get("want", "lsp")
        if not _is_want(want):
            raise ValueError(f"unknown want {want!r}")
        environment = _typed(fields, "environment", dict, {})
        return cls(
            version=_typed(fields, "rejoinder", str),
            data_dir=_typed(fields, "dataDir", str),
            want=want,
            flags=_typed(fields, "flags", dict, {}),
            environment={str(name): value for name, value in environment.items() if isinstance(value, str)},
            secret=_typed(fields, "secret", str, ""),
        )


class Reply(NamedTuple):
    """What the engine says first."""

    version: str
    data_dir: str
    pid: int
    ok: bool = True
    code: str = ""
    reason: str = ""
    hint: str = ""
    error: int | None = None
    """The code of a refusal's error in the protocol, if it has one."""
    data: Mapping[str, Any] = MappingProxyType({})
    """What goes along with that error."""

    def encode(self) -> bytes:
        """The line, with its end."""
        fields: dict[str, Any] = {
            "rejoinder": self.version,
            "dataDir": self.data_dir,
            "pid": self.pid,
            "ok": self.ok,
        }
        if not self.ok:
            fields |= {"code": self.code, "reason": self.reason, "hint": self.hint}
            fields |= {} if self.error is None else {"error": self.error, "data": dict(self.data)}
        return _line(fields)

    @classmethod
    def decode(cls, line: bytes) -> "Reply":
        """Read a line. Raises ValueError, which says what is wrong, for anything that is no reply."""
        fields = _fields(line)
        return cls(
            version=_typed(fields, "rejoinder", str),
            data_dir=_typed(fields, "dataDir", str),
            pid=_typed(fields, "pid", int),
            ok=_typed(fields, "ok", bool),
            code=_typed(fields, "code", str, ""),
            reason=_typed(fields, "reason", str, ""),
            hint=_typed(fields, "hint", str, ""),
            error=_typed(fields, "error", int) if "error" in fields else None,
            data=_typed(fields, "data", dict, {}),
        )


def is_newer(version: str, than: str) -> bool:
    """Whether a version comes after another: by its numbers, and a final one after its own pre-releases.

    Only the newer side ever asks for a hand-over, so that two editors which bring different versions do not end each
    other's engine in turn.
    """
    return _order(version) > _order(than)


def _order(version: str) -> tuple[list[int], bool]:
    numbers: list[int] = []
    is_final = True
    for part in version.partition("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers += [int(digits)] if digits else []
        if digits != part:
            is_final = False
            break
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers, is_final


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not a line of JSON") from error
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    return fields


def _typed(fields: Mapping[str, Any], key: str, kind: type[Any], default: Any = None) -> Any:
    value = fields.get(key, default)
    if not isinstance(value, kind):
        raise ValueError(f"{key!r} is missing or of the wrong type")
    return value


def _is_want(value: object) -> TypeGuard[Want]:
    return value in ("lsp", "status", "handover")
