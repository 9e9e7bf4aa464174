"""Models of the providers' APIs as a table of the user's names them, and what they stream."""

from collections.abc import Iterable
from typing import Any

from rejoinder.domain.prompt import ModelEvent, TextDelta, ThoughtDelta
from rejoinder.services.model_ports import ModelChoice

MODELS = {
    "openai-compatible": "openai-compatible:fake",
    "anthropic": "anthropic:claude-test",
    "google": "google:gemini-2.5-flash",
}
"""A model of each provider."""

KEY_VARIABLE = "A_KEY"


def path_of(provider: str) -> str:
    """What stands behind a server's address where a provider's API begins."""
    return "/v1" if provider.startswith("openai") else ""


def named(model: str, url: str, **more: Any) -> ModelChoice:
    """The choice of a model by a table that says where it is."""
    return ModelChoice(model="mine", named={"mine": {"model": model, "baseUrl": url, **more}})


def text_of(events: Iterable[ModelEvent], kind: type[TextDelta] | type[ThoughtDelta] = TextDelta) -> str:
    """What was streamed, as one text."""
    return "".join(event.text for event in events if isinstance(event, kind))
