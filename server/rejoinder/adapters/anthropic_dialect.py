"""Anthropic's Messages API. Importing this needs the extra `anthropic`."""

import re
from typing import Any

import httpx2
from anthropic import AsyncAnthropic
from pydantic_ai.messages import ModelMessage, ModelRequest, UserPromptPart
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider

from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import timeout_of
from rejoinder.adapters.request_settings import HEADERS, put_settings, quiet_headers
from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.images import Image
from rejoinder.domain.prompt import ModelSettings, Prompt, PromptMessage

_HEADERS = HEADERS | {"authorization", "x-api-key", "anthropic-version", "anthropic-beta"}
_CACHED = {"type": "ephemeral"}


def open_model(endpoint: Endpoint, client: httpx2.AsyncClient) -> AnthropicModel:
    """The library's model of an endpoint."""
    anthropic = _QuietAnthropic(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or "",
        http_client=client,
        timeout=timeout_of(endpoint),
        max_retries=0,
    )
    return AnthropicModel(endpoint.name, provider=AnthropicProvider(anthropic_client=anthropic))


def request_of(prompt: Prompt, settings: ModelSettings) -> tuple[list[ModelMessage], AnthropicModelSettings]:
    """The library's messages and settings; the prompt itself goes past the library, as in the OpenAI dialect.

    The system prompt and the last message that will be there in the next turn too are marked for the provider's
    cache, so that the next turn pays in full only for what is new.
    """
    found = AnthropicModelSettings()
    put_settings(found, settings)
    system = [part for part in prompt.messages if part.role == "system"]
    spoken = [part for part in prompt.messages if part.role != "system"]
    stable = sum(part.role != "system" for part in prompt.messages[: prompt.stable])
    found["extra_body"] = {
        "system": _blocks(system, marked=len(system) - 1),
        "messages": _turns(spoken, marked=stable - 1),
        **_tools(prompt),
    }
    if settings.effort is not None:
        found["thinking"] = settings.effort
    return [ModelRequest(parts=[UserPromptPart(prompt.question)])], found


class _QuietAnthropic(AsyncAnthropic):
    """The library's client without headers that nobody asked for."""

    async def _prepare_request(self, request: httpx2.Request) -> None:
        request.headers = httpx2.Headers(quiet_headers(request, _HEADERS))


def _turns(messages: list[PromptMessage], *, marked: int) -> list[dict[str, Any]]:
    """Messages in which the roles take turns; what follows in the same role is a block of the same message."""
    turns: list[dict[str, Any]] = []
    for message, block in zip(messages, _blocks(messages, marked=marked), strict=True):
        role = "assistant" if message.role == "assistant" else "user"
        content = [*map(_picture, message.images), *_blocks_of(message, block)]
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += content
        else:
            turns.append({"role": role, "content": content})
    return turns


def _blocks_of(message: PromptMessage, block: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's text with its calls, or what a call came to. Thoughts go back with the calls that they led to."""
    if message.role == "tool":
        mark = {"cache_control": block.pop("cache_control")} if "cache_control" in block else {}
        return [{"type": "tool_result", "tool_use_id": _id(message.calls[0]), "content": [block], **mark}]
    if not message.calls:
        return [block]
    thoughts = [thought for call in message.calls for thought in (call.kept or {}).get("thoughts", ())]
    calls = [{"type": "tool_use", "id": _id(call), "name": call.name, "input": call.args} for call in message.calls]
    return [*thoughts, *([block] if message.content.strip() else []), *calls]


def _id(call: ToolCall) -> str:
    """A call's ID with the characters that the API takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", call.call_id)


def _tools(prompt: Prompt) -> dict[str, Any]:
    tools = [
        {"name": spec.name, "description": spec.description, "input_schema": spec.parameters} for spec in prompt.tools
    ]
    return {"tools": tools} if tools else {}


def _picture(image: Image) -> dict[str, Any]:
    source = {"type": "base64", "media_type": image.mime_type, "data": image.base64}
    return {"type": "image", "source": source}


def _blocks(messages: list[PromptMessage], *, marked: int) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": message.content} for message in messages]
    if 0 <= marked < len(blocks):
        blocks[marked]["cache_control"] = _CACHED
    return blocks
