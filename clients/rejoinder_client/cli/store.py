"""`rejoinder store`: what keeps the conversations, and moving them to another store."""

import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, Protocol

from rejoinder_client.cli.arguments import add_action, add_actions, add_yes, positive
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, print_json, say

_STORES = "tinydb, sqlite, tinydb:FOLDER, sqlite:FOLDER, redis://HOST:PORT/0, or a store of your own"
_PATIENCE = 40
"""Seconds: a little more than an engine stays after its last client."""
_COUNTS = ("projects", "sessions", "messages", "attachments", "records")


class Stores(Protocol):
    """Stores that no engine uses just now. What it answers has the counts, and `checksum`."""

    def chosen(self) -> str:
        """The name of the store that is set."""
        ...

    def show(self, folder: str | None, store: str, *, patience: float, waits: Callable[[str], None]) -> Any:
        """What a store holds. `waits` gets the name of whoever has it, once, when that is waited for."""
        ...

    def copy(
        self,
        folder: str | None,
        source: str,
        target: str,
        *,
        replace: bool,
        patience: float,
        waits: Callable[[str], None],
        report: Callable[[str, int, int, str], None],
    ) -> Any:
        """Copy everything and compare it; what was copied. `report` gets the stage, done, total, and what is next."""
        ...


def declare(command: ArgumentParser) -> None:
    """The actions of `store`."""
    actions = add_actions(command)
    show = add_action(actions, "show", "count what a store holds; no engine may use it meanwhile", show_store)
    show.add_argument("store", nargs="?", metavar="STORE", help=f"{_STORES} (default: the one that is set)")
    copy = add_action(actions, "copy", "copy everything from one store to another, and compare", copy_store)
    copy.add_argument("source", metavar="FROM", help=_STORES)
    copy.add_argument("target", metavar="TO", help="the same; has to be empty")
    copy.add_argument(
        "--replace", action="store_true", help="what is in TO under the same IDs gives way; the rest of it stays"
    )
    add_yes(copy)
    for action in (show, copy):
        action.add_argument(
            "--wait", type=positive, default=_PATIENCE, metavar="SECONDS", help="how long to wait for an engine to end"
        )


def show_store(options: Namespace) -> int:
    """Count what a store holds."""
    stores = _stores(options)
    name = options.store or stores.chosen()
    found = stores.show(options.data_dir, name, patience=options.wait, waits=_say_who_is_waited_for)
    if options.json:
        print_json({"store": name, **_values(found)})
    else:
        print(f"{name}: {_counts(found)}.")
    return 0


def copy_store(options: Namespace) -> int:
    """Copy everything, telling how far it is; Ctrl+C ends it between two sessions."""
    stores = _stores(options)
    if options.replace and not confirmed(f"Replace what {options.target} has under the same IDs?", yes=options.yes):
        return 1
    progress = _Progress(quiet=options.json)
    with progress.interruptible():
        copied = stores.copy(
            options.data_dir,
            options.source,
            options.target,
            replace=options.replace,
            patience=options.wait,
            waits=_say_who_is_waited_for,
            report=progress,
        )
    if options.json:
        print_json({"from": options.source, "to": options.target, **_values(copied)})
        return 0
    print(f"Copied and compared: {_counts(copied)}.")
    print(f"To use it, set `store` to {options.target!r}; what was copied is still where it was.")
    return 0


class _Progress:
    """Tells on standard error how far it is, and raises KeyboardInterrupt at the next step after Ctrl+C."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._interrupted = False
        self._told = 0.0

    def __call__(self, stage: str, done: int, total: int, what: str) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        now = time.monotonic()
        if not self._quiet and (now - self._told > 0.5 or done == total):
            self._told = now
            sys.stderr.write(f"{stage}: {done} of {total}\n")

    @contextmanager
    def interruptible(self) -> Any:
        """Have the first Ctrl+C wait for the end of a step, so that no session is copied by half."""

        def note(*_: object) -> None:
            self._interrupted = True
            signal.signal(signal.SIGINT, before)

        before = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _say_who_is_waited_for(holder: str) -> None:
    say(f"Waiting for {holder} to end, which it does a while after the last editor and terminal have gone…")


def _stores(options: Namespace) -> Stores:
    if options.stores is None:
        raise UsageError("The stores are not at hand here.", hint="Call `rejoinder` itself.")
    stores: Stores = options.stores()
    return stores


def _values(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in (*_COUNTS, "checksum")}


def _counts(found: Any) -> str:
    return ", ".join(counted(getattr(found, name), name.removesuffix("s")) for name in _COUNTS)
