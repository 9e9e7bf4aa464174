"""What a part of the index holds in memory, taken out to be saved."""

from typing import Any

import attrs
from numpy.typing import NDArray


@attrs.frozen(eq=False)
class State:
    """Values that JSON can hold, and arrays, each by its name. Nobody changes the arrays."""

    facts: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def joined(self, *others: "State") -> "State":
        """With what others hold under other names."""
        facts, arrays = dict(self.facts), dict(self.arrays)
        for other in others:
            facts |= other.facts
            arrays |= other.arrays
        return State(facts, arrays)
