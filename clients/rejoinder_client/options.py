"""What may be said about one turn beside its text."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict
from urllib.parse import quote

from rejoinder.protocol.turns import AskAction, AskParams, ChatParams, ModelSettings, PreviewParams
from rejoinder.protocol.types import Attachment, KnowledgeConfig, MemoryConfig, Position, Range, Scope
from rejoinder_client.messages import AnyMessage


class TurnOptions(TypedDict, total=False):
    """Options of every turn. `attachments` may be paths; `turn_id` makes a repeated call answer with the first."""

    model: str
    temperature: float
    max_tokens: int
    effort: Literal["minimal", "low", "medium", "high"]
    top_p: float
    seed: int
    stop: list[str]
    attachments: Sequence[Attachment | Path | str]
    system: str
    retrieve: bool
    ephemeral: bool
    turn_id: str
    user_id: str
    uri: str


class ChatOptions(TurnOptions, total=False):
    """Options of a chat. `parent_id`: edit, resend or regenerate from there. `queue`: wait for a running turn."""

    parent_id: str
    queue: bool


class AskOptions(TurnOptions, total=False):
    """Options of a question. `remember=False`: it is not stored."""

    action: AskAction
    remember: bool


class SessionOptions(TypedDict, total=False):
    """What may be said of a session when it is opened.

    `user_id` is who speaks in it, and `auto_save` whether this object stores changes at once. `memory_config` and
    `knowledge_config` are kept with the session in the place of what was said of it before. All else counts only for a
    session that is new.
    """

    system: str | None
    messages: Iterable[AnyMessage] | None
    name: str | None
    label: str | None
    description: str | None
    scope: Scope | None
    uri: str | None
    metadata: Mapping[str, Any] | None
    user_id: str | None
    auto_save: bool
    memory_config: MemoryConfig | Mapping[str, Any] | None
    knowledge_config: KnowledgeConfig | Mapping[str, Any] | None


def attachment(path: Path | str, *, lines: tuple[int, int] | None = None) -> Attachment:
    """A file, or its lines from the first to the last, counted from 1."""
    uri = Path(path).expanduser().absolute().as_uri()
    if lines is None:
        return Attachment(uri)
    first, last = lines
    return Attachment(uri, Range(Position(first - 1, 0), Position(last, 0)))


def note(text: str, *, name: str = "note") -> Attachment:
    """A text that goes along with a question and lies in no file."""
    return Attachment(f"note:{quote(name)}", text=text)


def chat_params(
    text: str, options: ChatOptions, *, session_id: str | None = None, project_id: str | None = None
) -> ChatParams:
    """The parameters of `chat`, with a turn ID of their own when none is given."""
    return ChatParams(text=text, session_id=session_id, project_id=project_id, **_for_turn(options))


def ask_params(
    text: str, options: AskOptions, *, session_id: str | None = None, project_id: str | None = None
) -> AskParams:
    """The parameters of `ask`, with a turn ID of their own when none is given."""
    return AskParams(text=text, session_id=session_id, project_id=project_id, **_for_turn(options))


def preview_params(text: str, options: ChatOptions, *, session_id: str, project_id: str) -> PreviewParams:
    """The parameters of `preview` for a chat."""
    given = _for_turn(options)
    given.pop("queue", None)
    return PreviewParams(of="chat", text=text, session_id=session_id, project_id=project_id, **given)


_SETTINGS = ("temperature", "max_tokens", "effort", "top_p", "seed", "stop")


def _for_turn(options: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"turn_id": uuid.uuid4().hex, **options}
    settings = {name: given.pop(name) for name in _SETTINGS if name in given}
    if settings:
        given["settings"] = ModelSettings(**settings)
    if "attachments" in given:
        items = given["attachments"]
        given["attachments"] = [item if isinstance(item, Attachment) else attachment(item) for item in items]
    return given
