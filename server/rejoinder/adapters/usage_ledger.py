"""What was used by day and model, in a journal in the data folder."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from rejoinder.adapters.tinydb_storage import JournalStorage
from rejoinder.domain.conversation import Usage
from rejoinder.domain.spending import DayUsage

_TABLE = "days"
_FIELDS = {"input": int, "output": int, "seconds": float, "cached": int}


class JournalUsageLedger:
    """The port `UsageLedger` over a JournalStorage: a row for each day and model."""

    def __init__(self, data_dir: Path) -> None:
        """Open the ledger of a data folder. Raises StorageCorrupt for one of a newer format."""
        self._storage = JournalStorage(data_dir / "usage")
        self.faults = self._storage.faults
        """What was found damaged on opening, in sentences for people."""
        found = (_decoded(row) for row in self._storage.rows(_TABLE).values())
        self._days = {(day.day, day.model): day for day in found if day is not None}

    def add(self, day: str, model: str, usage: Usage) -> None:
        """Count one more turn; on the disk before the call returns."""
        before = self._days.get((day, model), DayUsage(day, model))
        after = before.plus(usage)
        self._storage.commit([["put", _TABLE, f"{day} {model}", _encoded(after)]])
        self._days[day, model] = after

    def days(self) -> Sequence[DayUsage]:
        """All that was counted, by day and model."""
        return [self._days[key] for key in sorted(self._days)]

    def close(self) -> None:
        """Let go of the file."""
        self._storage.close()


def _encoded(found: DayUsage) -> dict[str, object]:
    usage = found.usage
    counts = dict(
        zip(_FIELDS, (usage.input_tokens, usage.output_tokens, usage.seconds, usage.cached_tokens), strict=True)
    )
    return {"day": found.day, "model": found.model, "turns": found.turns, "cost": usage.cost, **counts}


def _decoded(row: dict[str, object]) -> DayUsage | None:
    """A row; None for one that something else has written."""
    day, model, turns, cost = (row.get(key) for key in ("day", "model", "turns", "cost"))
    counts = [row.get(key) for key in _FIELDS]
    if not (isinstance(day, str) and isinstance(model, str) and isinstance(turns, int)):
        return None
    if not all(isinstance(count, int | float) for count in counts) or not isinstance(cost, int | float | None):
        return None
    given, answered, seconds, cached = (kind(count) for kind, count in zip(_FIELDS.values(), counts, strict=True))
    return DayUsage(day, model, turns, attrs.evolve(Usage(given, answered, seconds, cost), cached_tokens=cached))
