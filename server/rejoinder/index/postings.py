"""Where terms stand: compressed sparse rows in numpy arrays, in a few segments that grow together."""

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.index.state import State

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_MOST_COUNT = 255
_GROWTH = 4
_Part = tuple[Ints, Ints, NDArray[np.uint8]]
"""Terms, the units that they stand in, and how often."""

_PARTS = ("terms", "starts", "units", "counts")


@attrs.frozen(eq=False)
class Occurrences:
    """How often which term stands in which unit (a passage or a file), as three arrays; `lengths` of the units."""

    terms: Ints
    units: Ints
    counts: Ints
    lengths: Ints

    @classmethod
    def of(cls, texts: Sequence[Ints]) -> "Occurrences":
        """Counted in the units' terms, one array for each unit."""
        lengths = np.fromiter(map(len, texts), np.int32, len(texts))
        if not lengths.any():
            nothing = np.zeros(0, np.int32)
            return cls(nothing, nothing, nothing, lengths)
        owners = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        keys, counts = np.unique((owners << 32) | np.concatenate(texts), return_counts=True)
        counts = np.minimum(counts, _MOST_COUNT).astype(np.int32)
        return cls((keys & 0xFFFFFFFF).astype(np.int32), (keys >> 32).astype(np.int32), counts, lengths)


@attrs.frozen(eq=False)
class _Segment:
    terms: Ints
    starts: NDArray[np.int64]
    units: Ints
    counts: NDArray[np.uint8]

    @classmethod
    def made(cls, parts: "Sequence[_Part]") -> "_Segment":
        # One column after the other: all of them at once would take twice the memory.
        terms = np.concatenate([part[0] for part in parts])
        order = np.argsort(terms, kind="stable").astype(np.int32)
        terms = terms[order]
        heads = np.flatnonzero(np.diff(terms, prepend=-1))
        distinct, starts = terms[heads], np.append(heads, len(terms))
        del terms
        units = np.concatenate([part[1] for part in parts])[order]
        return cls(distinct, starts, units, np.concatenate([part[2] for part in parts])[order])

    def parts(self) -> "_Part":
        return np.repeat(self.terms, np.diff(self.starts)), self.units, self.counts

    def of(self, term: int) -> tuple[Ints, NDArray[np.uint8]] | None:
        # A number of numpy's own kind: for any other all terms would be converted first.
        at = int(np.searchsorted(self.terms, np.int32(term)))
        if at == len(self.terms) or self.terms[at] != term:
            return None
        span = slice(self.starts[at], self.starts[at + 1])
        return self.units[span], self.counts[span]


class Postings:
    """The units of each term. What is added waits in a list; segments of like size are merged, as in a log-structured
    merge tree (O'Neil and others 1996), so that adding costs in proportion to what is added."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._waiting: list[_Part] = []

    def add(self, found: Occurrences, first_unit: int) -> None:
        """Add units, numbered from `first_unit` on."""
        if len(found.terms):
            self._waiting.append((found.terms, found.units + np.int32(first_unit), found.counts.astype(np.uint8)))

    def settle(self) -> None:
        """Make what was added ready to be found."""
        if not self._waiting:
            return
        self._segments.append(_Segment.made(self._waiting))
        self._waiting = []
        while len(self._segments) > 1 and len(self._segments[-2].units) < _GROWTH * len(self._segments[-1].units):
            last, before = self._segments.pop(), self._segments.pop()
            self._segments.append(_Segment.made([before.parts(), last.parts()]))

    def of(self, term: int) -> Iterator[tuple[Ints, NDArray[np.uint8]]]:
        """The units that hold a term, and how often, in pieces; no unit comes twice."""
        for segment in self._segments:
            found = segment.of(term)
            if found is not None:
                yield found

    def state(self, name: str) -> State:
        """What to restore them from; what waits is left out."""
        segments = enumerate(self._segments)
        arrays = {f"{name} {at} {part}": getattr(segment, part) for at, segment in segments for part in _PARTS}
        return State({f"{name} segments": len(self._segments)}, arrays)

    @classmethod
    def restored(cls, state: State, name: str) -> "Postings":
        """As they were. Raises KeyError when something is missing."""
        postings = cls()
        for at in range(state.facts[f"{name} segments"]):
            postings._segments.append(_Segment(*(state.arrays[f"{name} {at} {part}"] for part in _PARTS)))
        return postings

    def renumber(self, numbers: Ints) -> None:
        """Give every unit its new number; those with a negative one are dropped."""
        self.settle()
        kept = []
        for segment in self._segments:
            terms, units, counts = segment.parts()
            units = numbers[units]
            alive = units >= 0
            kept.append((terms[alive], units[alive], counts[alive]))
        self._segments = [_Segment.made(kept)] if kept else []
