"""One turn, from its request to its end."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from rejoinder.protocol.method import Method
from rejoinder.protocol.turns import AskParams, ChatParams, TurnResult
from rejoinder.protocol.types import Citation, StopReason, Usage
from rejoinder.protocol.updates import End, Text, Update
from rejoinder_client.feeds import OrderedUpdates

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

TurnParams = ChatParams | AskParams


@attrs.frozen
class Answer:
    """A finished turn. `message_id` is None when nothing was stored; `str()` gives the text."""

    text: str
    citations: list[Citation]
    usage: Usage
    stop_reason: StopReason
    message_id: str | None
    turn_id: str
    session_id: str
    model: str | None
    agent: str | None = None
    json: Any = None
    """The value that the text is, where a schema was asked for."""
    output: Any = None
    """What that becomes: an instance of the class that was asked for, else the value itself."""

    def __str__(self) -> str:
        return self.text


async def run_turn(
    client: "AsyncClient", method: Method[Any, TurnResult], params: TurnParams, options: Mapping[str, Any]
) -> Answer:
    """Wait for the whole answer. The caller's cancellation cancels the turn."""
    with _served(client, params, options):
        result = await client.request(method, params)
    return Answer(
        text=result.text or "",
        citations=result.citations or [],
        usage=result.usage or Usage(),
        stop_reason=result.stop_reason or "end_turn",
        message_id=result.message_id,
        turn_id=result.turn_id,
        session_id=result.session_id,
        model=result.model,
        agent=result.agent,
        json=result.json,
    )


async def stream_turn(
    client: "AsyncClient", method: Method[Any, TurnResult], params: TurnParams, options: Mapping[str, Any]
) -> AsyncGenerator[Update, None]:
    """The updates of a turn as they come, `End` last. Closing the generator before that cancels the turn.

    Raises what the reply says after the last update.
    """
    assert params.turn_id is not None  # noqa: S101 - `options` always gives one
    with _served(client, params, options), client.switchboard.turn(params.turn_id) as feed:
        reply = asyncio.create_task(client.request(method, params))
        reply.add_done_callback(lambda _: feed.close())
        updates = OrderedUpdates(feed, client.refill_for(params.project_id))
        seen: set[type] = set()
        try:
            while End not in seen and (update := await updates.next()) is not None:
                seen.add(type(update.update))
                yield update.update
            for untold in _untold(await reply, seen):
                yield untold
        finally:
            if End not in seen:
                reply.cancel()
            await asyncio.wait([reply])
            if not reply.cancelled():
                reply.exception()


def _served(
    client: "AsyncClient", params: TurnParams, options: Mapping[str, Any]
) -> contextlib.AbstractContextManager[None]:
    """Call functions and decide on calls for a turn, to the end of the block."""
    tools, on_approval = options.get("tools") or (), options.get("on_approval")
    if on_approval == "wait" and all(isinstance(each, str) for each in tools):
        return contextlib.nullcontext()
    # here and not above: the terminal has no functions, and decides by itself
    from rejoinder_client.tool_calls import TurnTools
    from rejoinder_client.tools import functions_in

    return client.tool_desk.turn(params.turn_id, TurnTools(functions_in(tools), on_approval, params.user_id))


def _untold(result: TurnResult, seen: set[type]) -> list[Update]:
    """What the result says and no update did: a turn that was stored before has no updates any more."""
    untold: list[Update] = []
    if Text not in seen and result.text:
        untold.append(Text(result.text))
    if End not in seen:
        untold.append(
            End(
                stop_reason=result.stop_reason or "end_turn",
                usage=result.usage or Usage(),
                citations=result.citations or [],
                message_id=result.message_id,
            )
        )
    return untold
