"""What a project's past commits say about a question: a signal for files, and commits to be found themselves."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.git_history_log import Commit, GitLog
from rejoinder.index.git_history_ranking import CommitRanking, FileScores, Floats, embedded
from rejoinder.index.git_history_store import CommitStore
from rejoinder.index.static_table import StaticTable

MOST_COMMITS = 20_000
"""Older ones are not read."""

_AT_ONCE = 100
"""Searches wait while these are read."""


class GitHistory:
    """The commits that lead to what is checked out, without merges. One thread at a time reads them.

    A new commit costs the reading of that commit; another branch or a rewritten one, of those that were not known.
    """

    def __init__(self, log: GitLog, store: CommitStore, tokenizer: Tokenizer, table: StaticTable) -> None:
        self._log = log
        self._store = store
        self._tokenizer = tokenizer
        self._table = table
        self._ranked_head: str | None = None
        self._ranking = CommitRanking((), tokenizer, table)

    @classmethod
    def open(
        cls, folder: Path, store: Path | None, table: StaticTable, *, tokenizer: Tokenizer | None = None
    ) -> "GitHistory":
        """The history of a project's folder. `store` is the folder of its index; without one nothing is kept."""
        return cls(GitLog(folder), CommitStore(store), tokenizer or Tokenizer(), table)

    @property
    def count(self) -> int:
        """How many commits can be found."""
        return len(self._ranking.commits)

    def refresh(self) -> Iterator[int]:
        """Read what is new, in steps that each tell how many commits are left.

        Stopped between two steps, it goes on from there the next time; until the end, answers are as before.
        """
        head = self._log.head()
        if head is None:
            self._ranking = CommitRanking((), self._tokenizer, self._table)
            self._ranked_head = None
            return
        if head != self._store.head():
            order = self._log.newest(MOST_COMMITS)
            known = self._store.ids()
            unknown = [each for each in order if each not in known]
            for start in range(0, len(unknown), _AT_ONCE):
                yield len(unknown) - start
                self._store.add(self._log.commits(unknown[start : start + _AT_ONCE]))
            self._store.finish(head, order)
        if head != self._ranked_head:
            yield from self._rank()
            self._ranked_head = head

    def _rank(self) -> Iterator[int]:
        yield 0
        commits = list(self._store.commits())
        vectors = self._ranking.vectors
        unknown = [each for each in commits if each.id not in vectors]
        for start in range(0, len(unknown), _AT_ONCE):
            yield 0
            vectors.update(embedded(unknown[start : start + _AT_ONCE], self._table))
        yield 0
        self._ranking = CommitRanking(commits, self._tokenizer, self._table, vectors=vectors)

    def scores(self, tokens: Sequence[str], vector: Floats | None) -> FileScores:
        """Of each file that commits point at, by path: BM25 of its commit messages, votes of the nearest commits.

        Both lie between 0 and 1. `vector` is the built-in table's for the question; without it only words count.
        """
        return self._ranking.file_scores(tokens, vector)

    def commits(self, tokens: Sequence[str], vector: Floats | None, limit: int) -> list[tuple[Commit, float]]:
        """The commits nearest to the question, best first, with scores of at most 1."""
        return self._ranking.nearest(tokens, vector, limit)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()
