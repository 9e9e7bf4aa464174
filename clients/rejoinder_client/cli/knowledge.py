"""`rejoinder knowledge`: documents, pages and texts that every answer may draw on."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from rejoinder_client.cli.arguments import Command, add_action, add_actions, add_ref, add_yes, positive
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import UsageError, exit_code_of
from rejoinder_client.cli.output import counted, one_line, print_json, say, shown_place, shown_size
from rejoinder_client.cli.progress import shown_progress
from rejoinder_client.errors import RejoinderError

if TYPE_CHECKING:
    from rejoinder.protocol.retrieval import Knowledge
    from rejoinder.protocol.types import Hit
    from rejoinder_client.client import Client

_KINDS = ("file", "folder", "url", "text")
_SHOWN = 100
_EXCERPT_LINES = 3


def declare(command: ArgumentParser) -> None:
    """The arguments of `knowledge`."""
    actions = add_actions(command)
    adding = _action(actions, "add", "add files, folders, web pages or texts; the same again is read anew", add)
    adding.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a file, a folder, a URL, a text with --title, or - for what is piped",
    )
    adding.add_argument("--title", metavar="TEXT", help="what to call it")
    adding.add_argument("--kind", choices=_KINDS, help="what it is, if that is not found out")
    adding.add_argument(
        "--allow-private", action="store_true", help="fetch pages from this machine and its networks, too"
    )
    _action(actions, "list", "list what was added, newest first", list_items)
    searching = _action(actions, "search", "find what fits a question", search)
    searching.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    searching.add_argument("--limit", type=positive, default=10, metavar="COUNT", help="at most so many (default: 10)")
    removing = _action(actions, "remove", "remove what was added, for good", remove)
    removing.add_argument("item", nargs="+", metavar="ID", help="ID of what was added, or its beginning")
    clearing = _action(actions, "clear", "remove everything, or what was added for a session alone", clear)
    add_yes(clearing)


def add(options: Namespace) -> int:
    """Add each source; what cannot be added does not keep the others from it."""
    if options.title is not None and len(options.source) > 1:
        raise UsageError("One title for several sources?", hint="Add them one by one.")
    added, code = [], 0
    with connected(options) as client:
        session_id = _session_id(client, options)
        for source in options.source:
            try:
                added.append(_add_one(client, source, session_id, options))
            except RejoinderError as error:
                failed = exit_code_of(error)
                code = code or failed
    if options.json:
        print_json({"knowledge": added})
    return code


def _add_one(client: "Client", source: str, session_id: str | None, options: Namespace) -> "Knowledge":
    text = sys.stdin.read() if source == "-" else source
    with shown_progress(source, quiet=options.json) as on_progress:
        item = client.knowledge.add(
            text,
            title=options.title,
            kind="text" if source == "-" else options.kind,
            session_id=session_id,
            allow_private=options.allow_private,
            # whoever typed the command has named it
            allow_outside=True,
            on_progress=on_progress,
        )
    if not options.json:
        passages = counted(item.chunks, "passage")
        print(f"Added: {one_line(item.title, _SHOWN)}, {passages}, {shown_size(item.bytes)} ({item.knowledge_id})")
        if item.error:
            say(item.error)
    return item


def list_items(options: Namespace) -> int:
    """Print what was added."""
    with connected(options) as client:
        items = client.knowledge.list(session_id=_session_id(client, options))
    if options.json:
        print_json({"knowledge": items})
    elif items:
        # Here and not above: programs that read JSON need not wait for it.
        from rejoinder_client.cli.knowledge_tables import print_items

        print_items(items)
    else:
        print("Nothing was added.")
    return 0


def search(options: Namespace) -> int:
    """Print the passages that fit best."""
    with connected(options) as client:
        session_id = _session_id(client, options)
        hits = client.knowledge.search(" ".join(options.text), limit=options.limit, session_id=session_id)
    if options.json:
        print_json({"hits": hits})
    elif not hits:
        print("Nothing was found.")
    for hit in [] if options.json else hits:
        print(f"{hit.score:6.3f}  {_place(hit, options)}")
        for line in hit.text.splitlines()[:_EXCERPT_LINES]:
            print(f"        {one_line(line, _SHOWN)}")
    return 0


def remove(options: Namespace) -> int:
    """Remove what was added."""
    with connected(options) as client:
        known = client.knowledge.list(session_id=_session_id(client, options))
        items = [_item(known, ref) for ref in options.item]
        for item in items:
            client.knowledge.remove(item.knowledge_id)
    if options.json:
        print_json({"removed": len(items)})
    for item in [] if options.json else items:
        print(f"Removed: {one_line(item.title, _SHOWN)}")
    return 0


def clear(options: Namespace) -> int:
    """Remove everything, after a yes."""
    which = f"what was added for the session {options.session}" if options.session else "all knowledge of the project"
    if not confirmed(f"Remove {which}?", yes=options.yes):
        return 1
    with connected(options) as client:
        removed = client.knowledge.clear(session_id=_session_id(client, options))
    if options.json:
        print_json({"removed": removed})
    else:
        print(f"Removed: {counted(removed, 'source')}.")
    return 0


def _action(actions: Any, name: str, summary: str, run: Command) -> ArgumentParser:
    action = add_action(actions, name, summary, run)
    add_ref(action, "--session", "-s", help="the session in which it counts (default: it counts in all)")
    return action


def _session_id(client: "Client", options: Namespace) -> str | None:
    return client.open(options.session).session_id if options.session else None


def _item(known: "list[Knowledge]", ref: str) -> "Knowledge":
    """What has an ID, or the only one whose ID begins so."""
    from rejoinder_client.cli.choosing import pick

    items = {item.knowledge_id: item for item in known}
    titles = [(id_, item.title) for id_, item in items.items()]
    return items.get(ref) or items[pick(ref, titles, "in the knowledge", listing="knowledge list")]


def _place(hit: "Hit", options: Namespace) -> str:
    """Where a passage stands, for people: a page, a heading or lines."""
    if hit.uri.startswith("rejoinder:"):
        return one_line(hit.scope or hit.uri, _SHOWN)
    place = shown_place(hit.uri.partition("#page=")[0], hit.range, project_folder(options))
    if "#page=" in hit.uri:
        place = place.rpartition(":")[0]
    return f"{place}  {one_line(hit.scope, _SHOWN)}" if hit.scope else place
