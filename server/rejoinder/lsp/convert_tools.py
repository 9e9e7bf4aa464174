"""Tools on their way to a client."""

from collections.abc import Sequence

from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.tools import ToolSpec
from rejoinder.protocol import methods, types
from rejoinder.protocol.settings import Tools
from rejoinder.services.tool_ports import ToolLimits


def tool_out(spec: ToolSpec, *, enabled: bool) -> methods.ToolInfo:
    """A tool that models may be given."""
    return methods.ToolInfo(
        name=spec.name,
        description=spec.description,
        parameters=spec.parameters,
        effect=spec.effect,
        source=spec.source,
        asks=spec.needs_approval,
        enabled=enabled,
    )


def calls_out(calls: Sequence[ToolCall]) -> list[types.ToolCall] | None:
    """The calls of a message."""
    return [types.ToolCall(call.call_id, call.name, call.args, call.status, call.output) for call in calls] or None


def limits_in(settings: Tools) -> ToolLimits:
    """The limits that are set for calls."""
    return ToolLimits(timeout=settings.timeout, rounds=settings.rounds, output=settings.output_limit)
