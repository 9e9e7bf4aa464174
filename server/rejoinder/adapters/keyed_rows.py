"""What a simple store has to do for `KeyedHistory`, and the one that does it in memory alone."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from urllib.parse import quote, unquote


class Change(NamedTuple):
    """A row that is put, or removed where it has no value; without a key, all rows of the space are removed."""

    space: str
    key: str | None
    value: bytes | None = None


class Rows(Protocol):
    """Rows of bytes with keys, in spaces; those of a space in the order of their coming, also when one is replaced.

    One thread at a time uses it. What fails raises a StorageError and has changed nothing.
    """

    faults: list[str]
    """What was found damaged and left out, in sentences for people."""

    def get(self, space: str, key: str) -> bytes | None:
        """A row; None when it is not there."""
        ...

    def all(self, space: str) -> dict[str, bytes]:
        """The rows of a space."""
        ...

    def last(self, space: str, count: int) -> dict[str, bytes]:
        """The rows of a space that came last, in the order of their coming."""
        ...

    def size(self, space: str) -> int:
        """The bytes that the rows of a space take, about."""
        ...

    def spaces(self, prefix: str) -> list[str]:
        """The spaces that have rows and whose names begin like this."""
        ...

    def commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        """Make all changes or none. `erase`: what they remove or replace is gone from the disk when this returns."""
        ...

    def close(self) -> None:
        """Finish all writes and let go."""
        ...


class MemoryRows:
    """Rows in memory alone: nothing outlives the process."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._spaces: dict[str, dict[str, bytes]] = {}

    def get(self, space: str, key: str) -> bytes | None:
        """A row; None when it is not there."""
        return self._spaces.get(space, {}).get(key)

    def all(self, space: str) -> dict[str, bytes]:
        """The rows of a space."""
        return dict(self._spaces.get(space, {}))

    def last(self, space: str, count: int) -> dict[str, bytes]:
        """The rows of a space that came last, in the order of their coming."""
        rows = self._spaces.get(space, {})
        return {key: rows[key] for key in list(rows)[-count:]}

    def size(self, space: str) -> int:
        """The bytes of a space's rows."""
        return sum(map(len, self._spaces.get(space, {}).values()))

    def spaces(self, prefix: str) -> list[str]:
        """The spaces that have rows and whose names begin like this."""
        return [space for space, rows in self._spaces.items() if rows and space.startswith(prefix)]

    def commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        """Make all changes; nothing is ever on a disk."""
        for space, key, value in changes:
            if key is None:
                self._spaces.pop(space, None)
            elif value is None:
                self._spaces.get(space, {}).pop(key, None)
            else:
                self._spaces.setdefault(space, {})[key] = value

    def close(self) -> None:
        """As the port says: there is nothing to let go of."""


def space_of(*parts: str) -> str:
    """The name of a space from what it is made of."""
    return "/".join(quote(part, safe="") for part in parts)


def parts_of(space: str) -> list[str]:
    """What a space's name is made of."""
    return [unquote(part) for part in space.split("/")]
