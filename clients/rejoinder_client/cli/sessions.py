"""`rejoinder session`: what there is, and what is in it; `session_changes` has what changes them."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from rejoinder_client.cli import session_changes
from rejoinder_client.cli.arguments import add_action, add_actions, add_ref
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.output import local_time, print_json

if TYPE_CHECKING:
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder_client.client import Client


def declare(command: ArgumentParser) -> None:
    """The arguments of `session`."""
    actions = add_actions(command)
    listing = add_action(
        actions, "list", "list the project's sessions, pinned ones first, then the newest", list_sessions
    )
    listing.add_argument("query", nargs="?", metavar="TEXT", help="only those with this in their name or description")
    listing.add_argument("--user", metavar="NAME", help="only those that this user made")
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--archived", action="store_true", help="the archived ones instead")
    which.add_argument("--trash", action="store_true", help="those in the trash instead")
    show = add_action(actions, "show", "show a session and its messages", show_session)
    add_ref(show)
    session_changes.declare(actions)


def list_sessions(options: Namespace) -> int:
    """Print the project's sessions, the current one marked."""
    with connected(options) as client:
        sessions = listed(
            client, query=options.query, archived=options.archived, trashed=options.trash, user_id=options.user
        )
    if options.json:
        print_json({"sessions": sessions})
    elif sessions:
        # Here and not above: programs that read JSON need not wait for it.
        from rejoinder_client.cli.tables import print_sessions

        print_sessions(sessions)
    else:
        print("No sessions found.")
    return 0


def show_session(options: Namespace) -> int:
    """Print a session's fields, then its messages, oldest first."""
    with connected(options) as client:
        session = client.open(options.ref)
        messages = session.messages
    if options.json:
        print_json({"session": session.info, "messages": messages})
        return 0
    from rejoinder_client.cli.messages import print_messages
    from rejoinder_client.cli.tables import print_rows

    print_rows(_fields(session.info))
    print_messages(messages)
    return 0


def listed(
    client: "Client",
    *,
    query: str | None = None,
    archived: bool = False,
    trashed: bool = False,
    user_id: str | None = None,
) -> "list[SessionInfo]":
    """All sessions that fit, of every page."""
    from rejoinder.protocol.sessions import SESSION_LIST, SessionListParams

    found: list[SessionInfo] = []
    cursor = None
    while True:
        # What is left out need not be known to an older server.
        params = SessionListParams(
            query=query, archived=archived or None, trashed=trashed or None, user_id=user_id, cursor=cursor
        )
        page = client.request(SESSION_LIST, params)
        found += page.sessions
        cursor = page.next_cursor
        if cursor is None:
            return found


def _fields(info: "SessionInfo") -> list[tuple[str, str]]:
    state = [
        name
        for name, holds in (("current", info.current), ("pinned", info.pinned), ("archived", info.archived))
        if holds
    ]
    used = info.usage
    cost = f", ${used.cost:.4f}" if used.cost else ""
    return [
        ("name", info.name),
        ("ID", info.session_id),
        ("user", info.user_id or ""),
        ("label", info.label or ""),
        ("description", info.description or ""),
        ("state", ", ".join(state)),
        ("messages", str(info.message_count)),
        ("created", local_time(info.created_at)),
        ("updated", local_time(info.updated_at)),
        ("file", info.uri or ""),
        ("model", info.model or ""),
        ("system", info.system or ""),
        ("used", f"{used.input_tokens} + {used.output_tokens} tokens, {used.seconds:.1f} s{cost}"),
        ("forked from", info.forked_from.session_id if info.forked_from else ""),
        ("metadata", ", ".join(f"{key}={value}" for key, value in info.metadata.items())),
        ("draft", info.draft or ""),
    ]
