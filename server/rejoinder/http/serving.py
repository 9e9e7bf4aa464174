"""The resources of the server: `/agent`, `/health`, `/openapi.json`."""

import asyncio
import contextlib
import logging
import re
import time
import uuid
from collections.abc import AsyncGenerator, Callable

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from rejoinder.domain.errors import InvalidInput
from rejoinder.http.keys import Key, KeyRing
from rejoinder.http.limits import Limits, Places, Rate
from rejoinder.http.openapi import document
from rejoinder.http.refusals import Refused, going_away, refusal_for, unexpected
from rejoinder.http.shapes import ChatResponse, read_request
from rejoinder.http.turns import Dial, Event, Finished, Piece, RemoteTurn, address_of, refuse_sessions
from rejoinder_client import RejoinderError

_BEARER = re.compile(r"(?i)bearer[ ]+(\S{1,512})[ ]*")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")
_SSE = "text/event-stream"
_PATIENCE = 5.0
"""Seconds in which a turn's failure still has a status of its own; after that a stream begins, and tells of it."""

_log = logging.getLogger(__name__)


class Serving:
    """What is served, and the turns that run."""

    def __init__(
        self, keys: KeyRing, dial: Dial, limits: Limits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._dial = dial
        self._limits = limits
        self._rate = Rate(limits.requests_a_minute, clock)
        self._refusals = Rate(limits.refusals_a_minute, clock)
        self._places = Places(limits)
        self._running: dict[RemoteTurn, asyncio.Task[None]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.ending = False
        """Whether no new turn is taken."""

    async def health(self, request: Request) -> Response:
        """Whether turns are taken; with a key, also whether that counts."""
        if "authorization" in request.headers or "x-api-key" in request.headers:
            self._key(request)
        return _json({"status": "ending" if self.ending else "ok"})

    async def openapi(self, request: Request) -> Response:
        """What can be asked, and what is answered."""
        return _json(document(self._limits))

    async def agent(self, request: Request) -> Response:
        """One turn."""
        key = self._key(request)
        self._rate.take(key.name)
        streamed = _wants_stream(request)
        idempotency_key = _idempotency_key(request)
        asked = read_request(await self._body(request))
        refuse_sessions(asked.question)
        address = address_of(key, asked, idempotency_key)
        if self.ending:
            raise going_away()
        free = self._places.take(key.name)
        turn = self._begin(RemoteTurn(self._dial, address, asked, on_end=free))
        return await (self._stream(turn) if streamed else self._whole(turn, request))

    async def end(self) -> None:
        """Take no new turns, and wait for those that run; stop what runs on after the grace."""
        self.ending = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), self._limits.grace_seconds)
        for turn in list(self._running):
            turn.stop()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _key(self, request: Request) -> Key:
        """Whose request it is. Raises Refused."""
        bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
        presented = bearer[1] if bearer else request.headers.get("x-api-key", "")
        try:
            key = self._keys.find(presented) if presented else None
        except InvalidInput as error:
            _log.error("no key counts: %s %s", error.message, error.hint)
            key = None
        if key is None:
            self._refusals.take(request.client.host if request.client else "")
            raise Refused(401, "unauthorized", "The key is missing or wrong.", "Send `Authorization: Bearer KEY`.")
        return key

    async def _body(self, request: Request) -> bytes:
        """The request's body. Raises Refused for one that is no JSON, too large, or too slow."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, "not_json", "The body is to be JSON.", "Send `Content-Type: application/json`.")
        most = self._limits.body_bytes
        announced = request.headers.get("content-length", "0")
        received = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                if not announced.isdecimal() or int(announced) > most:
                    raise _too_large(most)
                async for chunk in request.stream():
                    received += chunk
                    if len(received) > most:
                        raise _too_large(most)
        except TimeoutError:
            raise Refused(408, "too_slow", "The body did not come in time.", "Send it again.") from None
        return bytes(received)

    def _begin(self, turn: RemoteTurn) -> RemoteTurn:
        """Run it to its end, which may come long after its request."""
        task = asyncio.create_task(turn.run(), name=f"remote turn {turn.address.turn_id}")
        self._running[turn] = task
        self._idle.clear()

        def ended(_: "asyncio.Task[None]") -> None:
            del self._running[turn]
            if not self._running:
                self._idle.set()

        task.add_done_callback(ended)
        return turn

    async def _whole(self, turn: RemoteTurn, request: Request) -> Response:
        """The answer as a whole. When the client goes away, nobody waits for it here."""
        gone = asyncio.create_task(_until_gone(request))
        answer = asyncio.create_task(_finished(turn))
        try:
            await asyncio.wait({gone, answer}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientDisconnect
            return _json(_wire(turn, _told(await answer)))
        finally:
            gone.cancel()
            answer.cancel()
            turn.leave()

    async def _stream(self, turn: RemoteTurn) -> Response:
        """The answer as it comes. What fails at once is told by the status, as without a stream."""
        first: Event | None = None
        with contextlib.suppress(TimeoutError):
            first = await asyncio.wait_for(turn.next_event(), _PATIENCE)
        if isinstance(first, Exception):
            _told(first)
        return _EventResponse(turn, self._events(turn, first))

    async def _events(self, turn: RemoteTurn, event: Event | None) -> AsyncGenerator[bytes, None]:
        while event is None or isinstance(event, Piece):
            yield _event("text", {"text": event.text}) if event is not None else b": waiting\n\n"
            event = await self._next(turn)
        yield _last_event(turn, event)

    async def _next(self, turn: RemoteTurn) -> Event | None:
        """The next event; None when a sign of life is due before it."""
        try:
            return await asyncio.wait_for(turn.next_event(), self._limits.beat_seconds)
        except TimeoutError:
            return None


class _EventResponse(StreamingResponse):
    """Events, until the turn or its client has gone."""

    def __init__(self, turn: RemoteTurn, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, media_type=_SSE)
        self._turn = turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._turn.leave()


async def _finished(turn: RemoteTurn) -> Event:
    while isinstance(event := await turn.next_event(), Piece):
        pass
    return event


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _told(event: Event) -> Finished:
    """The finished turn. Raises Refused for what it failed with; the log says what is ours."""
    if isinstance(event, Finished):
        return event
    if isinstance(event, Refused):
        raise event
    known = refusal_for(event) if isinstance(event, RejoinderError) else None
    if known is None:
        known = failed(event if isinstance(event, Exception) else RuntimeError("no end"))
    raise known


def failed(error: Exception) -> Refused:
    """What a client is told of a fault of ours, which is logged."""
    correlation_id = uuid.uuid4().hex[:12]
    _log.error("%s: a request failed", correlation_id, exc_info=error)
    return unexpected(correlation_id)


def _last_event(turn: RemoteTurn, event: Event) -> bytes:
    try:
        return _event("done", _wire(turn, _told(event)))
    except Refused as refused:
        return _event("error", {**refused.wire(), "status": refused.status})


def _wire(turn: RemoteTurn, finished: Finished) -> dict[str, object]:
    response = ChatResponse(response=finished.text, session_id=turn.address.session_id, metadata=finished.metadata)
    return response.model_dump()


def _event(name: str, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


def _wants_stream(request: Request) -> bool:
    """Whether the client takes events. Raises Refused for one that takes neither of the two forms."""
    accepted = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "*/*").split(",")]
    if _SSE in accepted:
        return True
    if not {"application/json", "application/*", "*/*", ""} & set(accepted):
        hint = f"Accept `application/json`, or `{_SSE}` for an answer as it comes."
        raise Refused(406, "not_acceptable", "The answer has no such form.", hint)
    return False


def _idempotency_key(request: Request) -> str | None:
    given = request.headers.get("idempotency-key")
    if given is not None and not _IDEMPOTENCY_KEY.fullmatch(given):
        hint = "Send 1 to 200 printable ASCII characters without spaces."
        raise Refused(422, "invalid", "Idempotency-Key: it is none.", hint)
    return given


def _too_large(most: int) -> Refused:
    return Refused(413, "too_large", f"The body has more than {most} bytes.", "Send less.")
