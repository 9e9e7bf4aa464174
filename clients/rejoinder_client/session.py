"""A session for programs without an event loop: each call blocks until its result is there."""

import atexit
import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.async_session import AsyncSession
from rejoinder_client.blocking import Blocking, Closing, LoopThread, blocking, iterating
from rejoinder_client.chat_loop import answered
from rejoinder_client.knowledge import Knowledge
from rejoinder_client.memory import Memory
from rejoinder_client.options import SessionOptions
from rejoinder_client.session_agents import making

if TYPE_CHECKING:
    from rejoinder_client.approvals import OnApproval
    from rejoinder_client.client import Client
    from rejoinder_client.remote import RemoteSession
    from rejoinder_client.remote_async import RemoteOptions
    from rejoinder_client.tools import AnyTool

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")


def opening(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, AsyncSession]],
) -> "Callable[Concatenate[Blocking[A], P], Session]":
    """A method whose session blocks, too."""

    @functools.wraps(method)
    def open_session(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> "Session":
        return Session._of(self._loop.run(method(self._inner, *args, **kwargs)), self._loop)

    return open_session


class Session(Closing[AsyncSession]):
    """One conversation. As AsyncSession, but each call blocks, and streams are plain generators.

    `client.session(…)` makes one. `Session(…)` is the same for a program that needs nothing else: without a `client` it
    has one of its own, with its sessions in the folder `storage_path` and closed by `close`, by `with`, or with the
    program.
    """

    def __init__(
        self,
        session_id: str | None = None,
        *,
        client: "Client | None" = None,
        storage_path: Path | str | None = None,
        folders: Sequence[Path | str] = (".",),
        settings: Mapping[str, Any] | None = None,
        **options: Unpack[SessionOptions],
    ) -> None:
        if client is not None and storage_path is not None:
            raise TypeError("a client has its storage already: give one of the two")
        # here and not above: a client makes sessions, too
        from rejoinder_client.client import Client

        own = None if client is not None else Client(data_dir=storage_path, folders=folders, settings=settings)
        used = client or own
        assert used is not None  # noqa: S101 - for the type checker
        self._close = own.close if own is not None else _nothing
        atexit.register(self._close)
        try:
            inner = used._loop.run(used._inner.session(session_id, **options))
        except BaseException:
            self.close()
            raise
        super().__init__(inner, used._loop)

    if not TYPE_CHECKING:

        def __new__(cls, session_id=None, *, agent_url=None, remote_url=None, **options):
            """With `agent_url` or `remote_url` the session is a remote one, as of `connect`."""
            url = agent_url or remote_url
            return super().__new__(cls) if url is None else cls.connect(url, session_id=session_id, **options)

    @staticmethod
    def connect(url: str, **options: "Unpack[RemoteOptions]") -> "RemoteSession":
        """A session that is reached over HTTP, at `HOST:PORT` or a URL. RemoteSession says what the options mean."""
        from rejoinder_client.remote import RemoteSession

        return RemoteSession(url, **options)

    @classmethod
    def _of(cls, inner: AsyncSession, loop: LoopThread) -> Self:
        """The session of a client."""
        session = cls.__new__(cls)
        Blocking.__init__(session, inner, loop)
        session._close = _nothing
        return session

    def close(self) -> None:
        """Close its client, if it has one of its own. What waits for `save` is gone then."""
        atexit.unregister(self._close)
        self._close()

    run = blocking(AsyncSession.run)
    stream = iterating(AsyncSession.stream)
    ask = blocking(AsyncSession.ask)
    json = blocking(AsyncSession.json)
    ask_stream = iterating(AsyncSession.ask_stream)
    preview = blocking(AsyncSession.preview)
    attachment = blocking(AsyncSession.attachment)
    cancel = blocking(AsyncSession.cancel)
    respond = blocking(AsyncSession.respond)
    offer_functions = blocking(AsyncSession.offer_functions)
    follow = iterating(AsyncSession.follow)

    sequence = blocking(AsyncSession.sequence)
    keep_agent = blocking(AsyncSession.keep_agent)
    remove_agent = blocking(AsyncSession.remove_agent)
    list_agents = blocking(AsyncSession.list_agents)
    create_agent = making(AsyncSession.create_agent)
    Agent = create_agent

    history = blocking(AsyncSession.history)
    add = blocking(AsyncSession.add)
    clear = blocking(AsyncSession.clear)
    rollback = blocking(AsyncSession.rollback)

    refresh = blocking(AsyncSession.refresh)
    use = blocking(AsyncSession.use)
    rename = blocking(AsyncSession.rename)
    update = blocking(AsyncSession.update)
    fork = opening(AsyncSession.fork)
    delete = blocking(AsyncSession.delete)
    summarize = blocking(AsyncSession.summarize)

    to_dict = blocking(AsyncSession.to_dict)
    to_file = blocking(AsyncSession.to_file)

    _answered = iterating(answered)

    save_state = blocking(AsyncSession.save_state)
    restore_state = blocking(AsyncSession.restore_state)
    get_state = blocking(AsyncSession.get_state)
    set_state = blocking(AsyncSession.set_state)
    update_state = blocking(AsyncSession.update_state)
    clear_state = blocking(AsyncSession.clear_state)
    save = blocking(AsyncSession.save)

    remember = blocking(AsyncSession.remember)
    store_short_memory = blocking(AsyncSession.store_short_memory)
    store_long_memory = blocking(AsyncSession.store_long_memory)
    search = blocking(AsyncSession.search)
    search_memory = blocking(AsyncSession.search_memory)
    clear_memory = blocking(AsyncSession.clear_memory)
    get_memory_context = blocking(AsyncSession.get_memory_context)
    get_context = blocking(AsyncSession.get_context)

    @property
    def info(self) -> SessionInfo:
        """The session as it was last heard of; `refresh` asks again."""
        return self._inner.info

    add_knowledge = blocking(AsyncSession.add_knowledge)
    search_knowledge = blocking(AsyncSession.search_knowledge)
    clear_knowledge = blocking(AsyncSession.clear_knowledge)

    @property
    def knowledge(self) -> Knowledge:
        """Knowledge that counts in this session alone. As AsyncSession.knowledge, but each call blocks."""
        return Knowledge(self._inner.knowledge, self._loop)

    @property
    def memory(self) -> Memory:
        """What is remembered for this user, of what counts in this session; it costs nothing until it is used."""
        return Memory(self._inner.memory, self._loop)

    @property
    def session_id(self) -> str:
        """The exact ID."""
        return self._inner.session_id

    @property
    def user_id(self) -> str | None:
        """Who speaks here; None is the default user."""
        return self._inner.user_id

    @property
    def auto_save(self) -> bool:
        """Whether everything is stored at once."""
        return self._inner.auto_save

    @property
    def tools(self) -> "Sequence[AnyTool] | None":
        """The tools of turns that name none: functions of the program, names of the server's own."""
        return self._inner.tools

    @tools.setter
    def tools(self, tools: "Sequence[AnyTool] | None") -> None:
        self._inner.tools = tools

    @property
    def on_approval(self) -> "OnApproval | None":
        """Who decides on calls that wait for a yes, in turns that say nothing else."""
        return self._inner.on_approval

    @on_approval.setter
    def on_approval(self, on_approval: "OnApproval | None") -> None:
        self._inner.on_approval = on_approval

    @property
    def is_saved(self) -> bool:
        """Whether nothing waits here for `save`."""
        return self._inner.is_saved

    @property
    def is_remote(self) -> bool:
        """Whether it is reached over a network."""
        return self._inner.is_remote

    @property
    def session_dir(self) -> Path | None:
        """The folder of the server's sessions, this one among them; None when the server does not tell."""
        return self._inner.session_dir

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
        return cls._of(client._loop.run(made), client._loop)

    @classmethod
    def from_file(
        cls, path: Path | str, client: "Client", *, session_id: str | None = None, replace: bool = False
    ) -> "Session":
        """As AsyncSession.from_file."""
        made = AsyncSession.from_file(path, client._inner, session_id=session_id, replace=replace)
        return cls._of(client._loop.run(made), client._loop)

    @property
    def messages(self) -> list[StoredMessage]:
        """A copy of all messages of the active path, oldest first."""
        return self._loop.run(_awaited(self._inner.messages))

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state."""
        return self._loop.run(_awaited(self._inner.state))


def _nothing() -> None:
    pass


async def _awaited(value: Awaitable[T]) -> T:
    return await value
