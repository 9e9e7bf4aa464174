"""Which tools a turn has, and one call from its arguments to its output."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.domain.prompt import ModelInfo
from rejoinder.domain.tools import FUNCTIONS, ToolSpec, is_wanted
from rejoinder.services.configuring import for_session
from rejoinder.services.request import TurnRequest
from rejoinder.services.tool_ports import Tool, ToolContext, ToolElsewhere, ToolFailed, ToolLimits, ToolSource

_log = logging.getLogger(__name__)

Problems = Callable[[Any, Mapping[str, Any]], list[str]]
"""What is wrong with a value by a JSON schema; nothing when it fits. It may block."""

MOST_TOOLS = 128
"""What providers take at most."""
_SHOWN_PROBLEMS = 5


@frozen
class Listed:
    """A tool that there is, and whether a turn that names none has it."""

    spec: ToolSpec
    enabled: bool


class Toolbox:
    """The tools of one turn."""

    def __init__(
        self,
        tools: Sequence[Tool],
        context: ToolContext,
        limits: ToolLimits,
        problems: Problems,
        allowed: Sequence[str],
    ) -> None:
        """`allowed` are the permissions that were given for the session."""
        self._tools = {tool.spec.name: tool for tool in tools}
        self._context = context
        self._problems = problems
        self.limits = limits
        self.allowed = set(allowed)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told."""
        return tuple(tool.spec for tool in self._tools.values())

    @property
    def user_id(self) -> str:
        """Whose turn it is."""
        return self._context.user_id

    def spec(self, name: str) -> ToolSpec | None:
        """A tool by its name."""
        tool = self._tools.get(name)
        return None if tool is None else tool.spec

    def is_there(self, name: str) -> bool:
        """Whether a tool could be called just now."""
        tool = self._tools.get(name)
        return tool is not None and (not isinstance(tool, ToolElsewhere) or tool.is_there(self._context))

    async def args_of(self, name: str, text: str) -> dict[str, Any]:
        """The arguments that a model wrote. Raises ToolFailed when there is no such tool, or they do not fit it."""
        if name not in self._tools:
            there = ", ".join(self._tools) or "none"
            raise ToolFailed(f"There is no tool {name[:80]!r}. The tools are: {there}.")
        try:
            args = orjson.loads(text or "{}")
        except orjson.JSONDecodeError as exc:
            raise ToolFailed(f"The arguments are no JSON: {exc}.") from None
        if wrong := await self.wrong(name, args):
            raise ToolFailed(f"The arguments do not fit: {'; '.join(wrong)}.")
        return dict(args)

    async def wrong(self, name: str, args: Any) -> list[str]:
        """What is wrong with the arguments of a tool."""
        if not isinstance(args, dict):
            return ["they have to be an object"]
        found = await asyncio.to_thread(self._problems, args, self._tools[name].spec.parameters)
        return found[:_SHOWN_PROBLEMS]

    async def call(self, name: str, args: dict[str, Any], *, turn_id: str, call_id: str) -> str:
        """The output of a call, cut where it is too long. Raises ToolFailed, whatever goes wrong."""
        tool = self._tools.get(name)
        if tool is None:
            raise ToolFailed(f"The tool {name!r} is not there any more.")
        seconds = tool.spec.timeout or self.limits.timeout
        context = attrs.evolve(self._context, turn_id=turn_id, call_id=call_id)
        try:
            async with asyncio.timeout(seconds):
                output = await tool.call(args, context)
        except TimeoutError:
            raise ToolFailed(f"The tool did not answer within {seconds:g} s.") from None
        except ToolFailed as exc:
            raise ToolFailed(self._cut(str(exc))) from None
        except RejoinderError as exc:
            raise ToolFailed(exc.message) from None
        except Exception:
            _log.exception("the tool %s failed", name)
            raise ToolFailed("The tool failed; the log says more.") from None
        return self._cut(output)

    def _cut(self, text: str) -> str:
        limit = self.limits.output
        # surrogates that stand alone cannot be stored
        data = text[: limit + 1].encode("utf-8", "replace")
        if len(data) <= limit and len(text) <= limit:
            return data.decode("utf-8")
        kept = data[:limit].decode("utf-8", "ignore")
        return f"{kept}\n[… cut here: the output has {len(text)} characters, of which {len(kept)} are shown]"


class Tooling:
    """The tools of all sources."""

    def __init__(self, sources: Sequence[ToolSource], problems: Problems) -> None:
        self._sources = sources
        self._problems = problems

    async def of_turn(
        self, request: TurnRequest, session: Session | None, model: ModelInfo, tell: Callable[[str], None]
    ) -> Toolbox | None:
        """The tools of a turn; None when it has none. Raises InvalidInput for a tool that was named and is not there.

        A model that can call none is given none, which is told.
        """
        names = request.tools if request.tools is not None else request.tools_set
        if not names and not request.functions:
            return None
        if not model.tools:
            tell(f"{model.label if model.provider == 'rejoinder' else model.id} cannot call tools; it is given none.")
            return None
        context = attrs.evolve(context_of(request, session), wanted=names)
        there = [*request.functions, *(await self._all(context) if names else ())]
        chosen = {tool.spec.name: tool for tool in reversed(there) if _chosen(tool.spec, names)}
        missing = [name for name in names if not any(is_wanted(tool.spec, (name,)) for tool in there)]
        if missing and request.tools is not None:
            raise InvalidInput(
                f"tools: there is no tool {missing[0]!r}.",
                hint="Name one that is there; `rejoinder tools` lists them.",
                key="tools",
            )
        for name in missing:
            tell(f"The setting `tools.use` names {name!r}, which is not there.")
        allowed = session.allowed_tools if session is not None else ()
        in_order = list(reversed(chosen.values()))[:MOST_TOOLS]
        return Toolbox(in_order, context, request.tool_limits, self._problems, allowed) if in_order else None

    async def listed(self, context: ToolContext, enabled: tuple[str, ...]) -> tuple[list[Listed], list[str]]:
        """All tools that there are, and what could not be had."""
        tools = [Listed(tool.spec, is_wanted(tool.spec, enabled)) for tool in await self._all(context)]
        notes = [note for source in self._sources for note in getattr(source, "notes", list)()]
        return tools, notes

    async def _all(self, context: ToolContext) -> list[Tool]:
        found = await asyncio.gather(*(source.tools(context) for source in self._sources), return_exceptions=True)
        tools: list[Tool] = []
        for result in found:
            if isinstance(result, BaseException):
                if not isinstance(result, Exception):
                    raise result
                _log.error("tools could not be listed", exc_info=result)
            else:
                tools += result
        return tools


def context_of(request: TurnRequest, session: Session | None) -> ToolContext:
    """Where a turn's calls happen."""
    return ToolContext(
        project=request.project,
        workspace=request.workspace,
        session_id=session.session_id if session is not None and request.remember else None,
        user_id=request.user_id,
        uri=request.uri,
        ignore=request.ignore,
        memory=for_session(session, "memory", request.memory),
        knowledge=for_session(session, "knowledge", request.knowledge),
        environment=request.choice.environment,
    )


def _chosen(spec: ToolSpec, names: tuple[str, ...]) -> bool:
    return spec.source == FUNCTIONS or is_wanted(spec, names)
