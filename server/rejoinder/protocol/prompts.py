"""Prompt files: what is kept to be asked again, and called by name as a slash command."""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method

PromptSource = Literal["user", "project"]


@wire(kw_only=True)
class PromptInfo:
    """A prompt that `/name` calls. `source` says where it is kept: in the user's configuration or in the project."""

    name: str
    source: PromptSource
    description: str | None = None
    argument_hint: str | None = None


@wire(kw_only=True)
class PromptsListParams:
    """Whose prompts are wanted: those that can be called in a project, or outside of all."""

    project_id: str | None = None
    uri: str | None = None


@wire
class PromptsListResult:
    """The prompts that can be called, and sentences about those that do not count."""

    prompts: list[PromptInfo]
    notes: list[str]


PROMPTS_LIST = Method("prompts/list", PromptsListParams, PromptsListResult)
