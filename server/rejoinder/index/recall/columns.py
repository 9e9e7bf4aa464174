"""What filters need of each passage, as columns: names by numbers, so that a filter is a comparison of arrays."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.recall import RecallQuery
from rejoinder.index.postings import Flags, Ints
from rejoinder.index.recall.database import StoredPassage

_NAMED = ("user", "session", "role", "model", "scope")
_NOBODY = -1
"""The number of no name; of a name that no passage has it is `_UNKNOWN`."""
_UNKNOWN = -2
_LEAST = 256


class Columns:
    """One row for each passage, in the order of their coming; rows of passages that are gone are not alive."""

    def __init__(self) -> None:
        self.end = 0
        self._arrays: dict[str, NDArray[Any]] = {
            **{name: np.zeros(0, np.int32) for name in _NAMED},
            "id": np.zeros(0, np.int64),
            "unit": np.zeros(0, np.int32),
            "group": np.zeros(0, np.int32),
            "kind": np.zeros(0, np.int32),
            "length": np.zeros(0, np.float32),
            "quality": np.zeros(0, np.float32),
            "created": np.zeros(0, np.float64),
            "expires": np.zeros(0, np.float64),
            "alive": np.zeros(0, np.bool_),
        }
        self._numbers: dict[str, int] = {}
        """Of names, of whatever column."""
        self.kinds: dict[int, str] = {}
        """The kind of each group."""
        self._last: dict[int, tuple[str, int]] = {}
        """Of each group of messages the message that came last, and its first row."""

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][: self.end]

    @property
    def alive(self) -> Flags:
        """Which rows count."""
        return self["alive"]

    def append(self, passages: Sequence[StoredPassage]) -> None:
        """Add rows; their IDs are greater than all before."""
        if not passages:
            return
        first, end = self.end, self.end + len(passages)
        self._make_room(end)
        held = dict(zip(StoredPassage._fields, zip(*passages, strict=True), strict=True))
        for name in _NAMED:
            self._arrays[name][first:end] = list(map(self._number, held[name]))
        for name in ("id", "group", "quality", "length", "created"):
            self._arrays[name][first:end] = held[name]
        self._arrays["kind"][first:end] = [self._number(self.kinds[group]) for group in held["group"]]
        self._arrays["unit"][first:end] = list(map(self._unit, passages, range(first, end)))
        self._arrays["expires"][first:end] = [np.inf if expires is None else expires for expires in held["expires"]]
        self._arrays["alive"][first:end] = True
        self.end = end

    def rows_of(self, ids: Iterable[int]) -> Ints:
        """The rows of passages by their IDs, without those that are not here."""
        wanted = np.fromiter(ids, np.int64)
        rows = np.searchsorted(self["id"], wanted)
        inside = rows < self.end
        rows, wanted = rows[inside], wanted[inside]
        found: Ints = rows[self["id"][rows] == wanted].astype(np.int32)
        return found

    def remove(self, rows: Ints) -> None:
        """These count no more."""
        self._arrays["alive"][rows] = False

    def allowed(self, query: RecallQuery, now: float) -> Flags:
        """Which rows a question may be answered from."""
        kind, session, user = self["kind"], self["session"], self["user"]
        said = kind == self._known("message")
        allowed: Flags = self.alive & reduce(np.logical_or, (kind == self._known(name) for name in query.kinds))
        allowed &= (user == _NOBODY) | (user == self._known(query.user_id))
        allowed &= self["expires"] > now
        if query.session_id is None and query.session_ids is None:
            allowed &= said | (session == _NOBODY)
        else:
            allowed &= self._of_sessions(query) | (~said & (session == _NOBODY))
        if query.since is not None:
            allowed &= self["created"] >= query.since.timestamp()
        if query.until is not None:
            allowed &= self["created"] < query.until.timestamp()
        for name, wanted in (("role", query.role), ("model", query.model), ("scope", query.scope)):
            if wanted is not None:
                allowed &= self[name] == self._known(wanted)
        return allowed

    def of_groups(self, kind: str, groups: Sequence[int]) -> Flags:
        """Which rows are of another kind, or of these groups."""
        inside: Flags = (self["kind"] != self._known(kind)) | np.isin(self["group"], groups)
        return inside

    def kind_of(self, row: int) -> str:
        """What a passage is."""
        return self.kinds[int(self["group"][row])]

    def compact(self) -> Ints:
        """Close the holes; answers each row's new number, negative for those that are gone."""
        alive = self.alive
        numbers = np.where(alive, np.cumsum(alive) - 1, -1).astype(np.int32)
        self._arrays = {name: values[: self.end][alive] for name, values in self._arrays.items()}
        self.end = int(np.count_nonzero(alive))
        units = numbers[self._arrays["unit"]]
        self._arrays["unit"] = np.where(units < 0, np.arange(self.end, dtype=np.int32), units)
        self._last = {
            group: (message, int(numbers[row])) for group, (message, row) in self._last.items() if numbers[row] >= 0
        }
        return numbers

    def _unit(self, passage: StoredPassage, row: int) -> int:
        """The first row of the same message, whose pieces come one after another in their group; else the row itself.

        Texts that are cut are one text.
        """
        if passage.message is None:
            return row
        message, first = self._last.get(passage.group, ("", -1))
        if message != passage.message:
            self._last[passage.group] = passage.message, row
            return row
        return first

    def _of_sessions(self, query: RecallQuery) -> Flags:
        """Which rows are of the sessions that are asked about."""
        session = self["session"]
        found: Flags = np.ones(self.end, np.bool_)
        if query.session_id is not None:
            found &= session == self._known(query.session_id)
        if query.session_ids is not None:
            found &= np.isin(session, [self._known(each) for each in query.session_ids])
        return found

    def _make_room(self, end: int) -> None:
        size = len(self._arrays["id"])
        if end > size:
            more = max(end, size * 5 // 4, _LEAST) - size
            self._arrays = {
                name: np.append(values, np.zeros(more, values.dtype)) for name, values in self._arrays.items()
            }

    def _number(self, name: str | None) -> int:
        return _NOBODY if name is None else self._numbers.setdefault(name, len(self._numbers))

    def _known(self, name: str) -> int:
        return self._numbers.get(name, _UNKNOWN)
