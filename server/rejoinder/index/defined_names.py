"""The names that a project's files define, for proposals as one types."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

_MOST_LOOKED_AT = 2000


class DefinedNames:
    """How often each name is defined. A search goes through one text of all names, which is made when it is asked."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._text: str | None = None
        self._names: Sequence[str] = ()
        self._ends: Sequence[int] = ()

    def add(self, names: Iterable[str]) -> None:
        """Names of passages, each several with spaces in between."""
        self._counts.update(chain.from_iterable(map(str.split, names)))
        self._text = None

    def remove(self, names: Iterable[str]) -> None:
        """Take out what was added."""
        for name in chain.from_iterable(map(str.split, names)):
            self._counts[name] -= 1
            if self._counts[name] <= 0:
                del self._counts[name]
        self._text = None

    def matching(self, typed: str, limit: int) -> list[str]:
        """The names that hold what was typed, in any case: those that begin with it first, then the shorter ones."""
        typed = typed.casefold()
        if not typed or "\n" in typed:
            return []
        text = self._joined()
        begun = self._found(text, f"\n{typed}")[:limit]
        if len(begun) < limit:
            begun = list(dict.fromkeys([*begun, *self._found(text, typed)]))
        return begun[:limit]

    def _found(self, text: str, wanted: str) -> list[str]:
        found: dict[str, None] = {}
        at = text.find(wanted)
        while at >= 0 and len(found) < _MOST_LOOKED_AT:
            number = bisect_right(self._ends, at)
            found[self._names[number]] = None
            at = text.find(wanted, self._ends[number])
        return sorted(found, key=lambda name: (len(name), name))

    def _joined(self) -> str:
        if self._text is None:
            self._names = list(self._counts)
            folded = [f"\n{name.casefold()}" for name in self._names]
            self._text = "".join(folded)
            self._ends = list(accumulate(map(len, folded)))
        return self._text
