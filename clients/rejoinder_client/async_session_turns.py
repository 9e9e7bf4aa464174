"""The turns of a session, from the client's side."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Unpack

from rejoinder.protocol import sessions, turns
from rejoinder.protocol.turns import PreviewResult
from rejoinder.protocol.updates import ChatUpdateParams, Update
from rejoinder_client.errors import ConnectionLost
from rejoinder_client.feeds import OrderedUpdates
from rejoinder_client.options import AskOptions, ChatOptions, ask_params, chat_params, preview_params
from rejoinder_client.session_of_client import SessionOfClient
from rejoinder_client.turns import Answer, run_turn, stream_turn


class SessionTurns(SessionOfClient):
    """Asking, following, cancelling."""

    async def run(self, text: str, **options: Unpack[ChatOptions]) -> Answer:
        """Send a text and wait for the answer. When the caller is cancelled, so is the turn."""
        params = chat_params(text, self._as_user(options), **self._address)
        await self._by_hand.save()
        return await run_turn(self._client, turns.CHAT, params)

    async def stream(self, text: str, **options: Unpack[ChatOptions]) -> AsyncGenerator[Update, None]:
        """Send a text and get the updates as they come, `End` last. Closing the generator early cancels the turn."""
        params = chat_params(text, self._as_user(options), **self._address)
        await self._by_hand.save()
        async with contextlib.aclosing(stream_turn(self._client, turns.CHAT, params)) as updates:
            async for update in updates:
                yield update

    async def ask(self, text: str, **options: Unpack[AskOptions]) -> Answer:
        """Ask one question, with this session alone as its memory."""
        params = ask_params(text, self._as_user(options), **self._address)
        await self._by_hand.save()
        return await run_turn(self._client, turns.ASK, params)

    async def ask_stream(self, text: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Update, None]:
        """As `ask`, with the updates as they come."""
        params = ask_params(text, self._as_user(options), **self._address)
        await self._by_hand.save()
        async with contextlib.aclosing(stream_turn(self._client, turns.ASK, params)) as updates:
            async for update in updates:
                yield update

    async def preview(self, text: str, **options: Unpack[ChatOptions]) -> PreviewResult:
        """The exact prompt that `run` would send, and its size, without the messages that wait."""
        params = preview_params(text, self._as_user(options), **self._address)
        return await self._client.request(turns.PREVIEW, params)

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
