"""A client's side of a connection: how it comes about and ends, requests, and what the server tells by itself."""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from rejoinder.protocol import sessions, tools, turns
from rejoinder.protocol.converter import InvalidValue, structure, unstructure
from rejoinder.protocol.method import Method
from rejoinder.protocol.sessions import SessionChangedParams
from rejoinder.protocol.updates import ChatUpdateParams
from rejoinder_client import handshake
from rejoinder_client.connection import Connection
from rejoinder_client.errors import ConnectionLost, InvalidParams, ProtocolError, RejoinderError
from rejoinder_client.feeds import Refill, Switchboard
from rejoinder_client.places import absolute
from rejoinder_client.progress import ProgressFeed
from rejoinder_client.streams import Streams, open_pipe

if TYPE_CHECKING:
    from rejoinder_client.tool_calls import ToolDesk

_log = logging.getLogger(__name__)

P = TypeVar("P")
R = TypeVar("R")


class ConnectedClient:
    """What every call needs. AsyncClient says what the arguments mean."""

    def __init__(
        self,
        transport: Awaitable[Streams] | None = None,
        *,
        folders: Sequence[Path | str] = (".",),
        data_dir: Path | str | None = None,
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        if transport is not None and data_dir is not None:
            raise TypeError("a transport leads to a server that has its data folder already: give one of the two")
        self.switchboard = Switchboard()
        """Where updates are passed on."""
        self.progress = ProgressFeed()
        """Where the progress of long requests is passed on."""
        self._tool_desk: ToolDesk | None = None
        self._transport = transport
        self._data_dir = data_dir
        self.folders = [absolute(folder) for folder in folders]
        self._settings = None if settings is None else {"trusted": True, **settings}
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
        streams = await (self._transport or open_pipe(data_dir=self._data_dir))
        self._connection = Connection(streams, answer=self._answer, note=self._note, on_lost=self.switchboard.fail)
        try:
            params = handshake.initialize_params(self.folders, self._settings)
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

    @property
    def tool_desk(self) -> "ToolDesk":
        """Where functions of this program are called, and calls are decided on."""
        if self._tool_desk is None:
            from rejoinder_client.tool_calls import ToolDesk

            self._tool_desk = ToolDesk(lambda params: self.request(tools.TOOL_RESPOND, params))
        return self._tool_desk

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

    def _connected(self) -> Connection:
        if self._connection is None:
            raise ConnectionLost("There is no connection yet.", hint="Use the client in `async with`, or start it.")
        return self._connection

    def _answer(self, method: str, params: Any) -> Any:
        if method != tools.TOOL_CALL.wire:
            return handshake.answer(method, params, self._configuration)
        try:
            return self._call_function(structure(params, tools.ToolCallParams))
        except InvalidValue as error:
            raise InvalidParams(f"The call is not understood: {error}.") from None

    async def _call_function(self, params: tools.ToolCallParams) -> Any:
        return unstructure(await self.tool_desk.call(params))

    def _note(self, method: str, params: Any) -> None:
        try:
            if method == turns.CHAT_UPDATE.wire:
                update = structure(params, ChatUpdateParams)
                self.switchboard.update(update)
                if self._tool_desk is not None:
                    self._tool_desk.take(update)
            elif method == sessions.SESSION_CHANGED.wire:
                self.switchboard.changed(structure(params, SessionChangedParams))
            elif method == "$/progress":
                self.progress.take(params)
            elif method == "window/showMessage":
                _log.log(handshake.severity(params), "the server says: %s", params["message"])
        except InvalidValue as error:
            _log.warning("the server's notification %s is not understood: %s", method, error)
