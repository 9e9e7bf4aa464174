"""Google's Gemini API. Importing this needs the extra `google`."""

import httpx2
from google.genai.client import Client
from google.genai.types import HttpOptions
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings
from pydantic_ai.providers.google import GoogleProvider

from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import CONNECT_TIMEOUT
from rejoinder.adapters.request_settings import HEADERS, put_settings, quiet_headers
from rejoinder.domain.assembly import in_one_voice
from rejoinder.domain.prompt import ModelSettings, Prompt, PromptMessage

_HEADERS = HEADERS | {"x-goog-api-key"}


def open_model(endpoint: Endpoint, client: httpx2.AsyncClient) -> GoogleModel:
    """The library's model of an endpoint."""
    if _quiet not in client.event_hooks["request"]:
        client.event_hooks["request"] = [*client.event_hooks["request"], _quiet]
    # the library gives one number of seconds for all; connecting has its own
    client.timeout = httpx2.Timeout(endpoint.timeout, connect=min(endpoint.timeout, CONNECT_TIMEOUT))
    options = HttpOptions(base_url=endpoint.base_url, httpx_async_client=client, timeout=int(endpoint.timeout * 1000))
    google = Client(vertexai=False, api_key=endpoint.api_key or "none", http_options=options)
    return GoogleModel(endpoint.name, provider=GoogleProvider(client=google))


def request_of(prompt: Prompt, settings: ModelSettings) -> tuple[list[ModelMessage], GoogleModelSettings]:
    """The library's messages and settings. Prefixes are cached by the provider itself, without marks."""
    found = GoogleModelSettings()
    put_settings(found, settings)
    if settings.seed is not None:
        found["seed"] = settings.seed
    if settings.effort is not None:
        found["thinking"] = settings.effort
    return _messages(prompt), found


def _messages(prompt: Prompt) -> list[ModelMessage]:
    """The library's messages; the results of calls that were made together stand together."""
    messages: list[ModelMessage] = []
    for part in in_one_voice(prompt.messages):
        last = messages[-1] if messages else None
        if part.role == "tool" and isinstance(last, ModelRequest) and isinstance(last.parts[0], ToolReturnPart):
            messages[-1] = ModelRequest(parts=[*last.parts, _result(part)])
        else:
            messages.append(_message(part))
    return messages


def _calls(part: PromptMessage) -> list[ToolCallPart]:
    return [
        ToolCallPart(call.name, call.args, call.call_id, provider_name="google", provider_details=call.kept)
        for call in part.calls
    ]


def _result(part: PromptMessage) -> ToolReturnPart:
    return ToolReturnPart(part.calls[0].name, part.content, part.calls[0].call_id)


def _message(part: PromptMessage) -> ModelMessage:
    if part.role == "tool":
        return ModelRequest(parts=[_result(part)])
    if part.calls:
        text = [TextPart(part.content)] if part.content.strip() else []
        return ModelResponse(parts=[*text, *_calls(part)])
    if part.role == "assistant":
        return ModelResponse(parts=[TextPart(part.content)])
    if part.role == "system":
        return ModelRequest(parts=[SystemPromptPart(part.content)])
    if not part.images:
        return ModelRequest(parts=[UserPromptPart(part.content)])
    pictures = [BinaryContent(image.data, media_type=image.mime_type) for image in part.images]
    return ModelRequest(parts=[UserPromptPart([*pictures, part.content])])


async def _quiet(request: httpx2.Request) -> None:
    """Take off the headers that nobody asked for."""
    request.headers = httpx2.Headers(quiet_headers(request, _HEADERS))
