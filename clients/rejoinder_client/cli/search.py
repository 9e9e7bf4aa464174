"""`rejoinder search`: what was said, by words and by meaning."""

import argparse
from argparse import ArgumentParser, Namespace

from rejoinder.protocol.moments import moment
from rejoinder_client.cli.arguments import add_common, add_ref, add_user, positive
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import print_json

NOTHING = 1
"""The exit code when nothing was found."""


def declare(command: ArgumentParser) -> None:
    """The arguments of `search`."""
    command.description = (
        "Find what was said in the project's sessions, archived ones too, by words and by meaning. Words are found as "
        'parts of identifiers, too; "a phrase" and begin* are meant as they are written, and -word leaves out what has '
        "it (after -- where it comes first). The exit code is 1 when nothing was found."
    )
    command.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    command.add_argument("--all", action="store_true", help="in every project that Rejoinder knows")
    add_ref(command, "--session", "-s", action="append", help="only in this session; may be repeated")
    command.add_argument("--role", choices=("user", "assistant"), help="only what they said")
    command.add_argument("--since", type=_moment, metavar="WHEN", help="from then on: 2026-01-31, 7d, 12h, today, …")
    command.add_argument("--until", type=_moment, metavar="WHEN", help="until then; a day counts to its end")
    command.add_argument("--file", metavar="PATH", help="only of turns with this file, or of its session")
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--words", dest="mode", action="store_const", const="words", help="only what has every word as it is written"
    )
    how.add_argument(
        "--meaning", dest="mode", action="store_const", const="meaning", help="only by meaning, also in other words"
    )
    command.add_argument("--limit", type=positive, default=20, metavar="COUNT", help="at most so many (default: 20)")
    add_user(command)
    command.set_defaults(mode="both")
    add_common(command, search)


def search(options: Namespace) -> int:
    """Print what was said, best first, and how to go there."""
    from rejoinder_client.searching import SearchOptions

    text = " ".join(options.text)
    if not text.strip():
        raise UsageError("There is nothing to look for.", hint="Give a word of what was said, or more.")
    how: SearchOptions = {"sources": ["message"], "mode": options.mode, "limit": options.limit}
    for name in ("role", "since", "until", "file"):
        if (value := getattr(options, name)) is not None:
            how[name] = value
    if options.user is not None:
        how["user_id"] = options.user
    with connected(options) as client:
        if options.all:
            how["all_projects"] = True
        if options.session:
            how["session_ids"] = [client.open(ref).session_id for ref in options.session]
        hits = client.search(text, **how)
        projects = client.projects() if options.all and hits else []
    if options.json:
        print_json({"hits": list(hits), "complete": hits.complete, "waiting": hits.waiting})
    else:
        from rejoinder_client.cli.search_table import print_hits

        print_hits(hits, projects)
    return 0 if hits else NOTHING


def _moment(text: str) -> str:
    """The text itself, once it is known to be a time."""
    try:
        moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
