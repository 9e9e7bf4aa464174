"""Tools that a model may call: what they are, how a call is decided on, and the calls of a turn that waits."""

from collections.abc import Sequence
from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, ToolCall

Effect = Literal["read", "write", "reach"]
"""What a call does: looks at the project and its conversations; changes something; reaches out of this machine."""

BUILT_IN = "built-in"
"""The source of the tools that are always there."""
FUNCTIONS = "functions"
"""The source of the functions of the program that sent a turn."""

DEFAULT_TOOLS = "default"
"""Stands for all tools that are built in and only read."""
ALL_TOOLS = "all"
"""Stands for every tool that there is."""

WAITING = "waiting"
"""For a decision."""
ALLOWED = "allowed"
"""Decided on, and not begun."""
RUNNING = "running"
DONE = "done"
FAILED = "failed"
"""The tool could not do it; the output says why."""
DENIED = "denied"
CANCELLED = "cancelled"
"""It was not made, or was stopped while it ran, as its output says then."""
STOPPED = "It was stopped while it ran; whether it did anything is not known."
INTERRUPTED = "interrupted"
"""The engine ended while the tool ran; what came of it is not known."""

OVER = frozenset({DONE, FAILED, DENIED, CANCELLED, INTERRUPTED})
"""Nothing comes after these."""
BEGUN = frozenset({RUNNING, DONE, FAILED, INTERRUPTED})
"""The tool may have done something."""


@frozen(kw_only=True)
class ToolSpec:
    """What a model is told of a tool. `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: dict[str, Any]
    effect: Effect = "read"
    source: str = BUILT_IN
    """`built-in`, `functions`, or the name of the server that has it."""
    asks: bool | None = None
    """Whether a call waits for a yes; None: as its effect says."""
    timeout: float | None = None
    """Seconds that a call may take; None: as it is set."""

    @property
    def needs_approval(self) -> bool:
        """Whether each call is shown and waits for a decision."""
        return self.effect != "read" if self.asks is None else self.asks

    @property
    def key(self) -> str:
        """What a lasting decision is remembered by: a tool of the same name from elsewhere is another one."""
        return f"{self.source}:{self.name}"


@frozen(kw_only=True)
class Decision:
    """What a user decided about one call."""

    verdict: Literal["allow", "allow_session", "deny"]
    reason: str | None = None
    args: dict[str, Any] | None = None
    """What the tool is to be called with instead."""

    @property
    def allows(self) -> bool:
        """Whether the call is made."""
        return self.verdict != "deny"


def is_wanted(spec: ToolSpec, names: tuple[str, ...]) -> bool:
    """Whether a list of names takes a tool in: by its own name, its source, or one of the names for several."""
    if ALL_TOOLS in names or spec.name in names or (spec.source in names and spec.source != FUNCTIONS):
        return True
    return DEFAULT_TOOLS in names and spec.source == BUILT_IN and not spec.needs_approval


def ended(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """The calls of a turn that has ended: those that were not over are cancelled."""
    return tuple(call if call.status in OVER else _cancelled(call) for call in calls)


def left(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """The calls of a turn as an engine has left it: what ran was cut off."""
    return tuple(attrs.evolve(call, status=INTERRUPTED) if call.status == RUNNING else call for call in calls)


def without_kept(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
    """The calls without what only their provider wanted to have back."""
    return tuple(attrs.evolve(call, kept=None) for call in calls)


def permission(spec: ToolSpec, user_id: str) -> str:
    """How a user's lasting yes to a tool is kept with a session."""
    return spec.key if user_id == DEFAULT_USER else f"{spec.key} for {user_id}"


def _cancelled(call: ToolCall) -> ToolCall:
    return attrs.evolve(call, status=CANCELLED, output=STOPPED if call.status == RUNNING else None)
