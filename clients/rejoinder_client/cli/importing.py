"""`rejoinder import`: shows what would come in, asks, and brings it in."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rejoinder_client.cli.arguments import add_common, add_yes
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, one_line, print_json, say
from rejoinder_client.cli.progress import shown_progress
from rejoinder_client.errors import RejoinderError

if TYPE_CHECKING:
    from rejoinder.protocol.transfer import ImportPlace, SessionImportResult
    from rejoinder_client.client import Client

FORMATS = {
    "json": "a list of {role, content}, an object with `messages` (also a .toon file), or a folder of such files",
    "rejoinder": "what `rejoinder export` wrote",
    "markdown": "a Markdown file with a heading for each message, as `rejoinder export` writes it, or a transcript",
    "agno": "a folder with sessions.json and ID/messages.json",
    "sqlite": "an SQLite database with the tables `sessions` and `chunks`",
    "session-object": "an SQLite database that keeps sessions as JSON objects",
    "praison": "the folder `.praison/sessions`, or a session's folder in it: its state and memory",
    "continue": "Continue's ~/.continue, or one file of its sessions",
    "codecompanion": "the folder of CodeCompanion's history extension, or one of its chats",
    "eca": "ECA's cache folder, a workspace's folder in it, or one of its files",
    "aider": "a project's folder with .aider.chat.history.md, or that file",
    "llm": "llm's logs.db",
}
_NAMED = 20
"""Parts that could not be read are named up to this many."""


def declare(command: ArgumentParser) -> None:
    """The arguments of `import`."""
    command.description = (
        "Bring sessions in, of this program or of another. What a file or folder holds is recognised; it is only "
        "read. Shows first what would come in, and asks where somebody is there to be asked. What is here already "
        "stays as it is, and of a conversation that has gone on since the last time only what is new comes in. "
        "Where a program says to which folder a conversation belonged, it comes into that folder's project. "
        "Known are: " + "; ".join(f"{name}: {what}" for name, what in FORMATS.items()) + "."
    )
    command.add_argument(
        "path", nargs="*", metavar="PATH", help="a file or folder; `-` reads JSON or Markdown from standard input"
    )
    command.add_argument("--find", action="store_true", help="look where other programs keep theirs on this machine")
    command.add_argument("--from", dest="format", choices=FORMATS, metavar="NAME", help="what it is, unless found out")
    command.add_argument(
        "--here", action="store_true", help="all into this project, also what belonged to another folder"
    )
    command.add_argument("--dry-run", action="store_true", help="only show what would come in")
    add_yes(command)
    add_common(command, import_)


def import_(options: Namespace) -> int:
    """Show what would come in, ask, and bring it in."""
    if bool(options.path) == options.find:
        raise UsageError("What is to come in?", hint="Name files or folders, or say --find.")
    with connected(options) as client:
        paths = _found(client, options) if options.find else options.path
        if paths is None:
            return 0
        texts = [sys.stdin.read() if path == "-" else None for path in paths]
        sources = list(zip(paths, texts, strict=True))
        if options.dry_run or (sys.stdin is not None and sys.stdin.isatty() and not options.yes):
            would = [_one(client, source, options, dry_run=True) for source in sources]
            if options.dry_run:
                return _end(would, options)
            if not any(result.messages or result.sessions for result in would):
                return _end(would, options)
            if not options.json:
                _show(would, options)
            if not confirmed("Bring them in?", yes=options.yes):
                return 1
        return _end([_one(client, source, options, dry_run=False) for source in sources], options)


def _found(client: "Client", options: Namespace) -> list[str] | None:
    """The places of other programs that the user wants to be read; None when none is to be."""
    places = client.sessions.import_places()
    if options.json and not options.yes:
        print_json({"places": places})
        return None
    if not places:
        print("Nothing of other programs was found in the usual places.")
        return None
    if not options.json:
        _show_places(places)
    asked = sys.stdin is not None and sys.stdin.isatty()
    if not (asked or options.yes):
        say("Nothing was read. Name one of them to bring its sessions in, or say --yes.")
        return None
    chosen = [
        place.path for place in places if confirmed(f"Read what {place.title} keeps in {place.path}?", yes=options.yes)
    ]
    return chosen or None


def _one(
    client: "Client", source: tuple[str, str | None], options: Namespace, *, dry_run: bool
) -> "SessionImportResult":
    path, text = source
    if text is not None:
        return client.sessions.import_(text, format=options.format, dry_run=dry_run)
    with shown_progress(path, quiet=options.json) as on_progress:
        try:
            return client.import_(
                path,
                format=options.format,
                dry_run=dry_run,
                place="current" if options.here else "own",
                on_progress=on_progress,
            )
        except RejoinderError as error:
            if not options.find:
                raise
            # what one program has left behind does not keep the others' from coming
            from rejoinder.protocol.transfer import SessionImportResult, SkippedPart

            return SessionImportResult(0, 0, 0, skipped_reasons=[SkippedPart(path, str(error))])


def _end(results: "Sequence[SessionImportResult]", options: Namespace) -> int:
    """What it came to, for people or for programs."""
    if options.json:
        print_json(_together(results))
        return 0
    if options.dry_run:
        _show(results, options)
    total = _together(results)
    skipped = f"; here already: {total.skipped}" if total.skipped else ""
    what = "Would come in" if options.dry_run else "Came in"
    kept = sum(one.new_memories or 0 for one in total.found or ())
    memories = f" and {counted(kept, 'remembered text')}" if kept else ""
    counts = f"{counted(total.sessions, 'session')} with {counted(total.messages, 'message')}{memories}"
    print(f"{what}: {counts}{skipped}.")
    _say_skipped(total)
    return 0


def _together(results: "Sequence[SessionImportResult]") -> "SessionImportResult":
    from rejoinder.protocol.transfer import SessionImportResult

    return SessionImportResult(
        sum(result.sessions for result in results),
        sum(result.messages for result in results),
        sum(result.skipped for result in results),
        detected=", ".join(dict.fromkeys(result.detected for result in results if result.detected)) or None,
        found=[one for result in results for one in result.found or ()],
        skipped_reasons=[one for result in results for one in result.skipped_reasons or ()],
    )


def _say_skipped(total: "SessionImportResult") -> None:
    left_out = total.skipped_reasons or []
    for part in left_out[:_NAMED]:
        say(f"Left out: {one_line(part.place, 80)}: {one_line(part.reason, 120)}.")
    if len(left_out) > _NAMED:
        say(f"… and {len(left_out) - _NAMED} more; --json names them.")


def _show(results: "Sequence[SessionImportResult]", options: Namespace) -> None:
    # Here and not above: programs that read JSON need not wait for it.
    from rejoinder_client.cli.import_tables import print_found

    for source, result in zip(options.path or ["" for _ in results], results, strict=False):
        print_found(source, result)


def _show_places(places: "Sequence[ImportPlace]") -> None:
    from rejoinder_client.cli.import_tables import print_places

    print_places(places)
