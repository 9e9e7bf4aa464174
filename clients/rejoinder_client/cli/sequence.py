"""Several agents, one after the other, on the terminal."""

from argparse import Namespace
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import cast

from rejoinder_client.agents import Task
from rejoinder_client.approvals import ApprovalRequest
from rejoinder_client.async_session_agents import stopped_at
from rejoinder_client.cli.choosing import session_for
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import print_json, say
from rejoinder_client.cli.tool_calls import NOBODY
from rejoinder_client.cli.turn import Turn
from rejoinder_client.client import Client
from rejoinder_client.errors import RejoinderError
from rejoinder_client.options import ChatOptions, TurnOptions


def names_in(text: str) -> list[str]:
    """The names in `A,B`. Raises UsageError."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise UsageError(f"{text!r} is no list of agents.", hint="Name them as in `--agents researcher,writer`.")
    return names


def ask_in_sequence(client: Client, options: Namespace, text: str, how: TurnOptions, folder: Path | None) -> int:
    """Have agents answer one after the other in one session, and print each answer as it comes."""
    names = names_in(options.agents)
    session = session_for(client, options.session, go_on=True, user_id=options.user)
    assert session is not None  # noqa: S101 - it is the current one, if none is named
    how.pop("turn_id", None)
    if options.json:
        how["on_approval"] = partial(_decided, options.allow_tool)
        print_json({"answers": session.sequence(names, text, **cast(ChatOptions, how))})
        return 0
    turn = Turn(client, folder, how, trace=options.trace, metrics=options.metrics, allowed=options.allow_tool)
    for number, name in enumerate(names, 1):
        print(f"{'' if number == 1 else chr(10)}[{name}]", flush=True)
        turn.how["agent"] = name
        try:
            end = turn.say(session, text)
        except RejoinderError as error:
            raise stopped_at(error, Task(text, name), number, len(names)) from None
        if end is not None and end.stop_reason == "cancelled":
            say(f"Stopped at step {number} of {len(names)}, {name}.")
            return 1
    return 0


def _decided(allowed: Sequence[str], request: ApprovalRequest) -> bool | str:
    """Whether a call that waits is among those that were allowed with the command."""
    return any(fnmatchcase(request.name, pattern) for pattern in allowed) or NOBODY
