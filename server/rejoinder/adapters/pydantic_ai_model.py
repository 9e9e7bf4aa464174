"""Chat with a server that speaks the OpenAI API, through pydantic-ai's own model class.

The model class is used without an agent around it: an agent's graph costs time for each token, and its retries,
instructions and history processors are the services' business here. Importing this module takes over a second.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Sequence

import attrs
import httpx2
from openai import AsyncOpenAI
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from rejoinder.adapters.event_stream import join_events, joined_stream
from rejoinder.adapters.loopback_http import LoopbackTransport
from rejoinder.adapters.model_endpoint import Endpoint, is_loopback
from rejoinder.adapters.model_faults import translated
from rejoinder.domain.assembly import in_one_voice
from rejoinder.domain.conversation import StopReason, Usage
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import Finished, ModelEvent, ModelSettings, Prompt, PromptMessage, TextDelta, ThoughtDelta

CONNECT_TIMEOUT = 10.0
KEEP_ALIVE = 60.0
"""Seconds that an idle connection is kept for the next turn."""

# What the library puts beside these tells of the machine and of other settings of its user.
_HEADERS = frozenset({"host", "content-type", "content-length", "transfer-encoding", "accept", "connection"})
_OPENAI_HEADERS = _HEADERS | {"openai-organization", "openai-project"}
_STOP_REASONS: dict[str | None, StopReason] = {"length": "max_tokens", "content_filter": "refusal"}
_NO_KEY = "none"


@attrs.frozen
class _Server:
    """What decides which HTTP client is used."""

    base_url: str
    proxy: str | None
    ca_file: str | None


class Connections:
    """One HTTP client for each server, kept alive and used for all of its models."""

    def __init__(self) -> None:
        self._clients: dict[_Server, asyncio.Task[httpx2.AsyncClient]] = {}
        self._models: dict[Endpoint, OpenAIChatModel] = {}

    async def attempt(
        self, endpoint: Endpoint, prompt: Prompt, settings: ModelSettings
    ) -> AsyncGenerator[ModelEvent, None]:
        """One request to an endpoint. Raises PassingFault, a ModelError or ContextTooLarge."""
        model = self._models.get(endpoint)
        if model is None:
            model = self._models[endpoint] = _model(endpoint, await self._client(endpoint))
        started = time.monotonic()
        with translated(endpoint):
            async with model.request_stream(
                [ModelRequest(parts=[UserPromptPart(prompt.question)])],
                _settings(settings, in_one_voice(prompt.messages)),
                ModelRequestParameters(),
            ) as response:
                stream = joined_stream.get()
                async for piece in response:
                    if (event := _event(piece)) is None:
                        continue
                    yield event
                    while stream is not None and (text := await stream.text()):
                        yield type(event)(text)
                yield _finished(response, time.monotonic() - started)

    async def close(self) -> None:
        """Close all clients."""
        clients = await asyncio.gather(*self._clients.values(), return_exceptions=True)
        self._clients.clear()
        self._models.clear()
        for client in clients:
            if isinstance(client, httpx2.AsyncClient):
                await client.aclose()

    async def _client(self, endpoint: Endpoint) -> httpx2.AsyncClient:
        server = _Server(endpoint.base_url, endpoint.proxy, endpoint.ca_file)
        task = self._clients.get(server)
        if task is None:
            # Reading the system's certificates takes tens of milliseconds.
            task = asyncio.create_task(asyncio.to_thread(_open_client, server))
            self._clients[server] = task
        try:
            return await asyncio.shield(task)
        except ModelNotConfigured:
            # Forgotten, so that a file that was put in place is seen the next time.
            self._clients.pop(server, None)
            raise


def warm_up() -> None:
    """Have the library import what it puts off until its first model is made."""
    nowhere = Endpoint(id="", provider="none", name="none", base_url="http://localhost")
    _model(nowhere, _open_client(_Server(nowhere.base_url, None, None)))


def _open_client(server: _Server) -> httpx2.AsyncClient:
    is_plain = server.proxy is None and server.base_url.startswith("http:") and is_loopback(server.base_url)
    return httpx2.AsyncClient(
        transport=LoopbackTransport(keep_alive=KEEP_ALIVE) if is_plain else None,
        proxy=server.proxy,
        verify=_certificates(server),
        # A proxy that the environment names cannot reach this machine's own servers, and a named one replaces it.
        trust_env=server.proxy is None and not is_loopback(server.base_url),
        limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE),
        event_hooks={"response": [join_events]},
    )


def _certificates(server: _Server) -> ssl.SSLContext | bool:
    if server.ca_file is not None:
        try:
            return ssl.create_default_context(cafile=server.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ModelNotConfigured(
                f"The certificates in {server.ca_file!r} cannot be read.",
                hint="Set `caFile` to a file with certificates in PEM form.",
            ) from error
    if server.base_url.startswith("https:") or server.proxy is not None:
        return True
    # No certificate is asked for without TLS; this context trusts nobody, should it come to that.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _model(endpoint: Endpoint, client: httpx2.AsyncClient) -> OpenAIChatModel:
    openai = _QuietOpenAI(endpoint, client)
    profile = OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=True, ignore_streamed_leading_whitespace=False
    )
    if endpoint.provider == "openai":
        return OpenAIChatModel(endpoint.name, provider=OpenAIProvider(openai_client=openai), profile=profile)
    # Local servers know the older name of the setting, and what a model's name suggests about OpenAI's own models
    # does not hold for them.
    profile["openai_chat_supports_max_completion_tokens"] = False
    profile["openai_supports_reasoning"] = False
    provider = OpenAICompatibleProvider(endpoint.provider, openai_client=openai)
    return OpenAIChatModel(endpoint.name, provider=provider, profile=profile)


class _QuietOpenAI(AsyncOpenAI):
    """The library's client without retries of its own, and without headers that nobody asked for."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient) -> None:
        super().__init__(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key or _NO_KEY,
            http_client=client,
            timeout=httpx2.Timeout(endpoint.timeout, connect=min(endpoint.timeout, CONNECT_TIMEOUT)),
            max_retries=0,
        )
        self._allowed_headers = _OPENAI_HEADERS if endpoint.provider == "openai" else _HEADERS
        self._authorization = f"Bearer {endpoint.api_key}" if endpoint.api_key else None

    async def _prepare_request(self, request: httpx2.Request) -> None:
        headers = {name: value for name, value in request.headers.items() if name in self._allowed_headers}
        headers |= {"user-agent": "rejoinder", "accept-encoding": "identity"}
        if self._authorization:
            headers["authorization"] = self._authorization
        request.headers = httpx2.Headers(headers)


def _settings(settings: ModelSettings, messages: Sequence[PromptMessage]) -> OpenAIChatModelSettings:
    """The library's settings, with the prompt's messages in them, in their order and with their roles.

    What goes by `extra_body` takes the place of what the library would send. Given to it as messages, each would be
    looked at type by type, which takes longer than all the rest of a turn when there are hundreds.
    """
    found = OpenAIChatModelSettings()
    found["extra_body"] = {"messages": [{"role": part.role, "content": part.content} for part in messages]}
    if settings.temperature is not None:
        found["temperature"] = settings.temperature
    if settings.max_tokens is not None:
        found["max_tokens"] = settings.max_tokens
    if settings.top_p is not None:
        found["top_p"] = settings.top_p
    if settings.seed is not None:
        found["seed"] = settings.seed
    if settings.stop:
        found["stop_sequences"] = list(settings.stop)
    if settings.effort is not None:
        found["openai_reasoning_effort"] = settings.effort
    return found


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


def _finished(response: StreamedResponse, seconds: float) -> Finished:
    usage = response.usage
    # The library counts a request without reported tokens as one that was not measured.
    reported = None if usage.unmeasured_requests else Usage(usage.input_tokens, usage.output_tokens, seconds)
    return Finished(_STOP_REASONS.get(response.finish_reason, "end_turn"), reported)
