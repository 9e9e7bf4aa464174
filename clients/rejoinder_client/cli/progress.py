"""How far a long command is, shown on the terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rejoinder_client.cli.output import one_line

if TYPE_CHECKING:
    from rejoinder_client.progress import OnProgress


@contextlib.contextmanager
def shown_progress(what: str, *, quiet: bool) -> "Iterator[OnProgress | None]":
    """Show how far it is while it runs; nothing where there is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(one_line(what, 40), total=None)
        update: Callable[..., None] = bar.update
        yield lambda told: update(
            task,
            description=one_line(told.message, 60),
            total=None if told.percentage is None else 100,
            completed=told.percentage or 0,
        )
