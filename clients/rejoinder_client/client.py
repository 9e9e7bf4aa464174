"""The same client for programs without an event loop: each call blocks until its result is there."""

import contextlib
import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.async_client import AsyncClient
from rejoinder_client.async_session import AsyncSession
from rejoinder_client.async_sessions import AsyncSessions
from rejoinder_client.blocking import Blocking, LoopThread, blocking, iterating
from rejoinder_client.chat_loop import Read, Write, answered, asked, print_piece
from rejoinder_client.handshake import Server
from rejoinder_client.options import ChatOptions
from rejoinder_client.streams import Streams

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")


def _opening(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, AsyncSession]],
) -> "Callable[Concatenate[Blocking[A], P], Session]":
    """A method whose session blocks, too."""

    @functools.wraps(method)
    def open_session(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> "Session":
        return Session(self._loop.run(method(self._inner, *args, **kwargs)), self._loop)

    return open_session


class Session(Blocking[AsyncSession]):
    """One conversation. As AsyncSession, but each call blocks, and streams are plain generators."""

    run = blocking(AsyncSession.run)
    stream = iterating(AsyncSession.stream)
    ask = blocking(AsyncSession.ask)
    ask_stream = iterating(AsyncSession.ask_stream)
    preview = blocking(AsyncSession.preview)
    cancel = blocking(AsyncSession.cancel)
    follow = iterating(AsyncSession.follow)

    history = blocking(AsyncSession.history)
    add = blocking(AsyncSession.add)
    clear = blocking(AsyncSession.clear)
    rollback = blocking(AsyncSession.rollback)

    refresh = blocking(AsyncSession.refresh)
    use = blocking(AsyncSession.use)
    rename = blocking(AsyncSession.rename)
    update = blocking(AsyncSession.update)
    fork = _opening(AsyncSession.fork)
    delete = blocking(AsyncSession.delete)
    summarize = blocking(AsyncSession.summarize)

    to_dict = blocking(AsyncSession.to_dict)
    to_file = blocking(AsyncSession.to_file)

    _answered = iterating(answered)

    set_state = blocking(AsyncSession.set_state)
    clear_state = blocking(AsyncSession.clear_state)

    @property
    def info(self) -> SessionInfo:
        """The session as it was last heard of; `refresh` asks again."""
        return self._inner.info

    @property
    def session_id(self) -> str:
        """The exact ID."""
        return self._inner.session_id

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the values that go along with the session; `update` changes them."""
        return self._inner.metadata

    @property
    def created_at(self) -> datetime:
        """When it was made, in UTC."""
        return self._inner.created_at

    @property
    def last_activity(self) -> datetime:
        """When it was last changed, as it was last heard of, in UTC."""
        return self._inner.last_activity

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], client: "Client", *, session_id: str | None = None, replace: bool = False
    ) -> "Session":
        """As AsyncSession.from_dict."""
        made = AsyncSession.from_dict(data, client._inner, session_id=session_id, replace=replace)
        return cls(client._loop.run(made), client._loop)

    @classmethod
    def from_file(
        cls, path: Path | str, client: "Client", *, session_id: str | None = None, replace: bool = False
    ) -> "Session":
        """As AsyncSession.from_file."""
        made = AsyncSession.from_file(path, client._inner, session_id=session_id, replace=replace)
        return cls(client._loop.run(made), client._loop)

    @property
    def messages(self) -> list[StoredMessage]:
        """A copy of all messages of the active path, oldest first."""
        return self._loop.run(_awaited(self._inner.messages))

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state."""
        return self._loop.run(_awaited(self._inner.state))


class Sessions(Blocking[AsyncSessions]):
    """The sessions of a project. As AsyncSessions, but each call blocks."""

    save = blocking(AsyncSessions.save)
    load = blocking(AsyncSessions.load)
    get = blocking(AsyncSessions.get)
    exists = blocking(AsyncSessions.exists)
    delete = blocking(AsyncSessions.delete)
    restore = blocking(AsyncSessions.restore)
    export = blocking(AsyncSessions.export)
    import_ = blocking(AsyncSessions.import_)
    import_path = blocking(AsyncSessions.import_path)
    cleanup = blocking(AsyncSessions.cleanup)
    list = blocking(AsyncSessions.list)


class Client(Blocking[AsyncClient]):
    """A connection to a Rejoinder server. As AsyncClient, but connected at once, and each call blocks.

    May be used by several threads. Close it, or use it in `with`.
    """

    def __init__(
        self,
        transport: Awaitable[Streams] | None = None,
        *,
        folders: Sequence[Path | str] = (".",),
        data_dir: Path | str | None = None,
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, Any] | None = None,
        loop: LoopThread | None = None,
    ) -> None:
        client = AsyncClient(
            transport, folders=folders, data_dir=data_dir, settings=settings, configuration=configuration
        )
        super().__init__(client, loop or LoopThread())
        self.sessions = Sessions(client.sessions, self._loop)
        """The sessions of the project: save, load, list, delete, import, export."""
        try:
            self._loop.run(client.start())
        except BaseException:
            self._loop.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    request = blocking(AsyncClient.request)
    session = _opening(AsyncClient.session)
    open = _opening(AsyncClient.open)
    existing = _opening(AsyncClient.existing)
    chat = blocking(AsyncClient.chat)
    chat_stream = iterating(AsyncClient.chat_stream)
    ask = blocking(AsyncClient.ask)
    ask_stream = iterating(AsyncClient.ask_stream)
    search = blocking(AsyncClient.search)
    models = blocking(AsyncClient.models)
    use_model = blocking(AsyncClient.use_model)
    usage = blocking(AsyncClient.usage)
    config = blocking(AsyncClient.config)
    projects = blocking(AsyncClient.projects)
    backup = blocking(AsyncClient.backup)
    restore = blocking(AsyncClient.restore)
    index_status = blocking(AsyncClient.index_status)
    changes = iterating(AsyncClient.changes)

    def chat_loop(
        self,
        session_id: str = "default",
        *,
        read: Read = input,
        write: Write = print_piece,
        **options: Unpack[ChatOptions],
    ) -> None:
        """Read questions and write answers until `exit`, `quit` or the end of input. Ctrl-C stops an answer."""
        session = self.session(session_id)
        while (question := asked(read, session.info)) is not None:
            try:
                with contextlib.closing(session._answered(question, options)) as pieces:
                    for piece in pieces:
                        write(piece)
            except KeyboardInterrupt:
                write(" (stopped)\n")

    @property
    def server(self) -> Server:
        """The server's name, version, methods and position encoding."""
        return self._inner.server

    def close(self) -> None:
        """Say goodbye to the server, and end the thread."""
        if not self._loop.is_closed:
            self._loop.run(self._inner.close())
            self._loop.close()


async def _awaited(value: Awaitable[T]) -> T:
    return await value
