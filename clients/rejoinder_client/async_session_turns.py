"""The turns of a session, from the client's side."""

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from rejoinder.protocol import attachments, sessions, tools, turns
from rejoinder.protocol.turns import PreviewResult
from rejoinder.protocol.updates import ChatUpdateParams, Update
from rejoinder_client.errors import ConnectionLost
from rejoinder_client.feeds import OrderedUpdates
from rejoinder_client.options import AskOptions, ChatOptions, ask_params, chat_params, preview_params
from rejoinder_client.session_of_client import SessionOfClient
from rejoinder_client.shapes import shape_of, with_output
from rejoinder_client.turns import Answer, run_turn, stream_turn

if TYPE_CHECKING:
    from rejoinder_client.approvals import Decision

T = TypeVar("T")


class SessionTurns(SessionOfClient):
    """Asking, following, cancelling."""

    async def run(self, text: str, **options: Unpack[ChatOptions]) -> Answer:
        """Send a text and wait for the answer. When the caller is cancelled, so is the turn."""
        how = self._with_own(options)
        params = chat_params(text, how, **self._address)
        await self._ready(options)
        return await run_turn(self._client, turns.CHAT, params, how)

    async def stream(self, text: str, **options: Unpack[ChatOptions]) -> AsyncGenerator[Update, None]:
        """Send a text and get the updates as they come, `End` last. Closing the generator early cancels the turn."""
        how = self._with_own(options)
        params = chat_params(text, how, **self._address)
        await self._ready(options)
        async with contextlib.aclosing(stream_turn(self._client, turns.CHAT, params, how)) as updates:
            async for update in updates:
                yield update

    @overload
    async def ask(self, text: str, *, schema: type[T], **options: Unpack[AskOptions]) -> T: ...

    @overload
    async def ask(
        self, text: str, *, schema: Mapping[str, Any] | None = None, **options: Unpack[AskOptions]
    ) -> Answer: ...

    async def ask(self, text: str, *, schema: Any = None, **options: Unpack[AskOptions]) -> Any:
        """Ask one question, with this session alone as its memory.

        With a JSON schema the answer's `json` is valid by it. With a class (pydantic's, or a dataclass) an instance of
        it is what comes back. Raises SchemaInvalid.
        """
        if schema is not None:
            answer = await self.json(text, schema=schema, **options)
            return answer if isinstance(schema, Mapping) else answer.output
        how = self._with_own(options)
        params = ask_params(text, how, **self._address)
        await self._ready(options)
        return await run_turn(self._client, turns.ASK, params, how)

    async def json(self, text: str, *, schema: type[Any] | Mapping[str, Any], **options: Unpack[AskOptions]) -> Answer:
        """As `ask` with a schema; what comes back is the whole answer, whose `output` is the instance."""
        shape = shape_of(schema)
        how = self._with_own(options)
        params = ask_params(text, how, schema=shape.schema, **self._address)
        await self._ready(options)
        return with_output(await run_turn(self._client, turns.ASK, params, how), shape)

    async def ask_stream(
        self, text: str, *, schema: type[Any] | Mapping[str, Any] | None = None, **options: Unpack[AskOptions]
    ) -> AsyncGenerator[Update, None]:
        """As `ask`, with the updates as they come; with a schema the text is one piece of JSON."""
        how = self._with_own(options)
        shape = None if schema is None else shape_of(schema).schema
        params = ask_params(text, how, schema=shape, **self._address)
        await self._ready(options)
        async with contextlib.aclosing(stream_turn(self._client, turns.ASK, params, how)) as updates:
            async for update in updates:
                yield update

    async def preview(self, text: str, **options: Unpack[ChatOptions]) -> PreviewResult:
        """The exact prompt that `run` would send, and its size, without the messages that wait."""
        params = preview_params(text, self._with_own(options), **self._address)
        return await self._client.request(turns.PREVIEW, params)

    async def attachment(self, hash: str) -> bytes:
        """An image of this session by the `hash` of an attachment. Raises NotFound."""
        params = attachments.SessionAttachmentParams(hash=hash, **self._address)
        found = await self._client.request(attachments.SESSION_ATTACHMENT, params)
        return await asyncio.to_thread(b64decode, found.data)

    async def cancel(self, turn_id: str | None = None) -> None:
        """Stop a turn, whoever began it; without an ID the running one."""
        self._client.notify(turns.CHAT_CANCEL, turns.ChatCancelParams(session_id=self.session_id, turn_id=turn_id))

    async def respond(self, turn_id: str, call_id: str, decision: "Decision | bool | str") -> None:
        """Decide on a call that waits, in whichever turn: True, False, the reason for a no, or a Decision.

        Raises NotFound when it does not wait any more.
        """
        from rejoinder_client.approvals import response

        await self.offer_functions()
        await self._client.request(
            tools.TOOL_RESPOND, response(decision, turn_id, call_id, user_id=self.user_id, **self._address)
        )

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
