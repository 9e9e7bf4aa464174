"""ECA: Transit files in the cache folder of each workspace: `db.transit.json`, or one file a chat in `chats`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.attachments import attachments_of
from rejoinder.adapters.importing.reading import files_in, read_text
from rejoinder.adapters.importing.transit import decode
from rejoinder.domain.foreign import ForeignSession, Skipped, moment, own_id, role_of, string, text_of
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.foreign_calls import call_of

TITLE = "ECA"
_ALL, _INDEX, _ENDING = "db.transit.json", "index.transit.json", ".transit.json"
_CALLS = ("tool_call", "server_tool_use")
_RESULTS = ("tool_call_output", "server_tool_result")
_ASIDE = ("reason", "compact_marker", "flag", "image_generation_call")
"""What the program notes for itself."""


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is the program's cache, the folder of a workspace in it, or one of its files."""
    return path.name.endswith(_ENDING) if not path.is_dir() else next(_files(path), None) is not None


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The chats of all workspaces in a folder, or of one file."""
    for file in _files(path) if path.is_dir() else [path]:
        try:
            chats = _chats(decode(read_text(file)))
        except ValueError as exc:
            yield Skipped(_named(file), str(exc))
            continue
        for chat_id, chat in chats.items():
            try:
                yield _session(f"{_named(file)}, chat {chat_id}", chat_id, chat)
            except ValueError as exc:
                yield Skipped(f"{_named(file)}, chat {chat_id}", str(exc))


def _files(folder: Path) -> Iterator[Path]:
    for workspace in ("", "*/"):
        yield from files_in(folder, f"{workspace}{_ALL}")
        yield from (file for file in files_in(folder, f"{workspace}chats/*{_ENDING}") if file.name != _INDEX)
    if folder.name == "chats":
        yield from (file for file in files_in(folder, f"*{_ENDING}") if file.name not in (_INDEX, _ALL))


def _named(file: Path) -> str:
    return "/".join(file.parts[-3:])


def _chats(value: Any) -> dict[str, Any]:
    """The chats of a file, by ID."""
    if isinstance(value, Mapping) and isinstance(value.get("chats"), Mapping):
        return {str(key): chat for key, chat in value["chats"].items()}
    chat = value.get("chat") if isinstance(value, Mapping) else None
    if not isinstance(chat, Mapping):
        # the list of the chats, or what is kept of no workspace
        return {}
    return {str(chat.get("id")): chat}


def _session(place: str, chat_id: str, chat: Any) -> ForeignSession:
    if not isinstance(chat, Mapping):
        raise ValueError("it is no chat")
    model = string(chat, "model")
    built = Building(place)
    built.each(chat.get("messages"), lambda item: _take(built, item, model))
    if not built.messages:
        raise ValueError("it has no messages")
    parent = string(chat, "parent-chat-id")
    return ForeignSession(
        session_id=own_id(chat_id),
        name=string(chat, "title"),
        created_at=moment(chat.get("created-at")),
        updated_at=moment(chat.get("updated-at")),
        model=model,
        metadata={"parent": parent} if parent else {},
        messages=tuple(built.messages),
        skipped=tuple(built.skipped),
    )


def _take(built: Building, item: Mapping[str, Any], model: str | None) -> None:
    role, content, time = item.get("role"), item.get("content"), moment(item.get("created-at"))
    if role in _ASIDE:
        return
    if role in _CALLS or role in _RESULTS:
        if not isinstance(content, Mapping):
            raise ValueError("the call is no object")
        if role in _RESULTS:
            built.result(content.get("id"), _output(content), failed=content.get("error") is True)
        elif (call := call_of({**content, "name": content.get("full-name") or content.get("name")})) is None:
            raise ValueError("the call has no name")
        else:
            built.call(call, created_at=time)
        return
    known = role_of(role)
    built.say(
        known,
        text_of(content),
        key=string(item, "content-id"),
        created_at=time,
        model=model if known == "assistant" else None,
        attachments=attachments_of(content),
    )


def _output(content: Mapping[str, Any]) -> str:
    """The texts of what a call came to."""
    output = content.get("output", content.get("raw-content"))
    inner = output.get("contents") if isinstance(output, Mapping) else output
    try:
        return text_of(inner)
    except ValueError:
        return ""
