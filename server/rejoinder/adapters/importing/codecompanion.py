"""CodeCompanion's history extension: a folder with `index.json` and one JSON file a chat in `chats`.

Some versions write a chat as Lua instead, which is code and is not run.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.attachments import data_url
from rejoinder.adapters.importing.reading import files_in, is_file, read_json
from rejoinder.domain.foreign import (
    ForeignAttachment,
    ForeignSession,
    Skipped,
    folder_of,
    moment,
    own_id,
    role_of,
    string,
    text_of,
)
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.foreign_calls import calls_of

TITLE = "CodeCompanion"
_FOLDER = "codecompanion-history"


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is the extension's folder, or the content of one of its chats."""
    if path.is_dir():
        folder = _folder(path)
        return is_file(folder / "index.json") and (folder / "chats").is_dir()
    return isinstance(value, Mapping) and "save_id" in value and isinstance(value.get("messages"), list)


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The chats of a folder, or the one of a file."""
    chats = _folder(path) / "chats"
    for file in files_in(chats, "*.json") if path.is_dir() else [path]:
        try:
            yield _session(file, read_json(file))
        except ValueError as exc:
            yield Skipped(file.name, str(exc))
    for file in files_in(chats, "*.lua") if path.is_dir() else []:
        yield Skipped(file.name, "it is Lua, which is code; export it as JSON")


def _folder(path: Path) -> Path:
    return path / _FOLDER if (path / _FOLDER).is_dir() else path


def _session(path: Path, value: Any) -> ForeignSession:
    if not isinstance(value, Mapping):
        raise ValueError("it is no chat")
    settings = value.get("settings")
    model = string(settings, "model") if isinstance(settings, Mapping) else None
    built = Building(path.name)
    built.each(value.get("messages"), lambda item: _take(built, item, model))
    if not built.messages:
        raise ValueError("it has no messages")
    about = {key: text for key in ("adapter", "cwd", "project_root") if (text := string(value, key))}
    return ForeignSession(
        session_id=own_id(string(value, "save_id") or path.stem),
        folder=folder_of(about.get("project_root") or about.get("cwd")),
        name=string(value, "title"),
        created_at=moment(value.get("created_at")),
        updated_at=moment(value.get("updated_at")),
        model=model,
        metadata=about,
        messages=tuple(built.messages),
        skipped=tuple(built.skipped),
    )


def _take(built: Building, item: Mapping[str, Any], model: str | None) -> None:
    role, tools = role_of(item.get("role")), item.get("tools")
    tools = tools if isinstance(tools, Mapping) else {}
    content = text_of(item.get("content"))
    if role == "tool":
        built.result(
            string(item, "tool_call_id") or string(tools, "call_id"), content, failed=tools.get("is_error") is True
        )
        return
    key = item.get("id")
    built.say(
        role,
        content,
        key=str(key) if isinstance(key, str | int) else None,
        created_at=moment(item.get("created_at")),
        model=model if role == "assistant" else None,
        attachments=_attachments(item),
        calls=calls_of(item.get("tool_calls") or tools.get("calls")),
    )


def _attachments(item: Mapping[str, Any]) -> tuple[ForeignAttachment, ...]:
    """The file or buffer that a message shows; its text is the message's own."""
    given = item.get("context")
    known: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    path, name = string(known, "path"), string(known, "id")
    if path is not None and Path(path).is_absolute():
        return (ForeignAttachment(uri=Path(path).as_uri()),)
    return (ForeignAttachment(uri=data_url(path or name or "")),) if path or name else ()
