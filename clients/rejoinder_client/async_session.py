"""A session: one conversation, from the client's side."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from rejoinder.protocol import sessions, turns
from rejoinder.protocol.sessions import SessionHistoryResult
from rejoinder.protocol.turns import PreviewResult
from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import NewMessage
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder.protocol.updates import ChatUpdateParams, Update
from rejoinder_client.errors import ConnectionLost
from rejoinder_client.feeds import OrderedUpdates
from rejoinder_client.options import AskOptions, ChatOptions, ask_params, chat_params, preview_params
from rejoinder_client.turns import Answer, run_turn, stream_turn

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

_LARGEST_PAGE = 500


class _Address(TypedDict):
    session_id: str
    project_id: str


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

    async def add_message(self, message: NewMessage) -> str:
        """Put a message at the end; answers its ID."""
        return (await self.add_messages([message]))[0]

    async def add_messages(self, messages: Sequence[NewMessage]) -> list[str]:
        """Put messages at the end; answers their IDs."""
        params = sessions.SessionAddParams(messages=list(messages), **self._address)
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
        params = sessions.SessionUpdateParams(name=name, **self._address)
        self.info = await self._client.request(sessions.SESSION_UPDATE, params)

    async def fork(
        self, session_id: str | None = None, *, message_id: str | None = None, name: str | None = None
    ) -> "AsyncSession":
        """A new session with this one's messages up to `message_id`, or all of them."""
        params = sessions.SessionForkParams(
            new_session_id=session_id, message_id=message_id, name=name, **self._address
        )
        return AsyncSession(self._client, await self._client.request(sessions.SESSION_FORK, params))

    async def delete(self, *, permanent: bool = False) -> None:
        """To the trash, or for good."""
        params = sessions.SessionDeleteParams(permanent=permanent, **self._address)
        await self._client.request(sessions.SESSION_DELETE, params)

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
