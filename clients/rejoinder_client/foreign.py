"""Files and folders that hold conversations, of this program and of others, as the server takes them in.

| what | `format` |
|---|---|
| a JSON file that `export` wrote, or a list of `{"role", "content"}` | `json` |
| a `.toon` file, JSON or TOON: `session_id`, `created_at`, `messages` | `json` |
| an SQLite database with the tables `sessions` and `chunks` | `sqlite` |
| a folder of `sessions.json` and `ID/messages.json` | `agno` |
"""

import base64
from pathlib import Path
from typing import Any

import attrs
import orjson

from rejoinder_client.errors import InvalidParams, NotFound

_SQLITE = b"SQLite format 3\0"


@attrs.frozen
class ForeignExport:
    """What `session/import` takes."""

    format: str
    content: str


def read_export(file_path: Path | str) -> ForeignExport:
    """A file or folder, recognised by what is in it. Raises NotFound and InvalidParams."""
    path = Path(file_path).expanduser()
    if path.is_dir():
        return ForeignExport("agno", _read_folder(path))
    data = _read(path)
    if data.startswith(_SQLITE):
        return ForeignExport("sqlite", base64.b64encode(data).decode())
    try:
        return ForeignExport("json", data.decode())
    except UnicodeDecodeError:
        raise InvalidParams(
            f"{path} is neither text nor an SQLite database.", hint="Name the file that was exported."
        ) from None


def _read_folder(folder: Path) -> str:
    registry = _read_json(folder / "sessions.json")
    messages = {
        path.parent.name: _read_json(path) for path in sorted(folder.glob("*/messages.json")) if not path.is_symlink()
    }
    return orjson.dumps({"sessions": registry, "messages": messages}).decode()


def _read_json(path: Path) -> Any:
    try:
        return orjson.loads(_read(path))
    except orjson.JSONDecodeError as error:
        raise InvalidParams(f"{path} is no JSON: {error}.", hint="Mend the file, or leave it out.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.", hint="Name a file or folder that is there."
        ) from None
