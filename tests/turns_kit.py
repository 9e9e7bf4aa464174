"""Steps that tests of turns are made of."""

from collections.abc import Sequence
from typing import Any

from core import Core
from fakes import Gate
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import (
    ModelUnavailable,
)
from rejoinder.domain.events import (
    TextPart,
    TurnEnded,
    TurnEvent,
    TurnResult,
)
from rejoinder.domain.prompt import Finished, TextDelta
from rejoinder.services.running import RunningTurn

BROKEN = ModelUnavailable("gone", hint="Start it.", retryable=True)


async def begun(core: Core, text: str, **fields: Any) -> RunningTurn:
    """A turn that has been let go."""
    turn = await core.turns.begin(await core.request(text, **fields))
    assert isinstance(turn, RunningTurn)
    turn.released.set()
    return turn


async def said(core: Core, text: str, **fields: Any) -> TurnResult:
    """A turn from its beginning to its end."""
    turn = await core.turns.begin(await core.request(text, **fields))
    if isinstance(turn, TurnResult):
        return turn
    turn.released.set()
    return await turn.result()


async def at_gate(core: Core, *before: Any, text: str = "wait", **fields: Any) -> tuple[RunningTurn, Gate]:
    """A turn whose model has got to a gate, and ends well behind it."""
    gate = Gate()
    core.model.script(*before, gate, TextDelta(" rest"), Finished("end_turn", Usage(7, 3)))
    turn = await begun(core, text, **fields)
    await gate.reached.wait()
    return turn, gate


def types_of(events: Sequence[TurnEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def answered_text(events: Sequence[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextPart))


def ending(core: Core, turn_id: str) -> TurnEnded:
    """The last event of a turn, of which there must be exactly one of its kind."""
    events = core.publisher.events(turn_id)
    ended = [event for event in events if isinstance(event, TurnEnded)]
    assert ended == events[-1:]
    return ended[0]


def sent(core: Core, call: int = -1) -> list[str]:
    """What the model was sent in a call, without the system's message."""
    return [part.content for part in core.model.prompts[call].messages[1:]]
