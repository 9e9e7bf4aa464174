"""A session: one conversation, from the client's side."""

import asyncio
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from rejoinder.protocol import sessions
from rejoinder.protocol.sessions import SessionHistoryResult, SummarizeResult
from rejoinder.protocol.types import KnowledgeConfig, MemoryConfig
from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client import saved
from rejoinder_client.async_session_agents import SessionAgents
from rejoinder_client.async_session_knowledge import SessionKnowledge
from rejoinder_client.async_session_memory import SessionMemory
from rejoinder_client.async_session_state import SessionValues
from rejoinder_client.messages import AnyMessage, new_messages
from rejoinder_client.searching import Hits, SearchOptions

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

_LARGEST_PAGE = 500


class SessionFields(TypedDict, total=False):
    """What can be changed of a session."""

    name: str
    label: str
    description: str
    metadata: dict[str, Any]
    pinned: bool
    archived: bool
    model: str
    system: str
    draft: str
    memory: MemoryConfig
    knowledge: KnowledgeConfig


class AsyncSession(SessionAgents, SessionMemory, SessionKnowledge, SessionValues):
    """One conversation. It lives in the server: what is read here is read there, and so is what others write.

    `user_id` is who speaks here, and whose state and memory these are: nobody sees another user's. Without `auto_save`
    changes of the state and messages that are added by hand wait in this object until `save`; turns are stored with
    their answers in any case, and the messages that wait before them.
    """

    # messages

    @property
    def messages(self) -> Awaitable[list[StoredMessage]]:
        """A copy of all messages of the active path, oldest first; of a named user, what that one said and was told."""
        return self._all_messages()

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> Hits:
        """What was said here, by words or by meaning, best first. SearchOptions says what the query may hold."""
        mine: SearchOptions = {"sources": ["message"], **options, **self._address}
        if self.user_id is not None:
            mine["user_id"] = self.user_id
        return await self._client.search(query, **mine)

    async def history(self, limit: int | None = None, before: str | None = None) -> SessionHistoryResult:
        """The latest messages, or those before a cursor or message ID, oldest first."""
        params = sessions.SessionHistoryParams(limit=limit, before=before, user_id=self.user_id, **self._address)
        return await self._client.request(sessions.SESSION_HISTORY, params)

    async def add(self, *messages: AnyMessage) -> list[str]:
        """Put messages at the end; answers their IDs. Without `auto_save` they wait for `save`, and have none yet."""
        return await self._by_hand.add(new_messages(messages))

    async def clear(self, *, keep_system: bool = True) -> None:
        """Forget the messages."""
        params = sessions.SessionClearParams(keep_system=keep_system, **self._address)
        self.info = await self._client.request(sessions.SESSION_CLEAR, params)

    async def rollback(self, message_id: str) -> None:
        """Make a message the last one; those after it stay as its siblings' branch."""
        params = sessions.SessionRollbackParams(message_id=message_id, **self._address)
        self.info = await self._client.request(sessions.SESSION_ROLLBACK, params)

    # the session itself

    async def refresh(self) -> SessionInfo:
        """Ask for the session as it is now."""
        self.info = await self._client.request(sessions.SESSION_GET, sessions.SessionParams(**self._address))
        return self.info

    async def use(self) -> None:
        """Make it the current session of its scope."""
        self.info = await self._client.request(sessions.SESSION_USE, sessions.SessionParams(**self._address))

    async def rename(self, name: str) -> None:
        """Give it another name."""
        await self.update(name=name)

    async def update(self, **fields: Unpack[SessionFields]) -> SessionInfo:
        """Change what is given; an empty text clears a field."""
        params = sessions.SessionUpdateParams(**fields, **self._address)
        self.info = await self._client.request(sessions.SESSION_UPDATE, params)
        return self.info

    async def fork(
        self,
        session_id: str | None = None,
        *,
        message_id: str | None = None,
        name: str | None = None,
        summarize: bool = False,
    ) -> Self:
        """A new session with these messages up to `message_id`, or all of them, or with a summary in their place."""
        params = sessions.SessionForkParams(
            new_session_id=session_id, message_id=message_id, name=name, summarize=summarize or None, **self._address
        )
        forked = await self._client.request(sessions.SESSION_FORK, params)
        copy = type(self)(self._client, forked, user_id=self.user_id, auto_save=self.auto_save)
        copy.tools, copy.on_approval = self.tools, self.on_approval
        return copy

    async def delete(self, *, permanent: bool = False) -> None:
        """To the trash, or for good."""
        params = sessions.SessionDeleteParams(permanent=permanent, **self._address)
        await self._client.request(sessions.SESSION_DELETE, params)

    async def summarize(self) -> SummarizeResult:
        """A summary of the messages, and the IDs of those that it covers. The messages stay."""
        return await self._client.request(sessions.SESSION_SUMMARIZE, sessions.SessionParams(**self._address))

    # the session as a value

    async def to_dict(self) -> dict[str, Any]:
        """Everything of the session as JSON values: fields, all messages with their branches, state."""
        return saved.as_dict(await self._client.sessions.export(self.session_id))

    @classmethod
    async def from_dict(
        cls, data: Mapping[str, Any], client: "AsyncClient", *, session_id: str | None = None, replace: bool = False
    ) -> Self:
        """The session that `to_dict` gave, stored under its own ID or another one.

        Raises InvalidParams when that ID is taken, unless the session that has it may be replaced.
        """
        session_id, content = saved.as_content(data, session_id)
        if (await client.sessions.import_(content)).skipped:
            if not replace:
                raise saved.taken(session_id)
            await client.sessions.delete(session_id, permanent=True)
            await client.sessions.import_(content)
        return cls(client, await client.sessions.get(session_id))

    async def to_file(self, path: Path | str) -> None:
        """Write what `to_dict` gives to a file, readable for the user alone; an older one is replaced."""
        await asyncio.to_thread(saved.write, path, await self.to_dict())

    @classmethod
    async def from_file(
        cls, path: Path | str, client: "AsyncClient", *, session_id: str | None = None, replace: bool = False
    ) -> Self:
        """The session of a file that `to_file` wrote. Raises as `from_dict`, and NotFound."""
        data = await asyncio.to_thread(saved.read, path)
        return await cls.from_dict(data, client, session_id=session_id, replace=replace)

    async def _all_messages(self) -> list[StoredMessage]:
        page = await self.history(_LARGEST_PAGE)
        messages = page.messages
        while page.next_cursor is not None:
            page = await self.history(_LARGEST_PAGE, page.next_cursor)
            messages = page.messages + messages
        return messages
