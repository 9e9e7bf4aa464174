"""A remote session's requests: sent with time-outs, again when that may help, and never to where a redirect leads."""

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import attrs

from rejoinder_client.remote_address import RemoteAddress
from rejoinder_client.remote_errors import (
    KEY_HINT,
    RemoteBusy,
    RemoteDenied,
    RemoteError,
    RemoteTimeout,
    RemoteUnreachable,
)

if TYPE_CHECKING:
    import httpx2

_CONNECT_SECONDS = 10.0
_AGAIN = (409, 429, 502, 503, 504)
_LONGEST_REPLY = 32 << 20


@attrs.frozen
class Retries:
    """How often, and after how long: `first` seconds doubled each time, up to `longest`, less a random part of it."""

    most: int = 3
    first: float = 0.5
    longest: float = 20.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int, asked: float | None) -> float:
        """Seconds before the attempt after this one, counted from 0; what the server asks for counts if it is more."""
        backed_off: float = min(self.longest, self.first * 2.0**attempt) * (0.5 + self.chance() / 2)
        return max(backed_off, asked or 0.0)

    def may_go_on(self, attempt: int, error: RemoteError) -> bool:
        """Whether it is worth another attempt; nobody waits for longer than `longest`."""
        passing = isinstance(error, RemoteUnreachable | RemoteTimeout) or error.status in _AGAIN
        return passing and attempt < self.most and (error.retry_after or 0.0) <= self.longest

    async def pause(self, attempt: int, error: RemoteError) -> None:
        """Wait before the next attempt."""
        await asyncio.sleep(self.wait(attempt, error.retry_after))


class RemoteWire:
    """Requests to one server."""

    def __init__(
        self, address: RemoteAddress, key: str | None, *, timeout: float, verify: "ssl.SSLContext | None" = None
    ) -> None:
        self.address = address
        self._key = key
        self._timeout = timeout
        self._verify = verify
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def get(self, url: str) -> tuple[int, str]:
        """The status and the kind of what is at an address. Raises RemoteUnreachable and RemoteTimeout."""
        with _told(self.address):
            reply = await self._http().get(url)
        return reply.status_code, reply.headers.get("content-type", "")

    async def post(self, body: Mapping[str, Any], turn_id: str) -> Any:
        """The JSON of the reply. Raises RemoteError."""
        async with self._reply(body, turn_id, "application/json") as reply:
            content = bytearray()
            async for chunk in reply.aiter_bytes():
                content += chunk
                if len(content) > _LONGEST_REPLY:
                    raise RemoteError("The server's reply is too long.", hint="Ask for less.")
            return _json(bytes(content))

    @contextlib.asynccontextmanager
    async def stream(self, body: Mapping[str, Any], turn_id: str) -> "AsyncGenerator[httpx2.Response, None]":
        """The reply, whose events are still to come. Raises RemoteError."""
        async with self._reply(body, turn_id, "text/event-stream") as reply:
            yield reply

    @contextlib.asynccontextmanager
    async def _reply(
        self, body: Mapping[str, Any], turn_id: str, accept: str
    ) -> "AsyncGenerator[httpx2.Response, None]":
        headers = {"accept": accept, "idempotency-key": turn_id}
        with _told(self.address):
            async with self._http().stream("POST", self.address.url, json=dict(body), headers=headers) as reply:
                if reply.status_code != 200:
                    await _raise(reply, self.address)
                yield reply

    def _http(self) -> "httpx2.AsyncClient":
        if self._client is None:
            # here and not above: whoever has only local sessions does not wait for it
            import httpx2

            self._client = httpx2.AsyncClient(
                headers={} if self._key is None else {"authorization": f"Bearer {self._key}"},
                timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, _CONNECT_SECONDS)),
                follow_redirects=False,
                # what is on this machine is not behind a proxy
                trust_env=not self.address.is_loopback,
                verify=self._verify if self._verify is not None else True,
            )
        return self._client


async def retried(retries: Retries, attempt: Callable[[], Any]) -> Any:
    """What an attempt comes to, made again as long as that may help. Raises the last one's RemoteError."""
    number = 0
    while True:
        try:
            return await attempt()
        except RemoteError as error:
            if not retries.may_go_on(number, error):
                raise
            await retries.pause(number, error)
            number += 1


@contextlib.contextmanager
def _told(address: RemoteAddress) -> Any:
    import httpx2

    try:
        yield
    except httpx2.TimeoutException as error:
        hint = "Look whether the server is there, or give more time with `timeout`."
        raise RemoteTimeout(f"{address.url} does not answer in time.", hint=hint) from error
    except httpx2.TransportError as error:
        hint = "Look at the address, and whether the server is there: `rejoinder serve --http`."
        raise RemoteUnreachable(f"{address.url} cannot be reached: {error}.", hint=hint) from error


async def _raise(reply: "httpx2.Response", address: RemoteAddress) -> None:
    status = reply.status_code
    if reply.is_redirect:
        to = reply.headers.get("location", "another place")
        hint = "Give that address if you trust it: the key is not sent along by itself."
        raise RemoteError(f"{address.url} points to {to}.", hint=hint, status=status)
    said = _error_of(await reply.aread())
    message = str(said.get("message") or f"{address.url} answered with status {status}.")
    hint = str(said.get("hint") or "Look at the address, and at the server's log.")
    if status == 401:  # the server speaks of a header, which nobody here writes
        hint = KEY_HINT
    raise error_for(status, message, hint, _retry_after(reply.headers.get("retry-after")))


def error_for(status: int, message: str, hint: str, retry_after: float | None = None) -> RemoteError:
    """The exception for a reply that is no answer."""
    kinds: dict[int, type[RemoteError]] = {401: RemoteDenied, 403: RemoteDenied, 429: RemoteBusy, 503: RemoteBusy}
    return kinds.get(status, RemoteError)(message, hint=hint, status=status, retry_after=retry_after)


def _error_of(content: bytes) -> Mapping[str, Any]:
    with contextlib.suppress(RemoteError):
        value = _json(content[:100_000])
        error = value.get("error") if isinstance(value, dict) else None
        if isinstance(error, dict):
            return error
    return {}


def _json(content: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(content)
    except ValueError as error:
        hint = "Look at the address: what answers there is no server of remote sessions."
        raise RemoteError("The server's reply is no JSON.", hint=hint) from error


def _retry_after(value: str | None) -> float | None:
    """Seconds, of either form of the header."""
    if value is None:
        return None
    if value.isdecimal():
        return float(value)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None
