"""Stores that no engine uses just now: what they hold, and copying from one to another.

It builds them as `bootstrap` does.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rejoinder import __version__
from rejoinder.adapters.stores import folder_of, open_store
from rejoinder.domain.errors import InvalidInput, StorageCorrupt, StorageLocked
from rejoinder.engine.claim import read_holder, try_claim
from rejoinder.engine.folders import data_folder
from rejoinder.own_settings import own_settings
from rejoinder.services.copying import Progress, Totals, copy_all, totals
from rejoinder.services.store_ports import HistoryStore

_RETRY = 0.05


class StoresAtRest:
    """What the command `store` does, in folders as the terminal names them."""

    def chosen(self) -> str:
        """The name of the store that is set."""
        return own_settings().store

    def show(self, folder: str | None, store: str, *, patience: float, waits: Callable[[str], None]) -> Totals:
        """What a store holds."""
        return look_into(data_folder(folder), store, patience=patience, waits=waits)

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
    ) -> Totals:
        """Copy all of one store to another and compare both; what was copied."""
        return copy_store(
            data_folder(folder),
            source,
            target,
            replace=replace,
            patience=patience,
            waits=waits,
            report=lambda stage, step: report(stage, step.done, step.total, step.what),
        )


def copy_store(
    data_dir: Path,
    source: str,
    target: str,
    *,
    replace: bool,
    patience: float,
    waits: Callable[[str], None],
    report: Callable[[str, Progress], None],
) -> Totals:
    """Copy all of one store to another, open the copy anew, and compare both; what was copied.

    Stores are named as in the setting `store`; `data_dir` is where those lie that name no folder of their own. Waits
    `patience` seconds for an engine to leave, whose name `waits` gets. `report` gets the name of each stage and how
    far it is.

    Raises StorageLocked, StorageErrors of both, and StorageCorrupt when the copy is not like what was copied.
    """
    if _same(source, target, data_dir):
        raise InvalidInput("Both are the same store.", hint="Name another to copy to.", key="to")
    with contextlib.ExitStack() as stack:
        for folder in sorted({data_dir, *(folder_of(choice, data_dir) for choice in (source, target))}):
            stack.enter_context(_claimed(folder, patience, waits))
        origin = stack.enter_context(_opened(source, data_dir))
        with _opened(target, data_dir) as copy:
            copy_all(origin, copy, replace=replace, report=lambda step: report("copying", step))
        with _opened(target, data_dir) as copy:
            expected = totals(origin, report=lambda step: report("reading", step))
            found = totals(copy, like=origin, report=lambda step: report("comparing", step))
    if found != expected:
        raise StorageCorrupt(
            f"The copy is not like what was copied: {_difference(expected, found)}.",
            path=target,
            backup=None,
            hint="Leave `store` as it is, and copy again to another place.",
        )
    return found


def look_into(data_dir: Path, choice: str, *, patience: float, waits: Callable[[str], None]) -> Totals:
    """What a store holds."""
    with contextlib.ExitStack() as stack:
        for folder in sorted({data_dir, folder_of(choice, data_dir)}):
            stack.enter_context(_claimed(folder, patience, waits))
        return totals(stack.enter_context(_opened(choice, data_dir)))


@contextlib.contextmanager
def _opened(choice: str, data_dir: Path) -> Iterator[HistoryStore]:
    store = open_store(choice, data_dir)
    try:
        yield store
    finally:
        store.close()


@contextlib.contextmanager
def _claimed(folder: Path, patience: float, waits: Callable[[str], None]) -> Iterator[None]:
    """Have a data folder for the block, after waiting for an engine that has nobody left."""
    end = time.monotonic() + patience
    told = False
    while (claim := try_claim(folder, version=__version__, role="store command")) is None:
        holder = str(read_holder(folder) or "another process")
        if time.monotonic() >= end:
            raise StorageLocked(holder)
        if not told:
            told = True
            waits(holder)
        time.sleep(_RETRY)
    try:
        yield
    finally:
        claim.release()


def _same(source: str, target: str, data_dir: Path) -> bool:
    kinds = {choice.partition(":")[0] for choice in (source, target)}
    if kinds <= {"tinydb", "sqlite"} and len(kinds) == 1:
        return folder_of(source, data_dir) == folder_of(target, data_dir)
    return source == target


def _difference(expected: Totals, found: Totals) -> str:
    parts = [
        f"{getattr(found, name)} of {getattr(expected, name)} {name}"
        for name in ("projects", "sessions", "messages", "attachments", "records")
        if getattr(found, name) != getattr(expected, name)
    ]
    return ", ".join(parts) or "its checksum is another"
