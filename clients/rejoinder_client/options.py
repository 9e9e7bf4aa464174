"""What may be said about one turn beside its text."""

import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict
from urllib.parse import quote

from rejoinder.protocol.tools import FunctionTool
from rejoinder.protocol.turns import AskAction, AskParams, ChatParams, ModelSettings, PreviewParams
from rejoinder.protocol.types import Attachment, KnowledgeConfig, MemoryConfig, Position, Range, Scope
from rejoinder_client.agents import AnyAgent, name_of
from rejoinder_client.errors import InvalidParams, NotFound, TooLarge
from rejoinder_client.messages import AnyMessage
from rejoinder_client.places import absolute, uri_of

if TYPE_CHECKING:
    from rejoinder_client.approvals import OnApproval
    from rejoinder_client.tools import AnyTool


LARGEST_IMAGE = 10 * 1024 * 1024
"""Bytes that the server takes of one image."""


class TurnOptions(TypedDict, total=False):
    """Options of every turn. `attachments` may be paths; `turn_id` makes a repeated call answer with the first.

    `images` are paths, wherever they lie, or bytes: PNG, JPEG, WebP or GIF.
    `tools` are functions of the program and names of the server's own, and then no others; `on_approval` decides on
    calls that wait for a yes, which is a no where it is missing. `agent` is who answers: its name, or in a session also
    an Agent, which the session keeps from then on.
    """

    model: str
    temperature: float
    max_tokens: int
    effort: Literal["minimal", "low", "medium", "high"]
    top_p: float
    seed: int
    stop: list[str]
    attachments: Sequence[Attachment | Path | str]
    images: Sequence[Attachment | Path | str | bytes]
    system: str
    retrieve: bool
    ephemeral: bool
    turn_id: str
    user_id: str
    uri: str
    agent: AnyAgent
    tools: "Sequence[AnyTool]"
    on_approval: "OnApproval"


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

    `user_id` is who speaks in it, and `auto_save` whether this object stores changes at once; `tools` and `on_approval`
    are those of its turns that say nothing else. None of these is stored. `memory_config` and
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
    tools: "Sequence[AnyTool] | None"
    on_approval: "OnApproval | None"


def attachment(path: Path | str, *, lines: tuple[int, int] | None = None) -> Attachment:
    """A file, or its lines from the first to the last, counted from 1."""
    uri = uri_of(path)
    if lines is None:
        return Attachment(uri)
    first, last = lines
    return Attachment(uri, Range(Position(first - 1, 0), Position(last, 0)))


def image(source: Path | str | bytes) -> Attachment:
    """An image that goes along with a question: a file's, or its bytes. Raises NotFound and TooLarge."""
    if isinstance(source, bytes):
        return Attachment("rejoinder:/image", data=b64encode(source).decode())
    path = absolute(source)
    try:
        if path.stat().st_size > LARGEST_IMAGE:
            raise TooLarge(f"{path} is larger than {LARGEST_IMAGE >> 20} MB.", hint="Send a smaller image.")
        return Attachment(path.as_uri(), data=b64encode(path.read_bytes()).decode())
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Name an image that is there.") from None


def note(text: str, *, name: str = "note") -> Attachment:
    """A text that goes along with a question and lies in no file."""
    return Attachment(f"note:{quote(name)}", text=text)


def chat_params(
    text: str, options: ChatOptions, *, session_id: str | None = None, project_id: str | None = None
) -> ChatParams:
    """The parameters of `chat`, with a turn ID of their own when none is given."""
    _require_kept(options, project_id)
    return ChatParams(text=text, session_id=session_id, project_id=project_id, **_for_turn(options))


def ask_params(
    text: str,
    options: AskOptions,
    *,
    session_id: str | None = None,
    project_id: str | None = None,
    schema: dict[str, Any] | None = None,
) -> AskParams:
    """The parameters of `ask`, with a turn ID of their own when none is given."""
    _require_kept(options, project_id)
    given = _for_turn(options)
    return AskParams(text=text, session_id=session_id, project_id=project_id, schema=schema, **given)


def preview_params(text: str, options: ChatOptions, *, session_id: str, project_id: str) -> PreviewParams:
    """The parameters of `preview` for a chat."""
    given = _for_turn(options)
    given.pop("queue", None)
    return PreviewParams(of="chat", text=text, session_id=session_id, project_id=project_id, **given)


def _require_kept(options: TurnOptions, project_id: str | None) -> None:
    """InvalidParams for an agent that no session was told of: only those of a session name their project."""
    agent = options.get("agent")
    if project_id is None and agent is not None and not isinstance(agent, str):
        hint = f"Ask in a session, as in `client.session(…).run(…, agent={agent.name})`, or name one that is kept."
        raise InvalidParams(f"The agent {agent.name!r} is kept by no session.", hint=hint)


_SETTINGS = ("temperature", "max_tokens", "effort", "top_p", "seed", "stop")


def _for_turn(options: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"turn_id": uuid.uuid4().hex, **options}
    settings = {name: given.pop(name) for name in _SETTINGS if name in given}
    if settings:
        given["settings"] = ModelSettings(**settings)
    if "attachments" in given:
        items = given["attachments"]
        given["attachments"] = [item if isinstance(item, Attachment) else attachment(item) for item in items]
    if "images" in given:
        images = [item if isinstance(item, Attachment) else image(item) for item in given.pop("images")]
        given["attachments"] = [*given.get("attachments", ()), *images]
    given.pop("on_approval", None)
    if "agent" in given:
        given["agent"] = name_of(given["agent"])
    if (tools := given.get("tools")) is not None:
        given["tools"] = [item for item in tools if isinstance(item, str)]
        if len(given["tools"]) < len(tools):
            given["functions"] = _declared(tools)
    return given


def _declared(tools: "Sequence[AnyTool]") -> list[FunctionTool]:
    # here and not above: what describes functions takes long to load
    from rejoinder_client.tools import functions_in

    return [function.declared for function in functions_in(tools).values()]
