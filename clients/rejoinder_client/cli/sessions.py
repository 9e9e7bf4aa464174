"""`rejoinder session list`, `show` and `delete`."""

import sys
from argparse import Namespace
from collections.abc import Sequence

from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import local_time, one_line, print_json, print_table, say

_SHORT_ID = 8
_NAME_WIDTH = 40


def list_sessions(options: Namespace) -> int:
    """Print the project's sessions, the current one marked."""
    with connected(options) as client:
        sessions = client.sessions()
    if options.json:
        print_json({"sessions": sessions})
    elif not sessions:
        print("No sessions found.")
    else:
        header = ("", "ID", "NAME", "MESSAGES", "UPDATED")
        print_table(header, [_row(session, _id_length(sessions)) for session in sessions], right=frozenset({3}))
    return 0


def show(options: Namespace) -> int:
    """Print a session's messages, oldest first."""
    with connected(options) as client:
        session = client.open(options.ref)
        messages = session.messages
    if options.json:
        print_json({"session": session.info, "messages": messages})
        return 0
    print(f"{session.info.name}  ({session.session_id})")
    for message in messages:
        note = ", cancelled" if message.stop_reason == "cancelled" else ""
        print(f"\n[{message.role}, {local_time(message.created_at)}{note}]\n{message.content}")
    return 0


def delete(options: Namespace) -> int:
    """Move a session to the trash, or remove it for good, after asking."""
    with connected(options) as client:
        session = client.open(options.ref)
        name = one_line(session.info.name, _NAME_WIDTH)
        if not options.yes and not _confirmed(name, session.info.message_count, permanent=options.permanent):
            say("Nothing was deleted.")
            return 1
        session.delete(permanent=options.permanent)
    if options.json:
        print_json({"sessionId": session.session_id, "permanent": options.permanent})
    else:
        print(f"{'Deleted for good' if options.permanent else 'Moved to the trash'}: {name} ({session.session_id})")
    return 0


def _confirmed(name: str, messages: int, *, permanent: bool) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to be asked.", hint="Say --yes.")
    what = "for good" if permanent else "to the trash"
    sys.stderr.write(f"Delete {name} ({messages} messages) {what}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _row(session: SessionInfo, id_length: int) -> tuple[str, str, str, str, str]:
    return (
        "*" if session.current else "",
        session.session_id[:id_length],
        one_line(session.name, _NAME_WIDTH),
        str(session.message_count),
        local_time(session.updated_at),
    )


def _id_length(sessions: Sequence[SessionInfo]) -> int:
    """How much of each ID is needed to tell them apart."""
    ids = {session.session_id for session in sessions}
    longest = max(map(len, ids))
    return next(
        (length for length in range(_SHORT_ID, longest) if len({name[:length] for name in ids}) == len(ids)), longest
    )
