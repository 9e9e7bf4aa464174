"""The client: a connection to a server, and what belongs to no single session."""

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from rejoinder.protocol import projects, sessions, turns
from rejoinder.protocol.converter import InvalidValue, structure, unstructure
from rejoinder.protocol.method import Method
from rejoinder.protocol.projects import ModelsResult, Project
from rejoinder.protocol.sessions import SessionChangedParams
from rejoinder.protocol.types import NewMessage, Scope
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder.protocol.updates import ChatUpdateParams, Update
from rejoinder_client import handshake
from rejoinder_client.async_session import AsyncSession
from rejoinder_client.connection import Connection
from rejoinder_client.errors import ConnectionLost, ProtocolError, RejoinderError, SessionNotFound
from rejoinder_client.feeds import Refill, Switchboard
from rejoinder_client.options import AskOptions, ask_params
from rejoinder_client.streams import Streams, open_pipe
from rejoinder_client.turns import Answer, run_turn, stream_turn

_log = logging.getLogger(__name__)

P = TypeVar("P")
R = TypeVar("R")


class AsyncClient:
    """A connection to a Rejoinder server, for `async with`.

    `transport` is an `open_pipe(…)`, `open_socket(…)` or `open_streams(…)`; without one `rejoinder serve` is started.
    `folders` are the workspace, the current folder by default. `settings` go along as `initializationOptions`, and
    `configuration` answers the server's `workspace/configuration`, by section.
    """

    def __init__(
        self,
        transport: Awaitable[Streams] | None = None,
        *,
        folders: Sequence[Path | str] = (".",),
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        self.switchboard = Switchboard()
        """Where updates are passed on."""
        self._transport = transport
        self._folders = [Path(folder).expanduser().absolute() for folder in folders]
        self._settings = settings
        self._configuration = dict(configuration or {})
        self._connection: Connection | None = None
        self._server: handshake.Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Connect, and shake hands. Raises ConnectionLost and ProtocolError."""
        streams = await (self._transport or open_pipe())
        self._connection = Connection(streams, answer=self._answer, note=self._note, on_lost=self.switchboard.fail)
        try:
            params = handshake.initialize_params(self._folders, self._settings)
            self._server = handshake.read_reply(await self._connection.request("initialize", params))
            self._connection.notify("initialized", {})
        except BaseException:
            await self._connection.close()
            raise

    async def close(self) -> None:
        """Say goodbye to the server. What runs there goes on or not as the setting `onDisconnect` says."""
        if self._connection is not None:
            await self._connection.close()

    @property
    def server(self) -> handshake.Server:
        """The server's name, version, methods and position encoding."""
        if self._server is None:
            raise ConnectionLost("There is no connection yet.", hint="Use the client in `async with`, or start it.")
        return self._server

    async def request(self, method: Method[P, R], params: P | None = None) -> R:
        """Call any method of `rejoinder.protocol.methods`."""
        result = await self._connected().request(method.wire, {} if params is None else unstructure(params))
        try:
            return structure(result, method.result)
        except InvalidValue as error:
            raise ProtocolError(
                f"The server's answer to {method.wire!r} is not understood: {error}.",
                hint="Install the same version of Rejoinder on both sides.",
            ) from None

    def notify(self, method: Method[P, Any], params: P) -> None:
        """Send a notification."""
        self._connected().notify(method.wire, unstructure(params))

    async def session(
        self,
        session_id: str | None = None,
        *,
        system: str | None = None,
        messages: Sequence[NewMessage] | None = None,
        name: str | None = None,
        scope: Scope | None = None,
        uri: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> AsyncSession:
        """The session with this ID, made if there is none; without an ID a new one.

        What else is given counts only for a session that is new.
        """
        if session_id is not None:
            with contextlib.suppress(SessionNotFound):
                return AsyncSession(self, await self._get(session_id, uri))
        params = sessions.SessionCreateParams(
            session_id=session_id,
            system=system,
            messages=list(messages) if messages is not None else None,
            name=name,
            scope=scope,
            uri=uri,
            metadata=dict(metadata) if metadata is not None else None,
        )
        return AsyncSession(self, await self.request(sessions.SESSION_CREATE, params))

    async def open(self, ref: str | None = None, *, uri: str | None = None, scope: Scope | None = None) -> AsyncSession:
        """The session that a reference means: its ID, name or a beginning of its ID; without one the current session.

        Raises SessionNotFound and Ambiguous.
        """
        params = sessions.SessionOpenParams(ref=ref, uri=uri, scope=scope)
        opened = await self.request(sessions.SESSION_OPEN, params)
        session = AsyncSession(self, opened.session)
        await session.leave()
        return session

    async def sessions(
        self, *, query: str | None = None, scope: Scope | None = None, archived: bool | None = None
    ) -> list[SessionInfo]:
        """All sessions of the project that fit, newest first."""
        found: list[SessionInfo] = []
        cursor: str | None = None
        while True:
            params = sessions.SessionListParams(query=query, scope=scope, archived=archived, cursor=cursor)
            page = await self.request(sessions.SESSION_LIST, params)
            found += page.sessions
            cursor = page.next_cursor
            if cursor is None:
                return found

    async def models(self) -> ModelsResult:
        """The models that can be chosen, and the current one."""
        return await self.request(projects.MODELS)

    async def projects(self) -> list[Project]:
        """Every project that the server knows."""
        return (await self.request(projects.PROJECT_LIST)).projects

    async def ask(self, text: str, **options: Unpack[AskOptions]) -> Answer:
        """Ask one question over all sessions of the project. It is stored in the current one."""
        return await run_turn(self, turns.ASK, ask_params(text, options))

    def ask_stream(self, text: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Update, None]:
        """As `ask`, with the updates as they come."""
        return stream_turn(self, turns.ASK, ask_params(text, options))

    async def changes(self) -> AsyncGenerator[SessionChangedParams, None]:
        """News of sessions from now on: created, updated, deleted, a message."""
        with self.switchboard.changes() as feed:
            while (change := await feed.get()) is not None:
                yield change

    def refill_for(self, project_id: str | None) -> Refill:
        """How updates that did not arrive are asked for, in a project."""

        async def refill(update: ChatUpdateParams, last: int) -> list[ChatUpdateParams]:
            since = sessions.Since(update.turn_id, last)
            params = sessions.SessionOpenParams(session_id=update.session_id, project_id=project_id, since=since)
            session = sessions.SessionParams(session_id=update.session_id, project_id=project_id)
            try:
                running = (await self.request(sessions.SESSION_OPEN, params)).running
                if not self.switchboard.is_followed(update.session_id):
                    await self.request(sessions.SESSION_CLOSE, session)
            except ConnectionLost:
                raise
            except RejoinderError as error:
                _log.warning("updates of the turn %s are lost: %s", update.turn_id, error)
                return []
            return running.updates if running is not None and running.turn_id == update.turn_id else []

        return refill

    async def _get(self, session_id: str, uri: str | None) -> SessionInfo:
        return await self.request(sessions.SESSION_GET, sessions.SessionParams(session_id=session_id, uri=uri))

    def _connected(self) -> Connection:
        if self._connection is None:
            raise ConnectionLost("There is no connection yet.", hint="Use the client in `async with`, or start it.")
        return self._connection

    def _answer(self, method: str, params: Any) -> Any:
        return handshake.answer(method, params, self._configuration)

    def _note(self, method: str, params: Any) -> None:
        try:
            if method == turns.CHAT_UPDATE.wire:
                self.switchboard.update(structure(params, ChatUpdateParams))
            elif method == sessions.SESSION_CHANGED.wire:
                self.switchboard.changed(structure(params, SessionChangedParams))
        except InvalidValue as error:
            _log.warning("the server's notification %s is not understood: %s", method, error)
