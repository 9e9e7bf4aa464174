"""Rounds, medians, percentiles, and the rows of the table."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import attrs

Unit = Literal["×", "ms", "MB", "files"]
Round = Callable[[], Mapping[str, float]]
"""One run of everything that a benchmark compares: figures by name."""


@attrs.frozen(kw_only=True)
class Row:
    """A line of the table. `value` is None when it could not be measured, which `note` explains."""

    what: str
    value: float | None
    unit: Unit
    at_most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the bar is kept; nothing for a figure that only stands beside others."""
        if self.at_most is None:
            return ""
        if self.value is None:
            return "not measured"
        return "yes" if self.value <= self.at_most else "NO"


@attrs.frozen
class Figures:
    """What the rounds gave, by name; each list has a figure for each round."""

    by_name: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """The median of the rounds."""
        return statistics.median(self.by_name[name])

    def ratio(self, name: str, to: str) -> float:
        """The median of the rounds' own ratios: what slows the whole machine for a while slows both."""
        pairs = zip(self.by_name[name], self.by_name[to], strict=True)
        return statistics.median(figure / other for figure, other in pairs)


def rounds(run: Round, count: int) -> Figures:
    """Run once to warm everything up, then `count` times."""
    run()
    results = [run() for _ in range(count)]
    return Figures({name: [result[name] for result in results] for name in results[0]})


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile, the nearest rank that is not below it."""
    ranked = sorted(samples)
    return ranked[min(len(ranked) - 1, -(-len(ranked) * 95 // 100) - 1)]


def milliseconds(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(seconds) * 1000
