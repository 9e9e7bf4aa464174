"""A session that is reached over HTTP, for programs with an event loop."""

import contextlib
import os
import re
import uuid
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

import attrs

from rejoinder.protocol.types import Citation, Position, Range, StopReason, Usage
from rejoinder.protocol.updates import End, Text
from rejoinder_client.errors import InvalidParams
from rejoinder_client.remote_address import remote_address
from rejoinder_client.remote_errors import KEY_HINT, LocalOnly, RemoteDenied, RemoteError, RemoteUnreachable
from rejoinder_client.remote_events import server_events
from rejoinder_client.remote_wire import RemoteWire, Retries, error_for, retried

if TYPE_CHECKING:
    import ssl

_SESSION_ID = re.compile(r"[A-Za-z0-9_.:@-]{1,64}")
_NOWHERE = Range(Position(0, 0), Position(0, 0))
_STOP_REASONS: tuple[StopReason, ...] = ("end_turn", "cancelled", "max_tokens", "limit", "refusal", "approval")


class RemoteOptions(TypedDict, total=False):
    """What may be said of a remote session.

    `api_key` is what `rejoinder serve --http --new-key NAME` printed; `api_key_env` names the variable that holds it. A
    key goes unencrypted to no other machine, unless `insecure` says that it may. `timeout` (60) is in seconds without a
    byte. A turn is sent up to `retries` (3) times more when that may help, and is answered once only.
    """

    api_key: str | None
    api_key_env: str | None
    session_id: str | None
    user_id: str | None
    timeout: float
    retries: int | Retries
    insecure: bool
    verify: "ssl.SSLContext | None"


@attrs.frozen
class RemoteAnswer:
    """A finished turn; `str()` gives the text. `metadata` is what the server says beside it."""

    text: str
    session_id: str
    metadata: dict[str, Any]

    def __str__(self) -> str:
        return self.text

    @property
    def end(self) -> End:
        """The same as the last update of a stream."""
        usage, reason = self.metadata.get("usage"), self.metadata.get("stop_reason")
        counts = usage if isinstance(usage, dict) else {}
        labels = self.metadata.get("citations")
        return End(
            stop_reason=reason if reason in _STOP_REASONS else "end_turn",
            usage=Usage(_count(counts.get("input_tokens")), _count(counts.get("output_tokens"))),
            citations=[
                Citation("remote:", _NOWHERE, str(label)) for label in (labels if isinstance(labels, list) else ())
            ],
        )


class AsyncRemoteSession:
    """One conversation on another machine, or in another user's process; for `async with`.

    `url` is `HOST:PORT` or a URL: without a scheme it is http on this machine and https anywhere else, without a path
    it is `/agent`. RemoteOptions says what else may be said.
    """

    is_remote = True

    def __init__(
        self,
        url: str,
        **options: Unpack[RemoteOptions],
    ) -> None:
        if unknown := options.keys() - RemoteOptions.__annotations__.keys():
            raise TypeError(f"a remote session has no {', '.join(sorted(unknown))}")
        address = remote_address(url)
        key = _key(options.get("api_key"), options.get("api_key_env"))
        may_be_read = options.get("insecure", False)
        if key is not None and not may_be_read and not (address.is_encrypted or address.is_loopback):
            hint = "Use https, or forward the port by SSH; `insecure=True` sends it all the same."
            raise InvalidParams(f"The key would go to {address.url} unencrypted.", hint=hint)
        session_id = options.get("session_id")
        if session_id is not None and not _SESSION_ID.fullmatch(session_id):
            hint = "Use 1 to 64 letters, digits and `_`, `.`, `:`, `@`, `-`."
            raise InvalidParams(f"{session_id!r:.80} is no ID of a remote session.", hint=hint)
        self.session_id = session_id or f"remote-{uuid.uuid4().hex[:12]}"
        """The exact ID; of no other user's session."""
        self.user_id = options.get("user_id")
        """Who speaks here; None is whom the key stands for."""
        timeout, retries = options.get("timeout", 60.0), options.get("retries", 3)
        self._wire = RemoteWire(address, key, timeout=timeout, verify=options.get("verify"))
        self._retries = retries if isinstance(retries, Retries) else Retries(retries)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        await self._wire.close()

    @property
    def url(self) -> str:
        """Where turns are sent to."""
        return self._wire.address.url

    async def run(self, text: str, *, turn_id: str | None = None) -> RemoteAnswer:
        """Send a text and wait for the answer. The same `turn_id` again gets the first answer."""
        sent = turn_id or uuid.uuid4().hex
        value = await retried(self._retries, lambda: self._wire.post(self._body(text), sent))
        return self._answer(value)

    async def chat(self, message: str) -> str:
        """Send a message; the answer's text."""
        return (await self.run(message)).text

    async def send_message(self, message: str) -> str:
        """The same as `chat`."""
        return await self.chat(message)

    async def stream(self, text: str, *, turn_id: str | None = None) -> AsyncGenerator[Text | End, None]:
        """Send a text and get the answer as it comes, `End` last.

        When the connection breaks, the rest of the same answer is asked for, once more and again.
        """
        sent = turn_id or uuid.uuid4().hex
        told = ""
        attempt = 0
        while True:
            try:
                async with contextlib.aclosing(self._streamed(text, sent, told)) as updates:
                    async for update in updates:
                        yield update
                        if isinstance(update, End):
                            return
                        told += update.text
                raise RemoteUnreachable(f"{self.url} broke off.", hint="Ask again.")
            except RemoteError as error:
                if not self._retries.may_go_on(attempt, error):
                    raise
                await self._retries.pause(attempt, error)
                attempt += 1

    async def test_connection(self) -> bool:
        """Whether the server is there and takes the key; `check_connection` says what is wrong."""
        try:
            await self.check_connection()
        except RemoteError:
            return False
        return True

    async def test_remote_connection(self) -> bool:
        """The same as `test_connection`."""
        return await self.test_connection()

    async def check_connection(self) -> None:
        """Ask the server whether it is there and takes the key. Raises RemoteError."""
        for url in self._wire.address.health_urls:
            status, kind = await self._wire.get(url)
            if status == 200 and "json" in kind:
                return
            if status in (401, 403):
                raise RemoteDenied(f"{self.url} does not take the key.", hint=KEY_HINT, status=status)
        hint = "Look at the address, and whether it is that of `rejoinder serve --http`."
        raise RemoteUnreachable(f"No server of remote sessions answers at {self.url}.", hint=hint, status=status)

    async def _streamed(self, text: str, turn_id: str, told: str) -> AsyncGenerator[Text | End, None]:
        """One attempt at a stream, without what was told before."""
        skip = len(told)
        seen = ""
        async with self._wire.stream(self._body(text), turn_id) as reply:
            if not reply.headers.get("content-type", "").startswith("text/event-stream"):
                # a server that knows no events answers as a whole
                answer = self._answer(_decoded(await reply.aread()))
                yield Text(answer.text[skip:])
                yield answer.end
                return
            async for event in server_events(reply.aiter_lines()):
                if event.name == "text":
                    piece = str(event.data.get("text", ""))
                    seen += piece
                    new = seen[max(skip, len(seen) - len(piece)) :]
                    if new:
                        yield Text(new)
                elif event.name == "done":
                    answer = self._answer(event.data)
                    if rest := answer.text[max(skip, len(seen)) :]:
                        yield Text(rest)
                    yield answer.end
                    return
                elif event.name == "error":
                    raise _error_of_event(event.data)

    def _body(self, text: str) -> dict[str, Any]:
        context = {"session_id": self.session_id}
        if self.user_id is not None:
            context["user_id"] = self.user_id
        return {"messages": [{"role": "user", "content": text}], "context": context}

    def _answer(self, value: Any) -> RemoteAnswer:
        if not isinstance(value, dict) or not isinstance(value.get("response"), str):
            hint = "Look at the address: what answers there is no server of remote sessions."
            raise RemoteError("The server's reply holds no response.", hint=hint)
        metadata = value.get("metadata")
        return RemoteAnswer(
            value["response"],
            str(value.get("session_id") or self.session_id),
            metadata if isinstance(metadata, dict) else {},
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise local_only(name, self)


def local_only(name: str, session: object) -> AttributeError:
    """What is said when something is asked of a remote session that only a local one can do."""
    from rejoinder_client.async_session import AsyncSession

    if name.startswith("_") or not hasattr(AsyncSession, name):
        return AttributeError(f"{type(session).__name__!r} object has no attribute {name!r}")
    hint = "Use `run`, `chat`, `stream` here, and a local `Session` for all else."
    return LocalOnly(f"A remote session has no `{name}`: only a local one can do that.", hint=hint)


def _key(given: str | None, variable: str | None) -> str | None:
    if given is not None and variable is not None:
        raise TypeError("give the key, or the name of the variable that holds it")
    key = os.environ.get(variable) if variable is not None else given
    if variable is not None and not key:
        raise InvalidParams(f"The variable {variable} holds no key.", hint=KEY_HINT)
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        raise InvalidParams("The key holds signs that no key has.", hint="Copy it once more, without line breaks.")
    return key


def _error_of_event(data: Any) -> RemoteError:
    fields = data if isinstance(data, dict) else {}
    error = fields.get("error")
    said = error if isinstance(error, dict) else {}
    status = fields.get("status")
    message, hint = str(said.get("message", "The server failed.")), str(said.get("hint", ""))
    return error_for(status if isinstance(status, int) else 500, message, hint)


def _decoded(content: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(content)
    except ValueError:
        return None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
