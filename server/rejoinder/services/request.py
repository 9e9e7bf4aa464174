"""What a client asks for in a turn, with all that its connection and its settings add."""

from collections.abc import Sequence
from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.agents import Agent
from rejoinder.domain.branching import Branch
from rejoinder.domain.conversation import DEFAULT_USER, Attachment, Message, Project, Scope
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.images import Image
from rejoinder.domain.mentions import Action, note_in
from rejoinder.domain.prompt import ModelSettings
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.spending import Limits
from rejoinder.domain.users import own_part
from rejoinder.services.model_ports import ModelChoice
from rejoinder.services.ports import Workspace
from rejoinder.services.tool_ports import Tool, ToolLimits


@frozen(kw_only=True)
class TurnRequest:
    """One chat or ask."""

    kind: Literal["chat", "ask"]
    text: str
    project: Project
    workspace: Workspace
    choice: ModelChoice
    session_id: str | None = None
    scope: Scope = "workspace"
    uri: str | None = None
    user_id: str = DEFAULT_USER
    turn_id: str | None = None
    parent_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    images: tuple[Image, ...] = ()
    """The images that were sent along; once the turn is under way, all whose bytes it may send."""
    schema: dict[str, Any] | None = None
    """The JSON schema that the answer is to be valid by."""
    model: str | None = None
    """The model that this turn names; else the session's, else that of `choice`."""
    settings: ModelSettings = ModelSettings()
    """What this turn sets; what it leaves open is set by `choice` or the model."""
    limits: Limits = Limits()
    system: str | None = None
    action: Action | None = None
    retrieve: bool = True
    remember: bool = True
    """Whether the turn is stored; false for an ephemeral chat and for an ask that is not to be remembered."""
    queue: bool = False
    instructions: tuple[str, ...] = ()
    """Files with instructions, relative to the folder; empty for the usual names."""
    redact: bool = True
    memory: RecallConfig = RecallConfig()
    """How memory is set to be found; what the session says of it counts first."""
    knowledge: RecallConfig = RecallConfig()
    """The same of knowledge."""
    ignore: tuple[str, ...] = ()
    """Patterns of files that no tool reads."""
    tools: tuple[str, ...] | None = None
    """The tools that were named for this turn; None: those of `tools_set`."""
    tools_set: tuple[str, ...] = ()
    """The tools that are set for turns that name none."""
    functions: tuple[Tool, ...] = ()
    """The functions of the program that sends the turn, which are given in any case."""
    tool_limits: ToolLimits = ToolLimits()
    agent: Agent | None = None
    """Who answers, if one was named; its model and tools are in this request already."""
    documents: frozenset[str] | None = None
    """IDs of the only documents of the knowledge that are looked into; None for all."""
    notes: tuple[str, ...] = ()
    """What is told before the answer comes."""

    @property
    def agent_name(self) -> str | None:
        """Who answers, if one was named."""
        return self.agent.name if self.agent else None


def require_text(request: TurnRequest) -> None:
    """InvalidInput when there is nothing to answer: neither a text nor an action."""
    if not request.text.strip() and request.action is None:
        raise InvalidInput("text: there is nothing in it.", hint="Write a question.", key="text")


def with_text_of(request: TurnRequest, regenerated: Message | None) -> TurnRequest:
    """The request with the text and the attachments of the message that is answered anew, if one is."""
    if regenerated is None:
        require_text(request)
        return request
    return attrs.evolve(request, text=regenerated.content, attachments=regenerated.attachments)


def note_of(request: TurnRequest) -> str | None:
    """What is to be remembered, or nothing when that is the last answer; None for a request that asks a model."""
    return note_in(request.text) if request.action is None else None


def read_part(request: TurnRequest, before: Branch) -> Sequence[Message]:
    """What the model reads of the conversation: this user's part. A question over all sessions belongs to none."""
    of_none = request.kind == "ask" and request.session_id is None and note_of(request) is None
    return () if of_none else own_part(before.path, request.user_id)
