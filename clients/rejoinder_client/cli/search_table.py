"""What a search found, as people read it: the words marked on a terminal, a line for each hit elsewhere."""

import shlex
import sys
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rejoinder.protocol.projects import Project
from rejoinder.protocol.types import Hit
from rejoinder_client.cli.output import local_time, one_line, say
from rejoinder_client.cli.tables import Column, print_table
from rejoinder_client.searching import Hits

_ENDLESS = 10_000
_NAME_WIDTH = 24
_MARKED = "bold yellow"


def print_hits(hits: Hits, projects: Sequence[Project] = (), *, resume: bool = False) -> None:
    """Print hits in their order, and the commands that lead to the first; `projects` where several were looked into.

    `resume`: within a conversation.
    """
    known = {project.project_id: project for project in projects}
    if not hits:
        print("Nothing was found.")
    elif sys.stdout.isatty():
        _print_marked(hits, known)
    else:
        _print_lines(hits, known)
    if hits and resume:
        say(f"Go on there: /resume {hits[0].session_id}")
    elif hits:
        _print_way(hits[0], known)
    if hits.waiting:
        say(f"Not everything has been read yet, {hits.waiting} sessions or entries are left: search again in a moment.")
    elif not hits.complete:
        say("Not everything could be compared yet: search again in a moment.")


def _print_marked(hits: Sequence[Hit], projects: Mapping[str, Project]) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("SESSION", max_width=_NAME_WIDTH, overflow="ellipsis", no_wrap=True)
    table.add_column("WHEN", style="dim", no_wrap=True)
    table.add_column("WHO", no_wrap=True)
    table.add_column("TEXT", overflow="fold")
    for hit in hits:
        session = Text(one_line(_name(hit), _NAME_WIDTH), style="bold")
        session.append(f"\n{_below(hit, projects)}", style="not bold dim")
        when = local_time(hit.created_at) if hit.created_at else ""
        table.add_row(session, when, hit.role or "", marked(hit))
    Console(highlight=False).print(table)


def marked(hit: Hit) -> Text:
    """The snippet with its marks."""
    if hit.snippet is None:
        return Text(one_line(hit.text, _ENDLESS))
    text = Text(one_line(hit.snippet.text, _ENDLESS))
    for mark in hit.snippet.marks:
        text.stylize(_MARKED, mark.start, mark.end)
    return text


def _print_lines(hits: Sequence[Hit], projects: Mapping[str, Project]) -> None:
    columns = [Column(title) for title in ("Session", "Name", "Project", "Message", "When", "Who", "Text")]
    rows = [
        (
            hit.session_id or "",
            _name(hit),
            project.name if (project := projects.get(hit.project_id or "")) else "",
            hit.message_id or "",
            local_time(hit.created_at) if hit.created_at else "",
            hit.role or "",
            marked(hit).plain,
        )
        for hit in hits
    ]
    print_table(columns, rows)


def _print_way(hit: Hit, projects: Mapping[str, Project]) -> None:
    """The commands that show the first hit among its neighbours, and that go on there."""
    project = projects.get(hit.project_id or "")
    where = f" --project {shlex.quote(project.paths[0])}" if project and project.paths else ""
    session = f"{where} --session {shlex.quote(hit.session_id or '')}"
    say(f"Read on: rejoinder history show{session} --at {hit.message_id}\nGo on:   rejoinder chat{session}")


def _name(hit: Hit) -> str:
    name = hit.session_name or hit.session_id or ""
    return f"{name} (archived)" if hit.archived else name


def _below(hit: Hit, projects: Mapping[str, Project]) -> str:
    project = projects.get(hit.project_id or "")
    return one_line(f"{project.name}: {hit.session_id}" if project else hit.session_id or "", _NAME_WIDTH)
