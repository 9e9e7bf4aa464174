"""`rejoinder session create`, `use`, `update` and all else that changes sessions."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

from rejoinder_client.cli.arguments import add_action, add_ref, add_yes, pair
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, one_line, print_json

if TYPE_CHECKING:
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder_client.client import Client

_NAME_WIDTH = 40
_ROLES = ("system", "user", "assistant")


def declare(actions: Any) -> None:
    """The actions that change sessions."""
    _declare_create(actions)
    add_ref(add_action(actions, "use", "make a session the current one", use))
    change = add_action(actions, "update", "change what a session is called and what belongs to it", update)
    add_ref(change)
    change.add_argument("--name", metavar="NAME", help="what it is called")
    _add_fields(change)
    rename_ = add_action(actions, "rename", "give a session another name", rename)
    add_ref(rename_)
    rename_.add_argument("name", metavar="NAME", help="what it is called from now on")
    _declare_fork(actions)
    for name, summary, run in (
        ("pin", "have a session listed first", _setting(pinned=True)),
        ("unpin", "list a session in its place again", _setting(pinned=False)),
        ("archive", "leave a session out of the list", _setting(archived=True)),
        ("unarchive", "list a session again", _setting(archived=False)),
    ):
        add_ref(add_action(actions, name, summary, run))
    _declare_removal(actions)


def message(text: str) -> tuple[str, str]:
    """Role and text of `ROLE:TEXT`."""
    role, colon, content = text.partition(":")
    if role not in _ROLES or not colon:
        raise ArgumentTypeError(f"{text!r} does not begin with `user:`, `assistant:` or `system:`")
    return role, content.strip()


def create(options: Namespace) -> int:
    """Make a session; it becomes the current one."""
    from rejoinder.protocol.sessions import SESSION_CREATE, SessionCreateParams
    from rejoinder.protocol.types import NewMessage

    with connected(options) as client:
        params = SessionCreateParams(
            session_id=options.id,
            name=options.name,
            label=options.label,
            description=options.description,
            system=options.system,
            metadata=dict(options.metadata) or None,
            messages=[NewMessage(role, content) for role, content in options.message] or None,
        )
        return _told(client.request(SESSION_CREATE, params), "Created, and now the current session", options)


def use(options: Namespace) -> int:
    """Make a session the current one."""
    with connected(options) as client:
        session = client.open(options.ref)
        session.use()
        return _told(session.info, "Current session", options)


def update(options: Namespace) -> int:
    """Change a session's fields."""
    names = ("name", "label", "description", "system", "model")
    changes: dict[str, Any] = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    with connected(options) as client:
        session = client.open(options.ref)
        if options.metadata:
            changes["metadata"] = {**session.info.metadata, **dict(options.metadata)}
        if not changes:
            raise UsageError("There is nothing to change.", hint="Say --name, --label, --description or another field.")
        return _told(session.update(**changes), f"Updated ({', '.join(changes)})", options)


def rename(options: Namespace) -> int:
    """Give a session another name."""
    with connected(options) as client:
        session = client.open(options.ref)
        session.rename(options.name)
        return _told(session.info, "Renamed", options)


def fork(options: Namespace) -> int:
    """Copy a session, or begin a new one with its summary."""
    from rejoinder.protocol.sessions import SESSION_FORK, SessionForkParams

    with connected(options) as client:
        origin = client.open(options.ref).info
        params = SessionForkParams(
            session_id=origin.session_id,
            message_id=options.at,
            new_session_id=options.id,
            name=options.name,
            summarize=options.summary or None,
        )
        return _told(client.request(SESSION_FORK, params), "Forked, and now the current session", options)


def delete(options: Namespace) -> int:
    """Move a session to the trash, or remove it for good, after asking; tells which one is the current one then."""
    with connected(options) as client:
        session = client.open(options.ref)
        what = "for good" if options.permanent else "to the trash"
        if not confirmed(f"Delete {_counted(session.info)} {what}?", yes=options.yes):
            return 1
        session.delete(permanent=options.permanent)
        if options.json:
            print_json({"sessionId": session.session_id, "permanent": options.permanent})
            return 0
        print(f"{'Deleted for good' if options.permanent else 'Moved to the trash'}: {_named(session.info)}")
        if session.info.current:
            _tell_current(client)
    return 0


def restore(options: Namespace) -> int:
    """Bring a session back from the trash."""
    from rejoinder.protocol.sessions import SESSION_RESTORE, SessionParams

    with connected(options) as client:
        session_id = _trashed(client, options.ref)
        restored = client.request(SESSION_RESTORE, SessionParams(session_id=session_id))
        return _told(restored, "Restored", options)


def clear(options: Namespace) -> int:
    """Remove a session's messages, after asking."""
    with connected(options) as client:
        session = client.open(options.ref)
        if not confirmed(f"Remove all messages of {_counted(session.info)}?", yes=options.yes):
            return 1
        session.clear(keep_system=not options.system)
        return _told(session.info, "Cleared", options)


def _declare_create(actions: Any) -> None:
    command = add_action(actions, "create", "make a session; it becomes the current one", create)
    command.add_argument("name", nargs="?", metavar="NAME", help="what it is called (default: the date)")
    command.add_argument("--id", metavar="ID", help="an ID of one's own")
    command.add_argument(
        "--message",
        action="append",
        default=[],
        type=message,
        metavar="ROLE:TEXT",
        help="a first message; may be repeated",
    )
    _add_fields(command)


def _add_fields(command: ArgumentParser) -> None:
    command.add_argument("--description", metavar="TEXT", help="what it is about")
    command.add_argument("--label", metavar="TEXT", help="a short second name")
    command.add_argument("--system", metavar="TEXT", help="what the model is told first")
    command.add_argument("--model", metavar="NAME", help="the model that answers in it")
    command.add_argument(
        "--metadata",
        action="append",
        default=[],
        type=pair,
        metavar="KEY=VALUE",
        help="a value of one's own; may be repeated",
    )


def _declare_fork(actions: Any) -> None:
    command = add_action(actions, "fork", "copy a session and go on in the copy", fork)
    add_ref(command)
    command.add_argument("--at", metavar="MESSAGE", help="ID of the last message that is copied (default: all)")
    command.add_argument("--name", metavar="NAME", help="what the copy is called")
    command.add_argument("--id", metavar="ID", help="an ID of one's own")
    command.add_argument("--summary", action="store_true", help="begin with a summary of the messages in their place")


def _declare_removal(actions: Any) -> None:
    removal = add_action(actions, "delete", "move a session to the trash", delete)
    add_ref(removal)
    removal.add_argument("--permanent", action="store_true", help="remove it for good")
    back = add_action(actions, "restore", "bring a session back from the trash", restore)
    back.add_argument("ref", metavar="REF", help="ID, name or beginning of the ID; `session list --trash` shows them")
    clearing = add_action(actions, "clear", "remove a session's messages", clear)
    add_ref(clearing)
    clearing.add_argument("--system", action="store_true", help="the system messages too")
    for command in (removal, clearing):
        add_yes(command)


def _setting(**changes: Any) -> Any:
    """An action that sets fields to fixed values."""

    def run(options: Namespace) -> int:
        with connected(options) as client:
            session = client.open(options.ref)
            ((field, value),) = changes.items()
            return _told(session.update(**changes), field.capitalize() if value else f"No longer {field}", options)

    return run


def _trashed(client: "Client", ref: str) -> str:
    """The ID of a session in the trash; the reference itself when it names none of them or several."""
    from rejoinder_client.cli.choosing import pick
    from rejoinder_client.cli.sessions import listed

    known = [(session.session_id, session.name) for session in listed(client, trashed=True)]
    return pick(ref, known, "in the trash", listing="session list --trash")


def _tell_current(client: "Client") -> None:
    from rejoinder_client.cli.sessions import listed

    current = next((session for session in listed(client) if session.current), None)
    print(f"Current session: {_named(current)}" if current else "There is no current session now.")


def _told(info: "SessionInfo", what: str, options: Namespace) -> int:
    if options.json:
        print_json(info)
    else:
        print(f"{what}: {_named(info)}")
    return 0


def _named(info: "SessionInfo") -> str:
    return f"{one_line(info.name, _NAME_WIDTH)} ({info.session_id})"


def _counted(info: "SessionInfo") -> str:
    return f"{one_line(info.name, _NAME_WIDTH)} ({counted(info.message_count, 'message')})"
