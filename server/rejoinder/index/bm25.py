"""BM25 as Robertson and Zaragoza (2009) give it."""

import math

import attrs
import numpy as np

from rejoinder.index.postings import Flags, Floats, Ints

_K1, _B = 1.2, 0.75


@attrs.frozen(eq=False)
class Units:
    """What is needed of a field besides its postings: which units count, how many, and how long they are."""

    alive: Flags
    count: int
    norms: Floats

    @classmethod
    def of(cls, alive: Flags, lengths: Floats) -> "Units":
        """Of units with these lengths in terms, of which some are `alive`."""
        count = int(np.count_nonzero(alive))
        # taking the lengths of all one by one takes several times as long as the rest
        average = float((lengths if count == len(alive) else lengths[alive]).mean()) if count else 0.0
        norms = lengths * np.float32(_K1 * _B / average) if average else np.zeros_like(lengths)
        norms += np.float32(_K1 * (1 - _B))
        return cls(alive, count, norms)

    def rarity(self, holding: int) -> float:
        """What a term counts that so many units hold."""
        return math.log1p((self.count - holding + 0.5) / (holding + 0.5))

    def saturation(self, counts: Floats, units: Ints) -> Floats:
        """What it is worth that a term stands so often in each of these units."""
        return counts * np.float32(_K1 + 1) / (counts + self.norms[units])
