"""All passages that can be found, in memory: which file each is of, and BM25 over their terms.

Passages and files are numbered as they come; what is removed leaves a hole until the table is compacted.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.index.bm25 import Units
from rejoinder.index.defined_names import DefinedNames
from rejoinder.index.passages import FIELDS, Passages, is_document
from rejoinder.index.postings import Flags, Floats, Ints, Occurrences, Postings
from rejoinder.index.rules import FileKind
from rejoinder.index.state import State

_MOST_HOLES = 0.25
_LEAST_HOLES = 2000


@attrs.define(eq=False)
class IndexedFile:
    """A file in the table. `content` is that of the database, None for an open buffer, whose `text` is here."""

    path: str
    kind: FileKind
    content: int | None
    passages: Passages
    text: str | None = None
    number: int = -1
    first: int = -1
    """The number of its first passage; the others follow."""

    @property
    def span(self) -> slice:
        """Its passages in the table."""
        return slice(self.first, self.first + len(self.passages))


class PassageTable:
    """The passages of all files and open buffers."""

    def __init__(self) -> None:
        self.files: dict[str, IndexedFile] = {}
        self.numbered: list[IndexedFile | None] = []
        """Every file by its number; None where one was removed."""
        self.owners: Ints = np.zeros(0, np.int32)
        """The number of each passage's file."""
        self.alive: Flags = np.zeros(0, np.bool_)
        self._next = 0
        self._holes = 0
        self._postings = {field: Postings() for field in FIELDS}
        self._paths = Postings()
        self._lengths: dict[str, Floats] = {field: np.zeros(0, np.float32) for field in FIELDS}
        self._waiting: list[tuple[IndexedFile, dict[str, Occurrences]]] = []
        self._units: dict[str, Units] = {}
        """Made when first asked for, as `_of_source`; forgotten with every change."""
        self._of_source: Flags | None = None
        self._taken_out: list[slice] = []
        self._names: DefinedNames | None = None

    @property
    def count(self) -> int:
        """How many passages can be found."""
        return self._next - self._holes

    @property
    def end(self) -> int:
        """The number after that of the last passage."""
        return self._next

    @property
    def full_of_holes(self) -> bool:
        """Whether compacting is worth its cost."""
        return self._holes > max(_LEAST_HOLES, _MOST_HOLES * self._next)

    @classmethod
    def restored(cls, state: State) -> "PassageTable":
        """As it was when `state` was taken. Raises KeyError, TypeError or ValueError for that of anything else."""
        table, arrays = cls(), state.arrays
        for number, row in enumerate(state.facts["files"]):
            file = None if row is None else _file_of(number, row, arrays["spans"])
            table.numbered.append(file)
            if file is not None:
                table.files[file.path] = file
        table.owners, table.alive = arrays["owners"], arrays["alive"].copy()
        table._next = len(table.owners)
        table._holes = table._next - int(np.count_nonzero(table.alive))
        table._postings = {field: Postings.restored(state, field) for field in FIELDS}
        table._paths = Postings.restored(state, "paths")
        table._lengths = {field: arrays[f"{field} lengths"] for field in FIELDS}
        return table

    def state(self) -> State:
        """What to restore it from, without open buffers."""
        self.settle()
        spans, alive = np.zeros((self._next, 6), np.int32), np.zeros(self._next, np.bool_)
        rows: list[list[Any] | None] = []
        for file in self.numbered:
            rows.append(None if file is None or file.content is None else _row_of(file))
            if file is not None and file.content is not None:
                spans[file.span], alive[file.span] = file.passages.spans, True
        lengths = {f"{field} lengths": self._lengths[field] for field in FIELDS}
        return State({"files": rows}, {"owners": self.owners, "alive": alive, "spans": spans, **lengths}).joined(
            *(self._postings[field].state(field) for field in FIELDS), self._paths.state("paths")
        )

    def put(self, file: IndexedFile, path_terms: Ints) -> None:
        """Add a file, or replace the one of its path. Gives it its numbers."""
        self.remove(file.path)
        found = file.passages.found
        file.number, file.first = len(self.numbered), self._next
        file.passages = attrs.evolve(file.passages, spans=file.passages.spans.copy(), found={})
        self.files[file.path] = file
        self.numbered.append(file)
        if self._names is not None:
            self._names.add(file.passages.names)
        self._next += len(file.passages)
        self._paths.add(Occurrences.of([path_terms]), file.number)
        self._waiting.append((file, found))

    def remove(self, path: str) -> None:
        """Take a file out, if it is there."""
        file = self.files.pop(path, None)
        if file is not None:
            self.settle()
            self.alive[file.span] = False
            self._taken_out.append(file.span)
            self._holes += len(file.passages)
            if self._names is not None:
                self._names.remove(file.passages.names)
            self.numbered[file.number] = None
            self._changed()

    def settle(self) -> None:
        """Make what was put ready to be found."""
        if not self._waiting:
            return
        for file, found in self._waiting:
            for field, occurrences in found.items():
                self._postings[field].add(occurrences, file.first)
        files = [file for file, _ in self._waiting]
        sizes = [len(file.passages) for file in files]
        numbers = np.array([file.number for file in files], np.int32)
        self.owners = np.concatenate([self.owners, np.repeat(numbers, sizes)])
        self.alive = np.concatenate([self.alive, np.ones(sum(sizes), np.bool_)])
        for field, lengths in self._lengths.items():
            new = [found[field].lengths.astype(np.float32) for _, found in self._waiting]
            self._lengths[field] = np.concatenate([lengths, *new])
        for postings in (*self._postings.values(), self._paths):
            postings.settle()
        self._waiting = []
        self._changed()

    def compact(self) -> Ints:
        """Close the holes. Answers the new number of each passage, -1 for those that are gone."""
        self.settle()
        passages = _renumbered(self.alive)
        files = _renumbered(np.array([file is not None for file in self.numbered], np.bool_))
        for postings in self._postings.values():
            postings.renumber(passages)
        self._paths.renumber(files)
        self._lengths = {field: lengths[self.alive] for field, lengths in self._lengths.items()}
        self.owners = files[self.owners[self.alive]]
        self.alive = np.ones(len(self.owners), np.bool_)
        self.numbered = list(self.files.values())
        self.numbered.sort(key=lambda file: file.number if file is not None else -1)
        for file in self.files.values():
            file.number = int(files[file.number])
            file.first = int(passages[file.first]) if len(file.passages) else 0
        self._next, self._holes = len(self.owners), 0
        self._changed()
        return passages

    def names(self) -> DefinedNames:
        """What is defined in the files. Gathered when first asked for, then kept in step."""
        if self._names is None:
            self._names = DefinedNames()
            for file in self.files.values():
                self._names.add(file.passages.names)
        return self._names

    def taken_out(self) -> list[slice]:
        """The numbers of passages that were removed since this was last asked."""
        gone, self._taken_out = self._taken_out, []
        return gone

    def of_source(self) -> Flags:
        """Which passages are of program text that is neither a test nor generated."""
        if self._of_source is None:
            wanted = [
                file is not None and file.kind is FileKind.SOURCE and not is_document(file.path)
                for file in self.numbered
            ]
            self._of_source = np.array(wanted, np.bool_)[self.owners]
        return self._of_source

    def frequency(self, term: int) -> int:
        """In how many passages a term stands."""
        return sum(int(np.count_nonzero(self.alive[units])) for units, _ in self._postings["body"].of(term))

    def scores(self, field: str, terms: Sequence[int]) -> Floats:
        """BM25 of every passage for these terms in a field; 0 where nothing is met."""
        units = self._of_field(field)
        scores = np.zeros(len(self.owners), np.float32)
        for term in terms:
            pieces = list(self._postings[field].of(term))
            holding = sum(int(np.count_nonzero(self.alive[found])) for found, _ in pieces)
            rarity = np.float32(units.rarity(holding))
            for found, counts in pieces:
                scores[found] += rarity * units.saturation(counts.astype(np.float32), found)
        scores[~self.alive] = 0
        return scores

    def coverage(self, field: str, terms: Sequence[int]) -> Floats:
        """What share of the terms stands in a field of each passage; a term counts by how rare it is in passages."""
        units = self._of_field("body")
        covered, total = np.zeros(len(self.owners), np.float32), 1e-6
        for term in terms:
            rarity = units.rarity(self.frequency(term))
            total += rarity
            for found, _ in self._postings[field].of(term):
                covered[found] += np.float32(rarity)
        return covered / np.float32(total)

    def file_scores(self, terms: Sequence[int]) -> Floats:
        """BM25 of every file as a whole, by its number."""
        units = self._of_files()
        scores = np.zeros(len(self.numbered), np.float32)
        for term in terms:
            pieces = [self._in_files(found, counts) for found, counts in self._postings["body"].of(term)]
            rarity = np.float32(units.rarity(sum(int(np.count_nonzero(units.alive[files])) for files, _ in pieces)))
            for files, counts in pieces:
                scores[files] += rarity * units.saturation(counts, files)
        scores[~units.alive] = 0
        return scores

    def path_shares(self, terms: Sequence[int]) -> Floats:
        """How many of the terms stand in each file's path, weighted by how rare they are in paths."""
        alive = self._of_files().alive
        scores = np.zeros(len(self.numbered), np.float32)
        for term in terms:
            pieces = list(self._paths.of(term))
            holding = sum(int(np.count_nonzero(alive[found])) for found, _ in pieces)
            for found, _ in pieces:
                scores[found] += np.float32(self._of_files().rarity(holding))
        scores[~alive] = 0
        return scores

    def _in_files(self, passages: Ints, counts: NDArray[np.uint8]) -> tuple[Ints, Floats]:
        """Counts of passages, which ascend, as those of their files. All of a file's passages are in one piece."""
        owners = self.owners[passages]
        heads = np.append(0, np.flatnonzero(owners[1:] != owners[:-1]) + 1)
        return owners[heads], np.add.reduceat(counts, heads, dtype=np.float32)

    def _changed(self) -> None:
        self._units, self._of_source = {}, None

    def _of_field(self, field: str) -> Units:
        if field not in self._units:
            self._units[field] = Units.of(self.alive, self._lengths[field])
        return self._units[field]

    def _of_files(self) -> Units:
        if "files" not in self._units:
            alive = np.array([file is not None for file in self.numbered], np.bool_)
            lengths = np.bincount(self.owners, self._lengths["body"], len(self.numbered)).astype(np.float32)
            self._units["files"] = Units.of(alive, lengths)
        return self._units["files"]


def _row_of(file: IndexedFile) -> list[Any]:
    passages = file.passages
    return [file.path, int(file.kind), file.content, file.first, len(passages), passages.scopes, passages.names]


def _file_of(number: int, row: list[Any], spans: Ints) -> IndexedFile:
    path, kind, content, first, count, scopes, names = row
    passages = Passages(spans[first : first + count], tuple(scopes), tuple(names), {})
    return IndexedFile(path, FileKind(kind), content, passages, number=number, first=first)


def _renumbered(alive: Flags) -> Ints:
    numbers: NDArray[np.int32] = np.cumsum(alive, dtype=np.int32) - np.int32(1)
    return np.where(alive, numbers, np.int32(-1)).astype(np.int32)
