"""Continue: `~/.continue/sessions/ID.json`, one file a session, with `sessions.json` beside them as the list."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.attachments import attachments_of, data_url
from rejoinder.adapters.importing.reading import files_in, is_file, read_json, written_at
from rejoinder.domain.conversation import Usage
from rejoinder.domain.foreign import (
    ForeignAttachment,
    ForeignSession,
    Skipped,
    count,
    folder_of,
    moment,
    own_id,
    role_of,
    string,
    text_of,
)
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.foreign_calls import calls_of

TITLE = "Continue"
_LIST = "sessions.json"
_ENDED = {"done": False, "errored": True, "canceled": True}


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is a folder of Continue's, or the content of one of its sessions."""
    if path.is_dir():
        folder = _folder(path)
        return is_file(folder / _LIST) and any(
            isinstance(_quietly(each), Mapping) and fits(each, _quietly(each)) for each in _files(folder)
        )
    return isinstance(value, Mapping) and isinstance(value.get("history"), list) and "sessionId" in value


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The sessions of a folder, or the one of a file."""
    folder = _folder(path) if path.is_dir() else path.parent
    listed = _listed(folder / _LIST)
    for file in _files(folder) if path.is_dir() else [path]:
        try:
            yield _session(file, read_json(file), listed)
        except ValueError as exc:
            yield Skipped(file.name, str(exc))


def _folder(path: Path) -> Path:
    return path / "sessions" if (path / "sessions" / _LIST).exists() else path


def _files(folder: Path) -> list[Path]:
    return [path for path in files_in(folder, "*.json") if path.name != _LIST]


def _quietly(path: Path) -> Any:
    try:
        return read_json(path)
    except ValueError:
        return None


def _listed(path: Path) -> dict[str, Mapping[str, Any]]:
    """What the list says of each session: it alone knows when one was begun."""
    value = _quietly(path)
    items = [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
    return {str(item.get("sessionId")): item for item in items}


def _session(path: Path, value: Any, listed: Mapping[str, Mapping[str, Any]]) -> ForeignSession:
    if not isinstance(value, Mapping):
        raise ValueError("it is no session")
    foreign = string(value, "sessionId") or path.stem
    built = Building(path.name)
    built.each(value.get("history"), lambda item: _take(built, item))
    if not built.messages:
        raise ValueError("it has no messages")
    about = listed.get(foreign, {})
    folder = string(value, "workspaceDirectory")
    return ForeignSession(
        session_id=own_id(foreign),
        folder=folder_of(folder),
        name=string(value, "title") or string(about, "title"),
        created_at=moment(about.get("dateCreated")),
        updated_at=written_at(path),
        model=string(value, "chatModelTitle"),
        metadata={"workspace": folder} if folder else {},
        messages=tuple(built.messages),
        skipped=tuple(built.skipped),
    )


def _take(built: Building, item: Mapping[str, Any]) -> None:
    said = item.get("message")
    if not isinstance(said, Mapping):
        raise ValueError("it has no message")
    role, content = role_of(said.get("role")), said.get("content")
    if role == "tool":
        built.result(said.get("toolCallId"), text_of(content))
        return
    logs = item.get("promptLogs")
    log = logs[-1] if isinstance(logs, list) and logs and isinstance(logs[-1], Mapping) else {}
    built.say(
        role,
        text_of(content),
        key=string(said, "id"),
        model=string(log, "modelTitle") if role == "assistant" else None,
        usage=_usage(said.get("usage")),
        attachments=(*attachments_of(content), *_context(item.get("contextItems"))),
        calls=calls_of(said.get("toolCalls")),
    )
    states = item.get("toolCallStates") or item.get("toolCallState")
    for state in states if isinstance(states, list) else [states]:
        if isinstance(state, Mapping) and state.get("status") in _ENDED:
            output = "\n\n".join(each.text or "" for each in _context(state.get("output")))
            built.result(state.get("toolCallId"), output, failed=_ENDED[state["status"]])


def _context(items: Any) -> tuple[ForeignAttachment, ...]:
    """What went along with a question: files and other texts."""
    read = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, Mapping) and isinstance(item.get("content"), str):
            uri = item.get("uri")
            place = string(uri, "value") if isinstance(uri, Mapping) else None
            read.append(
                ForeignAttachment(
                    uri=place or data_url(string(item, "name") or "context"), text=text_of(item["content"])
                )
            )
    return tuple(read)


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    given, made = count(value.get("promptTokens")), count(value.get("completionTokens"))
    return None if given is None or made is None else Usage(given, made)
