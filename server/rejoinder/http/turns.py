"""A turn of a remote session: its own connection to the engine, and what is told of it."""

import asyncio
import hashlib
import socket
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any

from rejoinder.declared import frozen
from rejoinder.domain.mentions import SessionMention, find_mentions
from rejoinder.domain.redaction import Redactor
from rejoinder.http.keys import Key
from rejoinder.http.masking import StreamMask
from rejoinder.http.refusals import Refused, going_away
from rejoinder.http.shapes import Asked
from rejoinder.protocol.projects import CONFIG
from rejoinder.protocol.updates import End, Started, Text, Update
from rejoinder_client import AsyncClient, ChatOptions, Message, RejoinderError, Streams
from rejoinder_client.errors import InvalidParams, SessionNotFound
from rejoinder_client.streams import open_dialed

Dial = Callable[[], tuple[socket.socket, bytes]]
"""Connects to the engine, which it starts if need be; the socket, and what has come over it already. It may block."""


@frozen
class Address:
    """Where a turn belongs. `session_id` is what the client calls it."""

    key: Key
    session_id: str
    turn_id: str

    @property
    def own_session_id(self) -> str:
        """The session's ID in the engine: no two users have one of the same name, for no user's has a colon."""
        return f"{self.key.user_id}:{self.session_id}"


def address_of(key: Key, asked: Asked, idempotency_key: str | None) -> Address:
    """Where a request belongs. Raises Refused for a user that the key does not stand for.

    What a client calls a turn counts for its user and session alone.
    """
    if asked.user_id is not None and asked.user_id != key.user_id:
        hint = "Leave out `user_id`, or name the user whom the key stands for."
        raise Refused(403, "other_user", "The key stands for another user.", hint)
    if idempotency_key is None:
        return Address(key, asked.session_id or f"http-{uuid.uuid4().hex[:16]}", f"http-{uuid.uuid4().hex}")
    session_id = asked.session_id or f"http-{_hash(key.user_id, idempotency_key)[:16]}"
    return Address(key, session_id, f"http-{_hash(key.user_id, session_id, idempotency_key)}")


def refuse_sessions(question: str) -> None:
    """Raise Refused when a text mentions a session: it may be somebody else's."""
    if any(isinstance(mention, SessionMention) for mention in find_mentions(question)):
        hint = "Leave out `#session:…`; say what it is about."
        raise Refused(422, "not_understood", "Other sessions cannot be mentioned here.", hint)


@frozen
class Piece:
    """More of the answer."""

    text: str


@frozen
class Finished:
    """The whole answer."""

    text: str
    metadata: dict[str, Any]


Event = Piece | Finished | Exception


class RemoteTurn:
    """One turn. Events come by `events`; the last is Finished or what it failed with."""

    def __init__(self, dial: Dial, address: Address, asked: Asked, *, on_end: Callable[[], None]) -> None:
        self.address = address
        self._on_end = on_end
        self._dial = dial
        self._asked = asked
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._client: AsyncClient | None = None
        self._streams: Streams | None = None
        self._connected = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        self._ended = False
        self._told_all = False

    async def run(self) -> None:
        """See the turn through, whether anybody listens or not."""
        try:
            async for event in self._answer():
                self._put(event)
        except Exception as error:
            self._put(error)
        finally:
            self._connected.set()

    async def next_event(self) -> Event:
        """The next event."""
        event = await self._events.get()
        self._told_all = not isinstance(event, Piece)
        return event

    def leave(self) -> None:
        """Nobody listens any more: a turn that runs goes on or ends, as the setting `onDisconnect` says."""
        if not self._told_all and self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())

    def stop(self) -> None:
        """The server ends: the client is told so, and the engine is left."""
        self._put(going_away())
        self._hang_up()

    async def _leave(self) -> None:
        await self._connected.wait()
        try:
            client = self._client
            settings = (await client.request(CONFIG)).settings if client is not None else []
            goes_on = any(each.key == "onDisconnect" and each.value == "continue" for each in settings)
        except RejoinderError:
            goes_on = False
        if not goes_on:
            self._hang_up()

    def _put(self, event: Event) -> None:
        if not self._ended:
            self._ended = not isinstance(event, Piece)
            if self._ended:
                self._on_end()
            self._events.put_nowait(event)

    def _hang_up(self) -> None:
        """End the connection without a word, as a client does that dies; the engine knows what that means."""
        if self._streams is not None:
            self._streams.writer.transport.abort()

    async def _connect(self) -> Streams:
        self._streams = await open_dialed(self._dial)
        return self._streams

    async def _answer(self) -> AsyncGenerator[Event, None]:
        key = self.address.key
        async with AsyncClient(self._connect(), folders=[key.project] if key.project else []) as client:
            self._client = client
            self._connected.set()
            await self._begin_session(client)
            async for event in self._told(client):
                yield event

    async def _told(self, client: AsyncClient) -> AsyncGenerator[Event, None]:
        mask = StreamMask(self._asked.question)
        text, model, end = "", None, None
        async for update in self._updates(client):
            if isinstance(update, Started):
                model = update.model
            elif isinstance(update, Text) and model is not None and (told := mask.add(update.text)):
                text += told
                yield Piece(told)
            elif isinstance(update, End):
                end = update
        if end is None:
            raise RuntimeError("the turn has no end")
        if model is None and end.message_id is not None:
            # whoever comes when it runs, or has run, may not see all of its updates
            stored = await client.chat(self._asked.question, session_id=self.address.own_session_id, **self._options())
            text, model = mask.add(stored.text), stored.model
            if text:
                yield Piece(text)
        if rest := mask.rest():
            text += rest
            yield Piece(rest)
        yield self._finished(text, end, model)

    def _updates(self, client: AsyncClient) -> AsyncGenerator[Update, None]:
        return client.chat_stream(self._asked.question, session_id=self.address.own_session_id, **self._options())

    async def _begin_session(self, client: AsyncClient) -> None:
        """Make a session that begins with messages, unless it is there."""
        if not self._asked.before:
            return
        user_id, session_id = self.address.key.user_id, self.address.own_session_id
        try:
            await client.existing(session_id, user_id=user_id)
        except SessionNotFound:
            before = [Message(role=message.role, content=message.content) for message in self._asked.before]
            try:
                await client.session(session_id, user_id=user_id, messages=before)
            except InvalidParams:
                # another request was quicker
                await client.existing(session_id, user_id=user_id)

    def _options(self) -> ChatOptions:
        """No tool takes part: there is nobody to ask, and what a tool reads is not the key's to see."""
        options: ChatOptions = {
            "user_id": self.address.key.user_id,
            "turn_id": self.address.turn_id,
            "tools": [],
            "queue": True,
        }
        if self._asked.system is not None:
            options["system"] = self._asked.system
        return options

    def _finished(self, text: str, end: End, model: str | None) -> Finished:
        redactor = Redactor()
        metadata: dict[str, Any] = {
            "turn_id": self.address.turn_id,
            "stop_reason": end.stop_reason,
            "usage": {"input_tokens": end.usage.input_tokens, "output_tokens": end.usage.output_tokens},
            "citations": [redactor.mask(citation.label) for citation in end.citations],
        }
        if model is not None:
            metadata["model"] = model
        return Finished(text, metadata)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:48]
