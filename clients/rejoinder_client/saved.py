"""One session as a value that a program keeps: the form of `session/export` with a single session in it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from rejoinder_client.errors import InvalidParams, NotFound

_HINT = "Give what `to_dict` or `to_file` made."


def as_dict(content: str) -> dict[str, Any]:
    """An export's text as JSON values."""
    value: dict[str, Any] = orjson.loads(content)
    return value


def as_content(data: Mapping[str, Any], session_id: str | None) -> tuple[str, str]:
    """The ID and the import's text of a session, under another ID if one is given. Raises InvalidParams."""
    try:
        (entry,) = data["sessions"]
        own_id = entry["session"]["sessionId"]
        if session_id is not None:
            data = {**data, "sessions": [{**entry, "session": {**entry["session"], "sessionId": session_id}}]}
        return session_id or str(own_id), orjson.dumps(data).decode()
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidParams(f"This is no session: {error!r}.", hint=_HINT) from None


def taken(session_id: str) -> InvalidParams:
    """What is raised when a session would take another one's place."""
    return InvalidParams(
        f"There is a session {session_id!r} already.", hint="Give another `session_id`, or `replace=True`."
    )


def write(file_path: Path | str, data: Mapping[str, Any]) -> None:
    """Write a session to a file of mode 0600, whole or not at all."""
    path = Path(file_path).expanduser()
    content = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    part = path.with_name(path.name + ".part")
    with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    part.replace(path)


def read(file_path: Path | str) -> Any:
    """The values in a file. Raises NotFound and InvalidParams."""
    path = Path(file_path).expanduser()
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Name a file that is there.") from None
    except orjson.JSONDecodeError as error:
        raise InvalidParams(f"{path} is no JSON: {error}.", hint=_HINT) from None
