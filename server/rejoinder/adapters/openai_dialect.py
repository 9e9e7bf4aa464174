"""The OpenAI API's chat completions, which most other servers speak too."""

from collections.abc import Sequence
from typing import Any

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.messages import ModelMessage, ModelRequest, UserPromptPart
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from rejoinder.adapters.event_stream import join_events
from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import timeout_of
from rejoinder.adapters.request_settings import HEADERS, put_settings, quiet_headers
from rejoinder.domain.assembly import in_one_voice
from rejoinder.domain.prompt import ModelSettings, Prompt, PromptMessage
from rejoinder.domain.tool_messages import args_text

_OPENAI_HEADERS = HEADERS | {"openai-organization", "openai-project"}
_NO_KEY = "none"


def open_model(endpoint: Endpoint, client: httpx2.AsyncClient) -> OpenAIChatModel:
    """The library's model of an endpoint. The client may be shared with other models of the same server."""
    if join_events not in client.event_hooks["response"]:
        client.event_hooks["response"] = [*client.event_hooks["response"], join_events]
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


def request_of(prompt: Prompt, settings: ModelSettings) -> tuple[list[ModelMessage], OpenAIChatModelSettings]:
    """The library's messages and settings; the prompt's messages are in the settings, in their order and roles.

    What goes by `extra_body` takes the place of what the library would send. Given to it as messages, each would be
    looked at type by type, which takes longer than all the rest of a turn when there are hundreds.
    """
    found = OpenAIChatModelSettings()
    put_settings(found, settings)
    messages = in_one_voice(prompt.messages)
    body: dict[str, Any] = {"messages": [_message(part) for part in messages], **_tools(prompt)}
    found["extra_body"] = body
    if settings.seed is not None:
        found["seed"] = settings.seed
    if settings.effort is not None:
        found["openai_reasoning_effort"] = settings.effort
    if prompt.schema is not None:
        shape = {"type": "json_schema", "json_schema": {"name": "answer", "schema": prompt.schema}}
        body["response_format"] = shape
    asked: Sequence[ModelMessage] = [ModelRequest(parts=[UserPromptPart(prompt.question)])]
    return list(asked), found


def _tools(prompt: Prompt) -> dict[str, Any]:
    """The tools, as they are declared; the library would rewrite their schemas."""
    tools = [
        {"name": spec.name, "description": spec.description, "parameters": spec.parameters} for spec in prompt.tools
    ]
    return {"tools": [{"type": "function", "function": tool} for tool in tools]} if tools else {}


def _message(part: PromptMessage) -> dict[str, Any]:
    if part.role == "tool":
        return {"role": "tool", "tool_call_id": part.calls[0].call_id, "content": part.content}
    if not part.calls:
        return {"role": part.role, "content": _content(part)}
    calls = [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": args_text(call)}}
        for call in part.calls
    ]
    return {"role": part.role, "content": part.content or None, "tool_calls": calls}


def _content(part: PromptMessage) -> str | list[dict[str, Any]]:
    """A message's text, with its images before it where it has some."""
    if not part.images:
        return part.content
    urls = [f"data:{image.mime_type};base64,{image.base64}" for image in part.images]
    pictures: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return [*pictures, {"type": "text", "text": part.content}]


class _QuietOpenAI(AsyncOpenAI):
    """The library's client without retries of its own, and without headers that nobody asked for."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient) -> None:
        super().__init__(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key or _NO_KEY,
            http_client=client,
            timeout=timeout_of(endpoint),
            max_retries=0,
        )
        self._allowed_headers = _OPENAI_HEADERS if endpoint.provider == "openai" else HEADERS
        self._authorization = f"Bearer {endpoint.api_key}" if endpoint.api_key else None

    async def _prepare_request(self, request: httpx2.Request) -> None:
        headers = quiet_headers(request, self._allowed_headers)
        if self._authorization:
            headers["authorization"] = self._authorization
        request.headers = httpx2.Headers(headers)
