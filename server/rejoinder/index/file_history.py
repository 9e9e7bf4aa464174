"""Past commits as a signal: which files they touched that were about what a question is about."""

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from rejoinder.domain.conversation import Place
from rejoinder.domain.names import COMMIT
from rejoinder.domain.retrieval import Hit
from rejoinder.index.git_history_log import Commit
from rejoinder.index.git_history_ranking import FileScores
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Floats
from rejoinder.index.question import Question
from rejoinder.index.static_table import StaticTable

_STALE_SECONDS = 5.0

_SHARE = 0.5
"""The score of the best commit: among passages commits stand below those that fit well."""


class Commits(Protocol):
    """The past commits of a project."""

    def refresh(self) -> Iterator[int]:
        """Read what is new, in steps."""
        ...

    def scores(self, tokens: Sequence[str], vector: Vectors | None) -> FileScores:
        """Of each file that commits point at, by path: what their messages say, and the votes of the nearest ones."""
        ...

    def commits(self, tokens: Sequence[str], vector: Vectors | None, limit: int) -> list[tuple[Commit, float]]:
        """The commits nearest to the question."""
        ...


class FileHistory:
    """Reads the commits bit by bit, and asks them about questions."""

    def __init__(self, commits: Commits, table: StaticTable) -> None:
        self._commits = commits
        self._table = table
        self._reading: Iterator[int] | None = None
        self._looked = float("-inf")
        self.was_read = False
        """Whether all commits that there are were read once."""

    def look_again(self) -> None:
        """HEAD may have moved."""
        if time.monotonic() - self._looked > _STALE_SECONDS:
            self._looked = float("-inf")

    def step(self) -> bool:
        """Read a few commits; False when there is nothing to do."""
        if self._reading is None:
            if self._looked > float("-inf"):
                return False
            self._looked = time.monotonic()
            self._reading = self._commits.refresh()
        if next(self._reading, None) is None:
            self._reading, self.was_read = None, True
        return True

    def signals(self, question: Question, paths: Sequence[str | None]) -> dict[str, Floats]:
        """By signal a value between 0 and 1 for each of these paths."""
        messages, votes = self._commits.scores(question.tokens, self._vector(question)).of(paths)
        return {"messages": messages, "neighbours": votes}

    def hits(self, question: Question, limit: int) -> list[Hit]:
        """The commits themselves, best first."""
        found = self._commits.commits(question.tokens, self._vector(question), limit)
        return [
            Hit(
                uri=f"{COMMIT}{commit.id}",
                place=Place(0, 0, 0, 0),
                text=f"{commit.subject}\n\n{commit.body}".strip(),
                score=round(_SHARE * max(0.0, min(1.0, score)), 4),
                source="commit",
            )
            for commit, score in found
        ]

    def _vector(self, question: Question) -> Vectors:
        vector: Vectors = self._table.embed([question.text])[0]
        return vector
