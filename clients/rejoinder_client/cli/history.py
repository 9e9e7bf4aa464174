"""`rejoinder history`: what was said in a session."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from rejoinder.protocol.types import Message
from rejoinder_client.cli.arguments import add_action, add_actions, add_ref, add_yes, positive
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.output import counted, one_line, print_json, printable
from rejoinder_client.cli.session_changes import message
from rejoinder_client.errors import NotFound

_NAME_WIDTH = 40
_NEIGHBOURS = 5
"""Messages that are shown around one, with that one."""


def declare(command: ArgumentParser) -> None:
    """The arguments of `history`."""
    actions = add_actions(command)
    showing = _action(actions, "show", "show the messages with role, source and time", show)
    showing.add_argument("--limit", type=positive, metavar="COUNT", help="only the last ones, or so many around --at")
    showing.add_argument("--at", metavar="MESSAGE", help="a message by its ID, with its neighbours")
    _action(actions, "summary", "show a summary of what was said", summary)
    adding = _action(actions, "add", "put messages at the end by hand", add)
    adding.add_argument("message", nargs="+", type=message, metavar="ROLE:TEXT", help="as in `user:Hello`")
    clearing = add_action(actions, "clear", "remove the messages of a session, or of all", clear)
    which = clearing.add_mutually_exclusive_group()
    add_ref(which, "--session", "-s", help="ID, name or beginning of the ID (default: the current session)")
    which.add_argument("--all", action="store_true", help="of every session of the project")
    clearing.add_argument("--system", action="store_true", help="the system messages too")
    add_yes(clearing)


def show(options: Namespace) -> int:
    """Print the messages of the session, oldest first."""
    with connected(options) as client:
        session = client.open(options.session)
        messages = session.messages
    messages = messages[-(options.limit or 0) :] if options.at is None else _around(messages, options.at, options.limit)
    if options.json:
        print_json({"session": session.info, "messages": messages})
        return 0
    from rejoinder_client.cli.messages import print_messages

    print(f"{one_line(session.info.name, _NAME_WIDTH)} ({session.session_id})")
    print_messages(messages)
    return 0


def _around(messages: Sequence[Message], message_id: str, limit: int | None) -> list[Message]:
    """A message with its neighbours. Raises NotFound for one that the session's history does not have."""
    place = next((at for at, each in enumerate(messages) if each.message_id == message_id), None)
    if place is None:
        raise NotFound(
            f"The session's history has no message {message_id!r}.",
            hint="It may be in another version of the conversation; `rejoinder search` shows its text.",
        )
    count = limit or _NEIGHBOURS
    first = max(0, min(place - (count - 1) // 2, len(messages) - count))
    return list(messages[first : first + count])


def summary(options: Namespace) -> int:
    """Print a summary of the session, and how much of it that covers."""
    with connected(options) as client:
        session = client.open(options.session)
        found = session.summarize()
    if options.json:
        print_json(found)
    elif found.covers:
        name = one_line(session.info.name, _NAME_WIDTH)
        of_all = counted(session.info.message_count, "message")
        print(f"{name}, {len(found.covers)} of {of_all}:\n\n{printable(found.summary)}")
    else:
        print("There is nothing to summarize.")
    return 0


def add(options: Namespace) -> int:
    """Put messages at the session's end."""
    from rejoinder.protocol.types import NewMessage

    with connected(options) as client:
        session = client.open(options.session)
        added = session.add(*(NewMessage(role, content) for role, content in options.message))
    if options.json:
        print_json({"messageIds": added})
    else:
        print(f"Added {len(added)} to {one_line(session.info.name, _NAME_WIDTH)} ({session.session_id})")
    return 0


def clear(options: Namespace) -> int:
    """Remove the messages of one session or of all, after asking."""
    with connected(options) as client:
        sessions = [client.existing(each.session_id) for each in client.sessions.list()] if options.all else []
        if not options.all:
            sessions = [client.open(options.session)]
        count = sum(session.info.message_count for session in sessions)
        name = counted(len(sessions), "session") if options.all else one_line(sessions[0].info.name, _NAME_WIDTH)
        if not confirmed(f"Remove {counted(count, 'message')} of {name}?", yes=options.yes):
            return 1
        for session in sessions:
            session.clear(keep_system=not options.system)
    if options.json:
        print_json({"sessions": len(sessions), "messages": count})
    else:
        print(f"Cleared: {name}, {counted(count, 'message')}")
    return 0


def _action(actions: Any, name: str, summary: str, run: Any) -> ArgumentParser:
    command = add_action(actions, name, summary, run)
    add_ref(command, "--session", "-s", help="ID, name or beginning of the ID (default: the current session)")
    return command
