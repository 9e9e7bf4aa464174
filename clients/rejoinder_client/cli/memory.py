"""`rejoinder memory` and `rejoinder context`: what is remembered, and what is made of it for a question."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from rejoinder_client.cli.arguments import (
    Command,
    add_action,
    add_actions,
    add_common,
    add_ref,
    add_yes,
    pair,
    positive,
)
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.memory_arguments import expiry, quality
from rejoinder_client.cli.output import one_line, print_json, printable

if TYPE_CHECKING:
    from rejoinder.protocol.memory import MemoryEntry
    from rejoinder_client.client import Client

_KINDS = ("short", "long")
_SHOWN = 70
_SHORTEST_PREFIX = 4


def declare(command: ArgumentParser) -> None:
    """The arguments of `memory`."""
    actions = add_actions(command)
    adding = _action(actions, "add", "remember a text in the project, or in one session", add)
    adding.add_argument("text", nargs="+", metavar="TEXT", help="what to remember")
    adding.add_argument("--short", action="store_true", help="in the session alone; without one for a week")
    adding.add_argument("--message", metavar="ID", help="the session's message that it came from")
    adding.add_argument("--file", metavar="PATH", help="the project's file that it came from")
    _add_values(adding)
    listing = _action(actions, "list", "list what is remembered, newest first", list_entries)
    listing.add_argument("--kind", choices=_KINDS, help="only these")
    searching = _action(actions, "search", "find what fits a question", search)
    searching.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    searching.add_argument("--kind", choices=_KINDS, help="only these")
    searching.add_argument("--limit", type=positive, default=10, metavar="COUNT", help="at most so many (default: 10)")
    _add_entry(_action(actions, "show", "show an entry, and where it came from", show, session=False))
    updating = _action(actions, "update", "correct an entry", update, session=False)
    _add_entry(updating)
    updating.add_argument("--text", metavar="TEXT", help="what it says from now on")
    updating.add_argument("--kind", choices=_KINDS, help="which kind it is from now on")
    _add_values(updating)
    _add_entry(_action(actions, "forget", "forget entries, for good", forget, session=False), several=True)
    clearing = _action(actions, "clear", "forget all, or all of a kind or of a session", clear)
    clearing.add_argument("--kind", choices=(*_KINDS, "all"), default="all", help="only these (default: all)")
    add_yes(clearing)


def declare_context(command: ArgumentParser) -> None:
    """The arguments of `context`."""
    command.description = "Print one text of what memory and knowledge say on a question, as a prompt would quote it."
    command.add_argument("text", nargs="+", metavar="TEXT", help="the question")
    command.add_argument("--limit", type=positive, default=5, metavar="COUNT", help="at most so many (default: 5)")
    _add_whose(command)
    add_common(command, context)


def add(options: Namespace) -> int:
    """Remember a text."""
    with connected(options) as client:
        entry = client.memory.add(
            " ".join(options.text),
            kind="short" if options.short else "long",
            quality=options.quality,
            metadata=dict(options.meta) if options.meta else None,
            expires_at=options.expires,
            session_id=_session_id(client, options),
            message_id=options.message,
            path=options.file,
            user_id=options.user,
        )
    return _told(entry, "Remembered", options)


def list_entries(options: Namespace) -> int:
    """Print what is remembered."""
    with connected(options) as client:
        entries = client.memory.list(kind=options.kind, session_id=_session_id(client, options), user_id=options.user)
    if options.json:
        print_json({"entries": entries})
    elif entries:
        # Here and not above: programs that read JSON need not wait for it.
        from rejoinder_client.cli.memory_tables import print_entries

        print_entries(entries)
    else:
        print("Nothing is remembered.")
    return 0


def search(options: Namespace) -> int:
    """Print the entries that fit best."""
    with connected(options) as client:
        hits = client.memory.search(
            " ".join(options.text),
            kind=options.kind,
            limit=options.limit,
            session_id=_session_id(client, options),
            user_id=options.user,
        )
    if options.json:
        print_json({"hits": hits})
    elif not hits:
        print("Nothing was found.")
    else:
        for hit in hits:
            print(f"{hit.score:6.3f}  {hit.uri.rpartition('/')[2]}  {hit.scope or ''}")
            for line in hit.text.splitlines()[:3]:
                print(f"        {one_line(line, _SHOWN)}")
    return 0


def show(options: Namespace) -> int:
    """Print an entry with all its fields, and the message that it came from while that is there."""
    with connected(options) as client:
        entry = _entry(client, options.entry, options.user)
        if options.json:
            print_json(entry)
            return 0
        from rejoinder_client.cli.memory_tables import print_entry

        print_entry(client, entry)
    return 0


def update(options: Namespace) -> int:
    """Correct an entry."""
    if all(value is None for value in (options.text, options.kind, options.quality, options.meta, options.expires)):
        raise UsageError("There is nothing to correct.", hint="Say --text, --kind, --quality, --meta or --expires.")
    with connected(options) as client:
        entry = client.memory.update(
            _entry(client, options.entry, options.user).memory_id,
            text=options.text,
            kind=options.kind,
            quality=options.quality,
            metadata=dict(options.meta) if options.meta else None,
            expires_at=options.expires,
            user_id=options.user,
        )
    return _told(entry, "Corrected", options)


def forget(options: Namespace) -> int:
    """Forget entries."""
    with connected(options) as client:
        entries = [_entry(client, ref, options.user) for ref in options.entry]
        for entry in entries:
            client.memory.delete(entry.memory_id, user_id=options.user)
    if options.json:
        print_json({"removed": len(entries)})
    else:
        for entry in entries:
            print(f"Forgotten: {one_line(entry.text, _SHOWN)}")
    return 0


def clear(options: Namespace) -> int:
    """Forget all, after a yes."""
    which = "everything" if options.kind == "all" else f"every {options.kind}-term entry"
    where = f" of the session {options.session}" if options.session else ""
    if not confirmed(f"Forget {which} that is remembered{where}?", yes=options.yes):
        return 1
    with connected(options) as client:
        removed = client.memory.clear(options.kind, session_id=_session_id(client, options), user_id=options.user)
    if options.json:
        print_json({"removed": removed})
    else:
        print(f"Forgotten: {removed:,} {'entry' if removed == 1 else 'entries'}.")
    return 0


def context(options: Namespace) -> int:
    """Print what memory and knowledge say on a question."""
    with connected(options) as client:
        found = client.memory.context(
            " ".join(options.text),
            max_items=options.limit,
            session_id=_session_id(client, options),
            user_id=options.user,
        )
    if options.json:
        print_json(found)
    else:
        print(printable(found.text) or "Nothing was found.")
    return 0


def _add_whose(command: ArgumentParser, *, session: bool = True) -> None:
    command.add_argument("--user", metavar="NAME", help="whose memory (default: that of the user `default`)")
    if session:
        add_ref(command, "--session", "-s", help="ID, name or beginning of the ID of the session in question")


def _add_values(command: ArgumentParser) -> None:
    command.add_argument("--quality", type=quality, metavar="0..1", help="how much it is worth")
    command.add_argument(
        "--meta", action="append", type=pair, metavar="KEY=VALUE", help="a value that goes along; may be repeated"
    )
    command.add_argument(
        "--expires", type=expiry, metavar="WHEN", help="until when it counts: a date, a time, `30d`, `12h`, or `never`"
    )


def _add_entry(command: ArgumentParser, *, several: bool = False) -> None:
    command.add_argument("entry", nargs="+" if several else None, metavar="ID", help="ID of an entry, or its beginning")


def _action(actions: Any, name: str, summary: str, run: Command, *, session: bool = True) -> ArgumentParser:
    action = add_action(actions, name, summary, run)
    _add_whose(action, session=session)
    return action


def _session_id(client: "Client", options: Namespace) -> str | None:
    return client.open(options.session).session_id if options.session else None


def _entry(client: "Client", ref: str, user_id: str | None) -> "MemoryEntry":
    """The entry with an ID, or the only one whose ID begins so, with four characters or more."""
    from rejoinder_client.cli.choosing import pick
    from rejoinder_client.errors import NotFound

    try:
        return client.memory.get(ref, user_id=user_id)
    except NotFound:
        if len(ref) < _SHORTEST_PREFIX:
            raise
        known = {entry.memory_id: entry for entry in client.memory.list(user_id=user_id)}
        ids = [(memory_id, memory_id) for memory_id in known]
        return known[pick(ref, ids, "in the memory", listing="memory list")]


def _told(entry: "MemoryEntry", what: str, options: Namespace) -> int:
    if options.json:
        print_json(entry)
    else:
        print(f"{what}: {one_line(entry.text, _SHOWN)} ({entry.memory_id})")
    return 0
