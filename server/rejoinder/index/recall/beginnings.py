"""Which words of a project's passages begin with what, kept in memory alone: on disk no vocabulary outlives its texts.

It costs nothing before somebody searches word by word; from then on it follows what comes.
"""

import sqlite3
from bisect import bisect_left

from rejoinder.domain.tokens import parts_of_word, words
from rejoinder.index.recall.database import RecallDatabase

_AT_ONCE = 1000
"""Passages that are read in one step."""

_HIGHEST = "\U0010ffff"


class Beginnings:
    """The words as they are written, in lower case: whole, and the parts of identifiers."""

    def __init__(self) -> None:
        self.asked = False
        """Whether anybody has searched word by word, who may ask for a beginning next."""
        self._seen: set[str] = set()
        self._forms: set[str] = set()
        self._sorted: list[str] = []
        self._end = 0
        """The number of the last passage that was read."""

    def of(self, beginning: str, database: RecallDatabase) -> list[str]:
        """Every form that begins so; also of passages that are gone by now."""
        while self.step(database):
            pass
        if len(self._sorted) != len(self._forms):
            self._sorted = sorted(self._forms)
        first = bisect_left(self._sorted, beginning)
        return self._sorted[first : bisect_left(self._sorted, beginning + _HIGHEST, lo=first)]

    def step(self, database: RecallDatabase) -> bool:
        """Read some passages that came since; False when there are none."""
        rows = database.texts_after(self._end, _AT_ONCE)
        if not rows:
            return False
        new = {word for _, text in rows for word in words(text)} - self._seen
        self._seen |= new
        for word in new:
            parts = parts_of_word(word)
            self._forms.update(parts, ("".join(parts),))
        self._end = rows[-1][0]
        return True

    def rest(self, database: RecallDatabase) -> bool:
        """A step ahead of the next question, once somebody has asked; False when there is nothing to do."""
        try:
            return self.asked and self.step(database)
        except sqlite3.OperationalError:
            return False
