"""Trees indexed by the project's own code, kept between runs, and what it knows of each question's candidates."""

import gzip
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import attrs

from bench.retrieval.scoring import questions
from bench.retrieval.trees import EVALUATION, REPOSITORIES, tree
from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.database import Database
from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.file_history import FileHistory
from rejoinder.index.git_history import MOST_COMMITS
from rejoinder.index.git_history_log import Change, Commit
from rejoinder.index.git_history_ranking import CommitRanking
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.passage_table import PassageTable
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.question import Question
from rejoinder.index.ranking import Signals
from rejoinder.index.static_table import StaticTable
from rejoinder.index.walk import ProjectFiles


@attrs.frozen(eq=False)
class Asked:
    """A question of the evaluation with what the index knows of its candidates."""

    task: str
    query_id: str
    question: Question
    signals: Signals
    table: PassageTable


class _Recorded:
    """The commits that the evaluation comes with, in place of git's, which released trees do not have."""

    def __init__(self, commits: Iterable[Commit], table: StaticTable) -> None:
        self._ranking = CommitRanking(commits, Tokenizer(), table)
        self.scores = self._ranking.file_scores
        self.commits = self._ranking.nearest

    def refresh(self) -> Iterator[int]:
        return iter(())


def opened(folder: Path, kept: Path, *, anew: bool = False) -> ProjectIndex:
    """The finished index of a tree."""
    if anew:
        shutil.rmtree(kept, ignore_errors=True)
    embedder = BuiltinEmbedder()
    history = FileHistory(_Recorded(_recorded(folder.name), embedder.table), embedder.table)
    index = ProjectIndex(ProjectFiles(folder, ()), Database(kept), embedder, history)
    if not index.lexical.complete:
        began = time.perf_counter()
        upkeep = KeepingUp(index)
        while upkeep.step() or index.catch_up() or index.waiting:
            if upkeep.idle and index.waiting:
                time.sleep(0.01)
        index.commit()
        print(f"  {folder}: {index.lexical.chunks:,} passages in {time.perf_counter() - began:.1f} s")
    return index


def asked(task: str, cache: Path, *, anew: bool = False) -> Iterator[Asked]:
    """Every question of a task."""
    stripped = task == "doc_to_function"
    for repository in REPOSITORIES:
        wanted = list(questions(task, repository))
        if not wanted:
            continue
        folder = tree(repository, stripped=stripped, cache=cache)
        index = opened(folder, cache / "indexes" / folder.parent.name / repository, anew=anew)
        for query_id, text in wanted:
            question = index.understood(text)
            yield Asked(task, query_id, question, index.signals(question), index.lexical.table)
        index.database.close()


def history_of_grown(folder: Path) -> FileHistory:
    """The commits of all repositories, as many as are ever read, for a folder with their trees by their whole paths."""
    table = StaticTable.load()
    trees = folder.parents[1] / "trees"
    commits = (
        commit
        for name in REPOSITORIES
        for commit in _recorded(name, (trees / name).relative_to(trees.anchor).as_posix() + "/")
    )
    return FileHistory(_Recorded(islice(commits, MOST_COMMITS), table), table)


def _recorded(repository: str, prefix: str = "") -> Iterator[Commit]:
    with gzip.open(EVALUATION / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["repo"] == repository:
                changes = tuple(
                    Change(status[0], prefix + paths[-1], prefix + paths[0] if len(paths) > 1 else None)
                    for status, *paths in row["changes"]
                )
                yield Commit(row["commit"], row["time"], row["subject"], row["body"], changes)
