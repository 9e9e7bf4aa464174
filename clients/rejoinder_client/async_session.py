"""A session: one conversation, from the client's side."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from rejoinder.protocol import sessions, turns
from rejoinder.protocol.sessions import SessionHistoryResult, SummarizeResult
from rejoinder.protocol.turns import PreviewResult
from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder.protocol.updates import ChatUpdateParams, Update
from rejoinder_client import saved
from rejoinder_client.errors import ConnectionLost
from rejoinder_client.feeds import OrderedUpdates
from rejoinder_client.messages import AnyMessage, new_messages
from rejoinder_client.options import AskOptions, ChatOptions, ask_params, chat_params, preview_params
from rejoinder_client.turns import Answer, run_turn, stream_turn

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

_LARGEST_PAGE = 500


class _Address(TypedDict):
    session_id: str
    project_id: str


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


class AsyncSession:
    """One conversation. It lives in the server: what is read here is read there, and so is what others write."""

    def __init__(self, client: "AsyncClient", info: SessionInfo) -> None:
        self.info = info
        """The session as it was last heard of; `refresh` asks again."""
        self._client = client

    @property
    def session_id(self) -> str:
        """The exact ID."""
        return self.info.session_id

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the values that go along with the session; `update` changes them."""
        return dict(self.info.metadata)

    @property
    def created_at(self) -> datetime:
        """When it was made, in UTC."""
        return datetime.fromisoformat(self.info.created_at)

    @property
    def last_activity(self) -> datetime:
        """When it was last changed, as it was last heard of, in UTC."""
        return datetime.fromisoformat(self.info.updated_at)

    # turns

    async def run(self, text: str, **options: Unpack[ChatOptions]) -> Answer:
        """Send a text and wait for the answer. When the caller is cancelled, so is the turn."""
        return await run_turn(self._client, turns.CHAT, chat_params(text, options, **self._address))

    def stream(self, text: str, **options: Unpack[ChatOptions]) -> AsyncGenerator[Update, None]:
        """Send a text and get the updates as they come, `End` last. Closing the generator early cancels the turn."""
        return stream_turn(self._client, turns.CHAT, chat_params(text, options, **self._address))

    async def ask(self, text: str, **options: Unpack[AskOptions]) -> Answer:
        """Ask one question, with this session alone as its memory."""
        return await run_turn(self._client, turns.ASK, ask_params(text, options, **self._address))

    def ask_stream(self, text: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Update, None]:
        """As `ask`, with the updates as they come."""
        return stream_turn(self._client, turns.ASK, ask_params(text, options, **self._address))

    async def preview(self, text: str, **options: Unpack[ChatOptions]) -> PreviewResult:
        """The exact prompt that `run` would send, and its size."""
        return await self._client.request(turns.PREVIEW, preview_params(text, options, **self._address))

    async def cancel(self, turn_id: str | None = None) -> None:
        """Stop a turn, whoever began it; without an ID the running one."""
        self._client.notify(turns.CHAT_CANCEL, turns.ChatCancelParams(session_id=self.session_id, turn_id=turn_id))

    async def follow(self) -> AsyncGenerator[ChatUpdateParams, None]:
        """The updates of all turns from now on, whoever sends, beginning with those of a turn that is running."""
        switchboard = self._client.switchboard
        try:
            with switchboard.session(self.session_id) as feed:
                params = sessions.SessionOpenParams(**self._address)
                running = (await self._client.request(sessions.SESSION_OPEN, params)).running
                for update in running.updates if running is not None else ():
                    feed.put(update)
                updates = OrderedUpdates(feed, self._client.refill_for(self.info.project_id))
                while (following := await updates.next()) is not None:
                    yield following
        finally:
            await self.leave()

    async def leave(self) -> None:
        """Be told no more of what others send, unless somebody here still follows."""
        if not self._client.switchboard.is_followed(self.session_id):
            with contextlib.suppress(ConnectionLost):
                await self._client.request(sessions.SESSION_CLOSE, sessions.SessionParams(**self._address))

    # messages

    @property
    def messages(self) -> Awaitable[list[StoredMessage]]:
        """A copy of all messages of the active path, oldest first."""
        return self._all_messages()

    async def history(self, limit: int | None = None, before: str | None = None) -> SessionHistoryResult:
        """The latest messages, or those before a cursor or message ID, oldest first."""
        params = sessions.SessionHistoryParams(limit=limit, before=before, **self._address)
        return await self._client.request(sessions.SESSION_HISTORY, params)

    async def add(self, *messages: AnyMessage) -> list[str]:
        """Put messages at the end; answers their IDs."""
        params = sessions.SessionAddParams(messages=new_messages(messages), **self._address)
        return (await self._client.request(sessions.SESSION_ADD, params)).message_ids

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
        return type(self)(self._client, await self._client.request(sessions.SESSION_FORK, params))

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

    # state: values that a program keeps with the session

    @property
    def state(self) -> Awaitable[dict[str, Any]]:
        """A copy of the state."""
        return self._state()

    async def set_state(self, values: Mapping[str, Any], *, replace: bool = False) -> dict[str, Any]:
        """Merge values into the state, or put them in its place; answers the state."""
        params = sessions.StateSetParams(state=dict(values), replace=replace, **self._address)
        return (await self._client.request(sessions.STATE_SET, params)).state

    async def clear_state(self, key: str | None = None) -> dict[str, Any]:
        """Forget one value, or all; answers the state."""
        params = sessions.StateGetParams(key=key, **self._address)
        return (await self._client.request(sessions.STATE_CLEAR, params)).state

    @property
    def _address(self) -> _Address:
        return {"session_id": self.info.session_id, "project_id": self.info.project_id}

    async def _all_messages(self) -> list[StoredMessage]:
        page = await self.history(_LARGEST_PAGE)
        messages = page.messages
        while page.next_cursor is not None:
            page = await self.history(_LARGEST_PAGE, page.next_cursor)
            messages = page.messages + messages
        return messages

    async def _state(self) -> dict[str, Any]:
        params = sessions.StateGetParams(**self._address)
        return (await self._client.request(sessions.STATE_GET, params)).state
