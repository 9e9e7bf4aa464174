"""The same client for programs without an event loop: each call blocks until its result is there."""

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.async_client import AsyncClient
from rejoinder_client.async_session import AsyncSession
from rejoinder_client.blocking import Blocking, LoopThread, blocking, iterating
from rejoinder_client.handshake import Server
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
    add_message = blocking(AsyncSession.add_message)
    add_messages = blocking(AsyncSession.add_messages)
    clear = blocking(AsyncSession.clear)
    rollback = blocking(AsyncSession.rollback)

    refresh = blocking(AsyncSession.refresh)
    use = blocking(AsyncSession.use)
    rename = blocking(AsyncSession.rename)
    fork = _opening(AsyncSession.fork)
    delete = blocking(AsyncSession.delete)

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
    def messages(self) -> list[StoredMessage]:
        """A copy of all messages of the active path, oldest first."""
        return self._loop.run(_awaited(self._inner.messages))

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state."""
        return self._loop.run(_awaited(self._inner.state))


class Client(Blocking[AsyncClient]):
    """A connection to a Rejoinder server. As AsyncClient, but connected at once, and each call blocks.

    May be used by several threads. Close it, or use it in `with`.
    """

    def __init__(
        self,
        transport: Awaitable[Streams] | None = None,
        *,
        folders: Sequence[Path | str] = (".",),
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, Any] | None = None,
        loop: LoopThread | None = None,
    ) -> None:
        client = AsyncClient(transport, folders=folders, settings=settings, configuration=configuration)
        super().__init__(client, loop or LoopThread())
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
    sessions = blocking(AsyncClient.sessions)
    models = blocking(AsyncClient.models)
    projects = blocking(AsyncClient.projects)
    ask = blocking(AsyncClient.ask)
    ask_stream = iterating(AsyncClient.ask_stream)
    changes = iterating(AsyncClient.changes)

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
