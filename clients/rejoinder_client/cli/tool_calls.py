"""Tool calls of a running turn on the terminal: shown, and decided on when they wait for a yes."""

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from rejoinder.protocol.tools import TOOL_RESPOND
from rejoinder.protocol.updates import Approval, ToolCallStarted, ToolUpdate, Update
from rejoinder_client.cli.output import say
from rejoinder_client.cli.silent_keys import keys
from rejoinder_client.cli.tool_view import call_line, exact_call, outcome_line
from rejoinder_client.client import Client
from rejoinder_client.errors import NotFound

if TYPE_CHECKING:
    from rejoinder_client.approvals import Decision

NOBODY = "Nobody was there to be asked."

_SHOWN_LINES = 40
_OVER = ("done", "failed", "denied", "cancelled", "interrupted")
_QUESTION = "Allow it? y once · s for the session · n no, a reason may follow › "


class _Place(NamedTuple):
    turn_id: str
    session_id: str | None
    project_id: str | None
    user_id: str | None


class ToolCalls:
    """The calls of one turn after the other."""

    def __init__(self, client: Client, allowed: Sequence[str] = ()) -> None:
        """`allowed` are the tools whose calls need no yes here, by name; `*` stands for any characters."""
        self._client = client
        self._allowed = allowed
        self._calls: dict[str, ToolCallStarted] = {}
        self._place = _Place("", None, None, None)

    def begin(
        self,
        turn_id: str,
        session_id: str | None = None,
        project_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """What comes belongs to this turn."""
        self._calls.clear()
        self._place = _Place(turn_id, session_id, project_id, user_id)

    def watch(self, updates: Iterable[Update]) -> Iterator[Update]:
        """The same updates; the calls among them are shown and decided on."""
        for update in updates:
            self.take(update)
            yield update

    def take(self, update: Update) -> None:
        """Show what a call is or came to, or ask about it. Raises KeyboardInterrupt, as one that is asked may say."""
        if isinstance(update, ToolCallStarted):
            self._calls[update.call_id] = update
            if not update.needs_approval:
                say(call_line(update.name, update.args))
        elif isinstance(update, Approval) and (call := self._calls.get(update.call_id)) is not None:
            self._decide(call)
        elif isinstance(update, ToolUpdate) and update.status in _OVER:
            say(outcome_line(update.status, update.output))

    def _decide(self, call: ToolCallStarted) -> None:
        # here and not above: hardly any question comes to this
        from rejoinder_client.approvals import Decision, response

        if any(fnmatchcase(call.name, pattern) for pattern in self._allowed):
            say(call_line(call.name, call.args))
            decision = Decision(allow=True)
        elif sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
            decision = _asked(call)
        else:
            say(f"{call_line(call.name, call.args)}\n  {NOBODY} --allow-tool {call.name} allows it.")
            decision = Decision(allow=False, reason=NOBODY)
        answer = response(decision, call_id=call.call_id, **self._place._asdict())
        try:
            self._client.request(TOOL_RESPOND, answer)
        except NotFound:
            say("  It was decided on elsewhere.")


def is_about_tools(update: Update) -> bool:
    """Whether `ToolCalls.take` has something to show or to ask of it."""
    if isinstance(update, ToolUpdate):
        return update.status in _OVER
    return isinstance(update, ToolCallStarted | Approval)


def _asked(call: ToolCallStarted) -> "Decision":
    from rejoinder_client.approvals import Decision

    lines = exact_call(call.name, call.args)
    hidden = len(lines) - _SHOWN_LINES
    say("\n".join(["", *lines[:_SHOWN_LINES]]))
    if hidden > 0:
        say(f"  … {hidden} lines more; v shows them")
    _forget_typed()
    while True:
        with keys(shown=True):
            sys.stderr.write(_QUESTION)
            sys.stderr.flush()
            line = sys.stdin.readline()
        if not line:
            say("")
            return Decision(allow=False)
        word, _, rest = line.strip().partition(" ")
        match word.lower():
            case "y" | "yes":
                return Decision(allow=True)
            case "s" | "session":
                return Decision(allow=True, for_session=True)
            case "n" | "no":
                return Decision(allow=False, reason=rest.strip() or None)
            case "v":
                say("\n".join(lines))


def _forget_typed() -> None:
    """What was typed before the question could be seen is no answer to it."""
    with contextlib.suppress(ImportError, OSError):
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
