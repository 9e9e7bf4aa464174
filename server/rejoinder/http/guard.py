"""What stands before every request: which names the server answers to, how long a reply may take to be taken."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from rejoinder.http.refusals import Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)

_log = logging.getLogger(__name__)


class Guard:
    """Lets through what is meant for this server.

    A page that a browser shows may have its own name point at this machine: its requests carry that name in `Host`, or
    the page's address in `Origin`, and neither is one that this server answers to.
    """

    def __init__(self, app: App, *, hosts: Collection[str], send_seconds: float) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in (*_LOOPBACK, *hosts))
        self._send_seconds = send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def patiently(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            async with asyncio.timeout(self._send_seconds):
                await send(message)

        try:
            self._check(scope)
        except Refused as refused:
            await refuse(refused, patiently)
            return
        try:
            await self._app(scope, receive, patiently)
        except TimeoutError:
            _log.info("a client did not take its reply")
        # nothing else: whatever fails was logged and answered where it failed

    def _check(self, scope: Scope) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if _name_of(host) not in self._hosts:
            hint = "Start the server with --allow-host NAME for each name that it is reached by."
            raise Refused(421, "unknown_host", "This server does not answer to that name.", hint)
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            raise Refused(403, "other_origin", "Pages of other places get no answer.", "Send it from a program.")


async def refuse(refused: Refused, send: Send) -> None:
    """Send a refusal."""
    body = orjson.dumps(refused.wire())
    headers = {"content-type": "application/json", "content-length": str(len(body)), **refused.headers}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _name_of(host: str) -> str:
    """The name in a `Host` header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
