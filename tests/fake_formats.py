"""The event streams of three providers' APIs, each chosen by the request's path."""

from typing import Any

import attrs
import orjson

Sent = tuple[str | None, bytes]
"""An event's name, if the format has names, and its data."""


@attrs.frozen
class Counts:
    """Tokens that a reply tells of."""

    prompt: int
    completion: int
    cached: int = 0


class OpenAiFormat:
    """Chat completions."""

    chunk = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1700000000, "model": "fake"}

    def begin(self, counts: Counts) -> list[Sent]:
        """What comes first."""
        return []

    def piece(self, text: str, *, thought: bool) -> list[Sent]:
        """A piece of the answer or of the thoughts."""
        return [self._choice({"reasoning_content" if thought else "content": text}, None)]

    def call(self, index: int, call_id: str, name: str, args: str) -> list[Sent]:
        """A call of a tool, its arguments in two pieces."""
        begun = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
        cut = len(args) // 2
        pieces = [{"index": index, "function": {"arguments": part}} for part in (args[:cut], args[cut:])]
        return [self._choice({"tool_calls": [piece]}, None) for piece in (begun, *pieces)]

    def finish(self, reason: str) -> list[Sent]:
        """The end of the answer."""
        return [self._choice({}, reason)]

    def usage(self, counts: Counts) -> list[Sent]:
        """The tokens."""
        told: dict[str, Any] = {
            "prompt_tokens": counts.prompt,
            "completion_tokens": counts.completion,
            "total_tokens": counts.prompt + counts.completion,
        }
        if counts.cached:
            told["prompt_tokens_details"] = {"cached_tokens": counts.cached}
        return [(None, orjson.dumps({**self.chunk, "choices": [], "usage": told}))]

    def done(self) -> list[Sent]:
        """The last event."""
        return [(None, b"[DONE]")]

    def error(self, message: str, status: int) -> bytes:
        """The body of an error."""
        return orjson.dumps({"error": {"message": message, "type": "invalid_request_error", "code": None}})

    def _choice(self, delta: dict[str, Any], finish: str | None) -> Sent:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return None, orjson.dumps({**self.chunk, "choices": [choice]})


class AnthropicFormat:
    """Messages."""

    _KINDS = {
        400: "invalid_request_error",
        401: "authentication_error",
        404: "not_found_error",
        429: "rate_limit_error",
        529: "overloaded_error",
    }
    _REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"}

    def __init__(self) -> None:
        self._index = -1
        self._kind = ""
        self._completion = 0

    def begin(self, counts: Counts) -> list[Sent]:
        """The message's head, with the tokens of the prompt."""
        self._completion = counts.completion
        usage = {
            "input_tokens": counts.prompt - counts.cached,
            "output_tokens": 1,
            "cache_read_input_tokens": counts.cached,
            "cache_creation_input_tokens": 0,
        }
        message = {"id": "msg_fake", "type": "message", "role": "assistant", "content": [], "model": "fake"}
        return [
            _named("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
        ]

    def piece(self, text: str, *, thought: bool) -> list[Sent]:
        """A piece of a block, which is begun where the kind changes."""
        kind = "thinking" if thought else "text"
        begun = [] if kind == self._kind else self._begun(kind)
        delta = {"type": f"{kind}_delta", kind: text}
        return [*begun, _named("content_block_delta", index=self._index, delta=delta)]

    def call(self, index: int, call_id: str, name: str, args: str) -> list[Sent]:
        """A block that calls a tool, its arguments in two pieces."""
        begun = self._begun("tool_use", id=call_id, name=name, input={})
        cut = len(args) // 2
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in (args[:cut], args[cut:])]
        return [*begun, *(_named("content_block_delta", index=self._index, delta=delta) for delta in deltas)]

    def finish(self, reason: str) -> list[Sent]:
        """The end of the last block and of the message."""
        delta = {"stop_reason": self._REASONS.get(reason, reason), "stop_sequence": None}
        return [*self._ended(), _named("message_delta", delta=delta, usage={"output_tokens": self._completion})]

    def usage(self, counts: Counts) -> list[Sent]:
        """It came with the beginning and the end."""
        return []

    def done(self) -> list[Sent]:
        """The last event."""
        return [_named("message_stop")]

    def error(self, message: str, status: int) -> bytes:
        """The body of an error."""
        kind = self._KINDS.get(status, "api_error")
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})

    def _begun(self, kind: str, **more: Any) -> list[Sent]:
        ended = self._ended()
        self._index, self._kind = self._index + 1, kind
        fields = {"thinking": {"thinking": "", "signature": ""}, "text": {"text": ""}}
        block = {"type": kind, **fields.get(kind, {}), **more}
        return [*ended, _named("content_block_start", index=self._index, content_block=block)]

    def _ended(self) -> list[Sent]:
        return [_named("content_block_stop", index=self._index)] if self._kind else []


class GoogleFormat:
    """Generated content."""

    _REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY", "tool_calls": "STOP"}
    _STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}

    def begin(self, counts: Counts) -> list[Sent]:
        """What comes first."""
        return []

    def piece(self, text: str, *, thought: bool) -> list[Sent]:
        """A part of the answer or of the thoughts."""
        return [self._candidate([{"text": text, **({"thought": True} if thought else {})}])]

    def call(self, index: int, call_id: str, name: str, args: str) -> list[Sent]:
        """A part that calls a tool, with the signature that is wanted back."""
        part = {"functionCall": {"id": call_id, "name": name, "args": orjson.loads(args)}}
        return [self._candidate([{**part, **({"thoughtSignature": "c2lnbmVk"} if index == 0 else {})}])]

    def finish(self, reason: str) -> list[Sent]:
        """The end of the answer."""
        return [self._candidate([{"text": ""}], finishReason=self._REASONS.get(reason, reason))]

    def usage(self, counts: Counts) -> list[Sent]:
        """The tokens."""
        told = {
            "promptTokenCount": counts.prompt,
            "candidatesTokenCount": counts.completion,
            "cachedContentTokenCount": counts.cached,
            "totalTokenCount": counts.prompt + counts.completion,
        }
        return [(None, orjson.dumps({"usageMetadata": told, "modelVersion": "fake"}))]

    def done(self) -> list[Sent]:
        """There is no last event."""
        return []

    def error(self, message: str, status: int) -> bytes:
        """The body of an error."""
        return orjson.dumps(
            {"error": {"code": status, "message": message, "status": self._STATUSES.get(status, "INTERNAL")}}
        )

    def _candidate(self, parts: list[dict[str, Any]], **more: Any) -> Sent:
        candidate = {"index": 0, "content": {"role": "model", "parts": parts}, **more}
        return None, orjson.dumps({"candidates": [candidate], "modelVersion": "fake"})


Format = OpenAiFormat | AnthropicFormat | GoogleFormat


def format_of(path: str) -> Format:
    """The format that a request's path asks for."""
    if "/messages" in path:
        return AnthropicFormat()
    return GoogleFormat() if "enerateContent" in path else OpenAiFormat()


def model_list(path: str, names: tuple[str, ...]) -> bytes:
    """A list of models as the API of a path gives it."""
    if path.startswith("/v1beta/"):
        return orjson.dumps({"models": [{"name": f"models/{name}"} for name in names]})
    return orjson.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def _named(name: str, **fields: Any) -> Sent:
    return name, orjson.dumps({"type": name, **fields})
