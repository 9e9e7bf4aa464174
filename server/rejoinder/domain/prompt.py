"""What a model is sent, and what it sends back."""

from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Role, StopReason, ToolCall, Usage
from rejoinder.domain.images import Image
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.tools import ToolSpec

EXTRACTIVE = "extractive"
"""ID of the answer that is there without a model."""


@frozen
class PromptMessage:
    """A message exactly as a model gets it. `origin` is the passage that it quotes, if it quotes one."""

    role: Role
    content: str
    origin: Hit | None = None
    images: tuple[Image, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    """The calls that an assistant's message makes, or the one that a tool's message answers."""


@frozen(kw_only=True)
class Prompt:
    """A whole prompt in its final order, with the pieces that an answer without a model is made of.

    `messages` is all that a real model sees. `question` and `hits` repeat the last text and the passages for the
    extractive answer. `tokens` is an estimate, `budget` what the model takes in.
    """

    messages: tuple[PromptMessage, ...]
    question: str
    hits: tuple[Hit, ...] = ()
    folder: str | None = None
    """URI of the project's folder, against which paths are shown."""
    unread: str = ""
    """What an answer without a model says of files that are not read yet."""
    tokens: int = 0
    budget: int = 0
    masked: int = 0
    stable: int = 0
    """How many messages in front will stand in the next turn's prompt as they are: what a provider may cache."""
    tools: tuple[ToolSpec, ...] = ()
    """What the model may call."""
    schema: dict[str, Any] | None = None
    """The JSON schema of the answer, for providers that can hold a model to one; `messages` say it, too."""

    @property
    def has_images(self) -> bool:
        """Whether a message brings an image."""
        return any(message.images for message in self.messages)


Effort = Literal["minimal", "low", "medium", "high"]
"""How much a model may think before it answers."""


@frozen
class ModelSettings:
    """What may be set for one call; None leaves it to the model."""

    temperature: float | None = None
    max_tokens: int | None = None
    effort: Effort | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def over(self, defaults: "ModelSettings") -> "ModelSettings":
        """These, and the defaults for what is not set here."""
        unset = {key: value for key, value in attrs.asdict(defaults).items() if getattr(self, key) in (None, ())}
        return attrs.evolve(self, **unset)


@frozen
class TextDelta:
    """More of the answer."""

    text: str


@frozen
class ThoughtDelta:
    """More of the reasoning."""

    text: str


@frozen
class Cited:
    """A passage that the answer quotes."""

    hit: Hit


@frozen
class Retrying:
    """The model's server failed in a way that passes; `attempt` counts from 1, `delay` in seconds."""

    attempt: int
    delay: float
    reason: str


@frozen
class FellBack:
    """The model could not answer, and `model` is asked instead."""

    model: str
    reason: str


@frozen
class ToolAsked:
    """The model wants a tool called; these come after its text, before the end. `args` is what it wrote, as JSON."""

    call_id: str
    name: str
    args: str
    kept: Any = None
    """What the provider wants back with the call."""


@frozen
class Finished:
    """The answer is whole. Usage is what the provider reported, or None."""

    stop_reason: StopReason
    usage: Usage | None = None


ModelEvent = TextDelta | ThoughtDelta | Cited | Retrying | FellBack | ToolAsked | Finished


@frozen(kw_only=True)
class ModelInfo:
    """A model that can be chosen. `configured`: it can be used without further settings.

    `defaults` is what is set for it, for calls that do not say otherwise.
    """

    id: str
    provider: str
    label: str
    vision: bool = False
    tools: bool = False
    configured: bool = True
    local: bool = False
    context_tokens: int | None = None
    defaults: ModelSettings = ModelSettings()
