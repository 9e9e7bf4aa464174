"""Chat with the servers of models, through pydantic-ai's own model classes.

The model class is used without an agent around it: an agent's graph costs time for each token, and its retries,
instructions and history processors are the services' business here. Importing this module takes over a second; what
only Anthropic's or Google's models need is imported when one of them is used.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Protocol

import httpx2
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings as LibrarySettings
from pydantic_ai.tools import ToolDefinition

from rejoinder.adapters import openai_dialect
from rejoinder.adapters.event_stream import joined_stream
from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_faults import translated
from rejoinder.adapters.model_http import Server, last_response, open_client
from rejoinder.domain.conversation import StopReason, Usage
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import Finished, ModelEvent, ModelSettings, Prompt, TextDelta, ThoughtDelta, ToolAsked

_STOP_REASONS: dict[str | None, StopReason] = {"length": "max_tokens", "content_filter": "refusal"}


class Dialect(Protocol):
    """What differs between the providers' APIs."""

    def open_model(self, endpoint: Endpoint, client: httpx2.AsyncClient) -> Model[Any]:
        """The library's model of an endpoint."""
        ...

    def request_of(self, prompt: Prompt, settings: ModelSettings) -> tuple[list[ModelMessage], LibrarySettings]:
        """What the library is to send."""
        ...


class Connections:
    """One HTTP client for each server, kept alive and used for all of its models."""

    def __init__(self) -> None:
        self._clients: dict[Server, asyncio.Task[httpx2.AsyncClient]] = {}
        self._models: dict[Endpoint, Model[Any]] = {}

    async def attempt(
        self, endpoint: Endpoint, prompt: Prompt, settings: ModelSettings
    ) -> AsyncGenerator[ModelEvent, None]:
        """One request to an endpoint. Raises PassingFault, a ModelError or ContextTooLarge."""
        dialect = await _dialect(endpoint.provider)
        model = self._models.get(endpoint)
        if model is None:
            model = self._models[endpoint] = dialect.open_model(endpoint, await self.client(Server.of(endpoint)))
        if prompt.has_images:
            # megabytes to be written as text
            messages, library_settings = await asyncio.to_thread(dialect.request_of, prompt, settings)
        else:
            messages, library_settings = dialect.request_of(prompt, settings)
        # what an earlier request of this task has left there is not this one's
        joined_stream.set(None)
        last_response.set(None)
        started = time.monotonic()
        try:
            with translated(endpoint):
                parameters = _parameters(endpoint, prompt)
                async with model.request_stream(messages, library_settings, parameters) as response:
                    stream = joined_stream.get()
                    async for piece in response:
                        if (event := _event(piece)) is None:
                            continue
                        yield event
                        while stream is not None and (text := await stream.text()):
                            yield type(event)(text)
                    for asked in _asked(response.get(), endpoint):
                        yield asked
                    yield _finished(response, time.monotonic() - started)
        finally:
            if (received := last_response.get()) is not None:
                await received.aclose()

    async def client(self, server: Server) -> httpx2.AsyncClient:
        """The client of a server. Raises ModelNotConfigured."""
        task = self._clients.get(server)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(open_client, server))
            self._clients[server] = task
        try:
            return await asyncio.shield(task)
        except ModelNotConfigured:
            # Forgotten, so that a file that was put in place is seen the next time.
            self._clients.pop(server, None)
            raise

    async def close(self) -> None:
        """Close all clients."""
        clients = await asyncio.gather(*self._clients.values(), return_exceptions=True)
        self._clients.clear()
        self._models.clear()
        for client in clients:
            if isinstance(client, httpx2.AsyncClient):
                await client.aclose()


def warm_up() -> None:
    """Have the library import what it puts off until its first model is made."""
    nowhere = Endpoint(id="", provider="none", name="none", base_url="http://localhost")
    openai_dialect.open_model(nowhere, open_client(Server.of(nowhere)))


async def _dialect(provider: str) -> Dialect:
    """The provider's dialect, imported in a thread where that takes long. Raises ModelNotConfigured."""
    if provider not in ("anthropic", "google"):
        return openai_dialect
    try:
        return await asyncio.to_thread(_anthropic if provider == "anthropic" else _google)
    except ImportError:
        raise ModelNotConfigured(
            f"What {provider.capitalize()}'s models need is not installed.",
            hint=f"Install it where Rejoinder is, with `pip install 'rejoinder[{provider}]'`, and restart the editor.",
        ) from None


def _anthropic() -> Dialect:
    from rejoinder.adapters import anthropic_dialect

    return anthropic_dialect


def _google() -> Dialect:
    from rejoinder.adapters import google_dialect

    return google_dialect


def _parameters(endpoint: Endpoint, prompt: Prompt) -> ModelRequestParameters:
    """What the library has to know beside the messages; the OpenAI dialect puts the schema into them itself."""
    if endpoint.provider != "google":
        return ModelRequestParameters()
    tools = [
        ToolDefinition(
            name=spec.name, parameters_json_schema=spec.parameters, description=spec.description, strict=False
        )
        for spec in prompt.tools
    ]
    # most of Google's models hold to a schema or call tools, and refuse to do both
    if prompt.schema is None or tools:
        return ModelRequestParameters(function_tools=tools)
    shape = OutputObjectDefinition(prompt.schema)
    return ModelRequestParameters(function_tools=tools, output_mode="native", output_object=shape)


def _event(piece: ModelResponseStreamEvent) -> TextDelta | ThoughtDelta | None:
    match piece:
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
            return TextDelta(text)
        case PartStartEvent(part=TextPart(content=text)) if text:
            return TextDelta(text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)) if text:
            return ThoughtDelta(text)
        case PartStartEvent(part=ThinkingPart(content=text)) if text:
            return ThoughtDelta(text)
        case _:
            return None


def _asked(response: ModelResponse, endpoint: Endpoint) -> Iterator[ToolAsked]:
    """The calls that an answer asks for, with what the provider wants back with them in the same turn."""
    thoughts = [
        {"type": "thinking", "thinking": part.content, "signature": part.signature}
        for part in response.parts
        if isinstance(part, ThinkingPart) and part.signature and endpoint.provider == "anthropic"
    ]
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            kept = {"thoughts": thoughts} if thoughts else None
            if endpoint.provider == "google":
                kept = part.provider_details
            yield ToolAsked(part.tool_call_id, part.tool_name, part.args_as_json_str(), kept)
            thoughts = []


def _finished(response: StreamedResponse, seconds: float) -> Finished:
    usage = response.usage
    # The library counts a request without reported tokens as one that was not measured.
    reported = Usage(usage.input_tokens, usage.output_tokens, seconds, cached_tokens=usage.cache_read_tokens)
    return Finished(
        _STOP_REASONS.get(response.finish_reason, "end_turn"), None if usage.unmeasured_requests else reported
    )
