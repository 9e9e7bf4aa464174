"""The same client for programs without an event loop: each call blocks until its result is there."""

import contextlib
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, Unpack

from rejoinder_client.async_client import AsyncClient
from rejoinder_client.async_sessions import AsyncSessions
from rejoinder_client.blocking import Blocking, Closing, LoopThread, blocking, iterating
from rejoinder_client.chat_loop import Read, Write, asked, print_piece
from rejoinder_client.handshake import Server
from rejoinder_client.knowledge import Knowledge
from rejoinder_client.memory import Memory
from rejoinder_client.options import ChatOptions
from rejoinder_client.session import Session as Session
from rejoinder_client.session import opening
from rejoinder_client.streams import Streams

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")


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
    import_places = blocking(AsyncSessions.import_places)
    cleanup = blocking(AsyncSessions.cleanup)
    list = blocking(AsyncSessions.list)


class Client(Closing[AsyncClient]):
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
        self.knowledge = Knowledge(client.knowledge, self._loop)
        """What was added to the project as knowledge: add, list, search, remove."""
        self.memory = Memory(client.memory, self._loop)
        """What is remembered in the project: add, list, search, correct, forget."""
        try:
            self._loop.run(client.start())
        except BaseException:
            self._loop.close()
            raise

    request = blocking(AsyncClient.request)
    session = opening(AsyncClient.session)
    open = opening(AsyncClient.open)
    existing = opening(AsyncClient.existing)
    chat = blocking(AsyncClient.chat)
    chat_stream = iterating(AsyncClient.chat_stream)
    ask = blocking(AsyncClient.ask)
    ask_stream = iterating(AsyncClient.ask_stream)
    search = blocking(AsyncClient.search)
    tools = blocking(AsyncClient.tools)
    import_ = blocking(AsyncClient.import_)
    models = blocking(AsyncClient.models)
    agents = blocking(AsyncClient.agents)
    prompts = blocking(AsyncClient.prompts)
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
