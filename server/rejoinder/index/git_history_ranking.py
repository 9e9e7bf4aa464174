"""What past commits say about a question: which files they point at, and the commits themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.git_history_log import Commit
from rejoinder.index.sign_bits import differing, least, sign_bits
from rejoinder.index.static_table import StaticTable

MOST_FILES = 20
"""Commits that touch more say nothing about each of them."""

_NEIGHBOURS = 100
_LIKELY = 1500
"""Of so many commits, those whose signs differ least from the question's, the cosines are worked out."""
_LEADING = 500
"""And of so many that have most of its words."""
_PRIOR = 5.0
_K1, _B = 1.2, 0.75
_UNIT = 127.0
_MOST_COUNT = 255

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
_Nearness = tuple[NDArray[np.intp], Floats]


@attrs.frozen(eq=False)
class _Rows:
    """A sparse matrix by rows: columns and values of row r lie from starts[r] to starts[r + 1]."""

    starts: Ints
    columns: Ints
    values: NDArray[Any]

    @classmethod
    def of(cls, rows: Ints, columns: Ints, values: NDArray[Any], count: int) -> "_Rows":
        """`rows` ascend."""
        starts = np.zeros(count + 1, np.int32)
        np.cumsum(np.bincount(rows, minlength=count), out=starts[1:])
        return cls(starts, columns, values)

    def row(self, number: int) -> tuple[Ints, NDArray[Any]]:
        part = slice(self.starts[number], self.starts[number + 1])
        return self.columns[part], self.values[part]

    def sums(self, rows: Ints, weights: Floats, columns: int) -> Floats:
        """Of each column, the sum over those rows of their values times their weights."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[rows] - ends + lengths, lengths)
        found = np.repeat(weights, lengths) * self.values[at]
        return np.bincount(self.columns[at], found, minlength=columns).astype(np.float32)


def embedded(commits: Sequence[Commit], table: StaticTable) -> dict[str, NDArray[np.int8]]:
    """The vectors of commits' messages by their IDs, in 8 bits."""
    rows = np.rint(table.embed([_message(each) for each in commits]) * _UNIT).astype(np.int8)
    return {each.id: row for each, row in zip(commits, rows, strict=True)}


class FileScores(Mapping[str, tuple[float, float]]):
    """Of each file by its path what its messages say and the votes for it; looked up where it is wanted."""

    def __init__(self, numbers: Mapping[str, int], messages: Floats, votes: Floats) -> None:
        self._numbers = numbers
        self.messages = messages
        self.votes = votes

    def __getitem__(self, path: str) -> tuple[float, float]:
        number = self._numbers[path]
        if not self.messages[number] and not self.votes[number]:
            raise KeyError(path)
        return float(self.messages[number]), float(self.votes[number])

    def __iter__(self) -> Iterator[str]:
        return (path for path, number in self._numbers.items() if self.messages[number] or self.votes[number])

    def __len__(self) -> int:
        return int(np.count_nonzero(self.messages + self.votes))

    def of(self, paths: Sequence[str | None]) -> tuple[Floats, Floats]:
        """What the messages say and the votes, for each of these paths; 0 where nothing is known."""
        numbers = [self._numbers.get(path, -1) if path is not None else -1 for path in paths]
        return np.append(self.messages, np.float32(0))[numbers], np.append(self.votes, np.float32(0))[numbers]


class CommitRanking:
    """A picture of a project's commits, made for asking; it remembers what it was asked last.

    A commit's message is its subject and first paragraph. Renames are followed; files that are gone do not count.
    """

    def __init__(
        self,
        commits: Iterable[Commit],
        tokenizer: Tokenizer,
        table: StaticTable,
        *,
        vectors: Mapping[str, NDArray[np.int8]] | None = None,
    ) -> None:
        """`commits` come newest first. `vectors` are those that are known already, by the commits' IDs."""
        kept, files = _with_files(commits)
        self.commits: Sequence[Commit] = kept
        self.paths: Sequence[str] = files.names
        self._numbers = {path: number for number, path in enumerate(files.names)}
        owners = np.fromiter((n for n, paths in enumerate(files.of_commits) for _ in paths), np.int32)
        touched = np.fromiter((path for paths in files.of_commits for path in paths), np.int32)
        shares = np.bincount(owners, minlength=len(kept)).astype(np.float32)
        weights = 1 / np.sqrt(np.maximum(shares[owners], 1))
        self._files = _Rows.of(owners, touched, weights.astype(np.float32), len(kept))
        self._calming = 1 / np.sqrt(_PRIOR + np.bincount(touched, minlength=len(files.names)))
        self._index([_message(each) for each in kept], tokenizer)
        known = vectors or {}
        known = {**known, **embedded([each for each in kept if each.id not in known], table)}
        self._vectors = np.array([known[each.id] for each in kept], np.int8).reshape(len(kept), table.dimension)
        self._signs = sign_bits(self._vectors)
        self._asked: tuple[tuple[str, ...], bytes | None] | None = None
        self._near: _Nearness = (np.zeros(0, np.intp), np.zeros(0, np.float32))

    def _index(self, messages: Sequence[str], tokenizer: Tokenizer) -> None:
        numbers: dict[str, int] = {}
        words = [[numbers.setdefault(token, len(numbers)) for token in tokenizer.tokens(text)] for text in messages]
        lengths = np.fromiter(map(len, words), np.int32, len(words))
        flat = np.fromiter(chain.from_iterable(words), np.int64, int(lengths.sum()))
        keys, counts = np.unique(flat << 32 | np.repeat(np.arange(len(words)), lengths), return_counts=True)
        terms, owners = (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)
        self._terms: Mapping[str, int] = numbers
        self._postings = _Rows.of(terms, owners, np.minimum(counts, _MOST_COUNT).astype(np.uint8), len(numbers))
        self._lengths = lengths.astype(np.float32)
        self._file_lengths = self._to_files(np.arange(len(words), dtype=np.int32), self._lengths)

    @property
    def vectors(self) -> dict[str, NDArray[np.int8]]:
        """The commits' vectors by their IDs."""
        return {each.id: vector for each, vector in zip(self.commits, self._vectors, strict=True)}

    def file_scores(self, tokens: Sequence[str], vector: Floats | None) -> "FileScores":
        """Of each file that commits point at: BM25 over its messages, and the votes of the nearest commits.

        Each is divided by its maximum. A file that neither points at is left out.
        """
        if not self.commits or not self.paths:
            return FileScores({}, np.zeros(0, np.float32), np.zeros(0, np.float32))
        messages = _scaled(self._message_scores(tokens))
        votes = _scaled(self._votes(*self._nearness(tokens, vector)))
        return FileScores(self._numbers, messages, votes)

    def nearest(self, tokens: Sequence[str], vector: Floats | None, limit: int) -> list[tuple[Commit, float]]:
        """The commits nearest to the question, best first, with scores of at most 1."""
        if not self.commits:
            return []
        rows, nearness = self._nearness(tokens, vector)
        best = np.argsort(-nearness, kind="stable")[:limit]
        return [(self.commits[rows[each]], float(nearness[each])) for each in best if nearness[each] > 0]

    def _message_scores(self, tokens: Sequence[str]) -> Floats:
        """BM25 of each file, whose messages' term frequencies are weighted by 1/√files of the commit."""
        total = np.zeros(len(self.paths), np.float32)
        mean = max(float(self._file_lengths.mean()), 1e-6)
        norms = _K1 * (1 - _B + _B * self._file_lengths / mean)
        for token in tokens:
            number = self._terms.get(token)
            if number is None:
                continue
            frequencies = self._to_files(*self._postings.row(number))
            total += _idf(int(np.count_nonzero(frequencies)), len(self.paths)) * frequencies / (frequencies + norms)
        return total

    def _nearness(self, tokens: Sequence[str], vector: Floats | None) -> _Nearness:
        """The commits that may be near, and of each half BM25 and half cosine, each divided by its maximum."""
        # files and commits are asked about one after the other by the same question
        asked = (tuple(tokens), None if vector is None else vector.tobytes())
        if self._asked != asked:
            self._asked, self._near = asked, self._worked_out(tokens, vector)
        return self._near

    def _worked_out(self, tokens: Sequence[str], vector: Floats | None) -> _Nearness:
        total = np.zeros(len(self.commits), np.float32)
        norms = _K1 * (1 - _B + _B * self._lengths / max(float(self._lengths.mean()), 1e-6))
        for token in tokens:
            number = self._terms.get(token)
            if number is not None:
                owners, counts = self._postings.row(number)
                total[owners] += _idf(len(owners), len(self.commits)) * counts / (counts + norms[owners])
        leading = _greatest(total, _LEADING)
        if vector is None:
            return leading, _scaled(total[leading])
        likely = least(differing(self._signs, vector), _LIKELY)
        likely[leading] = True
        rows = np.flatnonzero(likely)
        cosines = self._vectors[rows].astype(np.float32) @ vector
        nearness: Floats = (_scaled(total[rows]) + _scaled(np.maximum(cosines, 0))).astype(np.float32) / np.float32(2)
        return rows, nearness

    def _votes(self, rows: NDArray[np.intp], nearness: Floats) -> Floats:
        """The nearest commits vote by the square of their nearness for the files that they touched."""
        nearest = np.argpartition(nearness, -_NEIGHBOURS)[-_NEIGHBOURS:] if len(nearness) > _NEIGHBOURS else slice(None)
        voters = rows[nearest].astype(np.int32)
        votes: Floats = (self._to_files(voters, nearness[nearest] ** 2) * self._calming).astype(np.float32)
        return votes

    def _to_files(self, commits: Ints, values: NDArray[Any]) -> Floats:
        """What commits have, handed on to the files that they touched, by 1/√files of the commit."""
        return self._files.sums(commits, values.astype(np.float32), len(self.paths))


@attrs.frozen(eq=False)
class _Touched:
    names: list[str]
    of_commits: list[list[int]]


def _with_files(commits: Iterable[Commit]) -> tuple[list[Commit], _Touched]:
    """The commits that count, and the numbers of the files that they touched, by the names that they have now."""
    now: dict[str, str | None] = {}
    numbers: dict[str, int] = {}
    kept: list[Commit] = []
    touched: list[list[int]] = []
    for commit in commits:
        paths: dict[str, None] = {}
        for change in commit.changes:
            # The first time that a path comes by, newest first, tells whether it is still there.
            current = now.setdefault(change.path, None if change.status == "D" else change.path)
            if current is not None:
                paths[current] = None
        for change in commit.changes:
            if change.status == "R" and change.old_path is not None:
                now[change.old_path] = now[change.path]
        if len(commit.changes) <= MOST_FILES:
            kept.append(commit)
            touched.append([numbers.setdefault(path, len(numbers)) for path in paths])
    return kept, _Touched(list(numbers), touched)


def _message(commit: Commit) -> str:
    return f"{commit.subject}\n{commit.paragraph}"


def _idf(found: int, of: int) -> float:
    return float(np.log1p((of - found + 0.5) / (found + 0.5)))


def _greatest(values: Floats, most: int) -> NDArray[np.intp]:
    """Where the greatest are: `most` of them, and none that is 0."""
    found = np.flatnonzero(values > 0)
    if len(found) > most:
        found = np.sort(found[np.argpartition(values[found], len(found) - most)[len(found) - most :]])
    return found


def _scaled(scores: Floats) -> Floats:
    most = float(scores.max(initial=0))
    return scores / most if most > 0 else scores
