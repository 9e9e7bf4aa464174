"""`rejoinder index status`, `rebuild`, `pause`, `resume`, `explain` and `search`."""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder.protocol import retrieval
from rejoinder.protocol.method import Nothing
from rejoinder.protocol.types import Hit
from rejoinder_client.cli.arguments import add_action, add_actions, positive
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.output import counted, one_line, print_json, shown_file, shown_place, shown_size
from rejoinder_client.places import uri_of

if TYPE_CHECKING:
    from rejoinder_client.client import Client

_OPENING_SECONDS, _LOOK_SECONDS = 5.0, 0.05
_EXCERPT_LINES = 3
_EXCERPT_WIDTH = 110


def declare(command: ArgumentParser) -> None:
    """The arguments of `index`."""
    actions = add_actions(command)
    add_action(actions, "status", "show how far it is, and what could not be read", status)
    rebuilding = add_action(actions, "rebuild", "make it anew, or one file's part", rebuild)
    rebuilding.add_argument("path", nargs="?", metavar="PATH", help="a file; else all")
    add_action(actions, "pause", "read nothing more until it is resumed; what is there answers", pause)
    add_action(actions, "resume", "go on reading", resume)
    explaining = add_action(actions, "explain", "say why a file is in it or not", explain)
    explaining.add_argument("path", metavar="PATH", help="a file of the project")
    searching = add_action(actions, "search", "find passages, past commits and messages", search)
    searching.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    searching.add_argument("--limit", type=positive, default=10, metavar="COUNT", help="at most so many (default: 10)")
    searching.add_argument(
        "--source",
        action="append",
        choices=("code", "commit", "message", "memory", "knowledge"),
        help="only these; may be repeated (default: all)",
    )
    searching.add_argument("--session", metavar="SESSION", help="only what was said in this session, by its ID")
    searching.add_argument("--role", choices=("user", "assistant"), help="only what they said")
    searching.add_argument("--written-by", metavar="MODEL", help="only what this model answered")
    searching.add_argument(
        "--all",
        "--all-projects",
        dest="all_projects",
        action="store_true",
        help="in every project that Rejoinder knows",
    )
    searching.add_argument("--parts", action="store_true", help="show which part of a score came from what")


def status(options: Namespace) -> int:
    """Print how far the index is."""
    folder = project_folder(options)
    with connected(options) as client:
        found = index_status(client)
    if options.json:
        print_json(found)
        return 0
    left = f", {found.seconds_left:.0f} s left" if found.seconds_left else ""
    told = {
        "indexing": f" ({found.done} of {found.total}{left})",
        "paused": " (nothing new is read; `rejoinder index resume` has it go on)",
    }
    print(f"state     {found.state}{told.get(found.state, '')}")
    print(f"files     {found.files}")
    print(f"passages  {found.chunks}")
    print(f"model     {found.model}, {found.dimension} dimensions" if found.dimension else f"model     {found.model}")
    print(f"size      {shown_size(found.bytes)}")
    if (recall := found.recall) is not None and recall.passages + recall.waiting:
        more = f", {counted(recall.waiting, 'session')} or entries to be read" if recall.waiting else ""
        print(f"recall    {counted(recall.passages, 'passage')} of messages, memory and knowledge{more}")
        print(f"          {recall.embedded} with vectors of {recall.model}, {recall.dimension} dimensions")
        print(f"          {shown_size(recall.bytes)}, and {shown_size(recall.memory)} of main memory")
        for error in recall.errors:
            print(f"note      {error}")
    for fault in found.errors:
        print(f"note      {shown_file(fault.uri, folder)}: {fault.reason}")
    return 0


def index_status(client: "Client") -> retrieval.IndexStatus:
    """How far the index is; one that is just being opened is waited for a moment."""
    deadline = time.monotonic() + _OPENING_SECONDS
    while True:
        found = client.request(retrieval.INDEX_STATUS, retrieval.IndexStatusParams())
        if found.state != "starting" or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK_SECONDS)


def rebuild(options: Namespace) -> int:
    """Begin to make the index anew, or one file's part of it."""
    uri = uri_of(options.path) if options.path else None
    with connected(options) as client:
        client.request(retrieval.INDEX_REBUILD, retrieval.IndexRebuildParams(uri=uri))
    if options.json:
        print_json({})
    else:
        print("It is made anew in the background; `rejoinder index status` shows how far it is.")
    return 0


def pause(options: Namespace) -> int:
    """Have the index read nothing more."""
    with connected(options) as client:
        client.request(retrieval.INDEX_PAUSE, Nothing())
    if options.json:
        print_json({})
    else:
        print("It rests; `rejoinder index resume` has it go on.")
    return 0


def resume(options: Namespace) -> int:
    """Have the index go on."""
    with connected(options) as client:
        client.request(retrieval.INDEX_RESUME, Nothing())
    if options.json:
        print_json({})
    else:
        print("It goes on; `rejoinder index status` shows how far it is.")
    return 0


def explain(options: Namespace) -> int:
    """Print why a file is in the index, or why not."""
    with connected(options) as client:
        found = client.request(retrieval.INDEX_EXPLAIN, retrieval.IndexExplainParams(uri=uri_of(options.path)))
    if options.json:
        print_json(found)
    else:
        chunks = f", {counted(found.chunks, 'passage')}" if found.indexed else ""
        print(f"{'in' if found.indexed else 'out'}: {found.reason}{chunks}")
    return 0


def search(options: Namespace) -> int:
    """Print the best passages of files, past commits, messages, memory and knowledge."""
    folder = project_folder(options)
    query = retrieval.SearchParams(
        query=" ".join(options.text),
        sources=options.source,
        session_id=options.session,
        role=options.role,
        model=options.written_by,
        all_projects=options.all_projects or None,
        limit=options.limit,
    )
    with connected(options) as client:
        hits = client.request(retrieval.SEARCH, query).hits
    if options.json:
        print_json({"hits": hits})
    elif not hits:
        print("Nothing was found.")
    else:
        for hit in hits:
            _print_hit(hit, folder, parts=options.parts)
    return 0


def _print_hit(hit: Hit, folder: Path | None, *, parts: bool) -> None:
    scope = f"  in {one_line(hit.scope, _EXCERPT_WIDTH)}" if hit.scope and hit.source == "code" else ""
    print(f"{hit.score:6.3f}  {shown_place(hit.uri, hit.range, folder)}{scope}")
    if parts:
        print("        " + ", ".join(f"{name} {value:.2f}" for name, value in hit.parts.items() if value))
    lines = [line for line in hit.text.splitlines() if line.strip()]
    for line in lines[:_EXCERPT_LINES]:
        print(f"        {one_line(line, _EXCERPT_WIDTH)}")
