"""The projects whose recall index is open in this process, and the embedders that they use."""

import contextlib
import logging
import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from rejoinder.declared import frozen
from rejoinder.index.embedders import BUILTIN, BuiltinEmbedder, Embedder, chosen_embedder
from rejoinder.index.process import lock_folder
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.folders import folder_of
from rejoinder.index.recall.messages import Use
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.words import Words

log = logging.getLogger("rejoinder.index")

_THREADS = 2
"""So that a question need not wait for passages."""


@frozen
class _Open:
    recall: ProjectRecall
    lock: IO[str] | None


class OpenProjects:
    """Opens what is asked for, and keeps it open."""

    def __init__(self, root: Path) -> None:
        self.threads = ThreadPoolExecutor(_THREADS, "embedder")
        self._root = root
        self._words = Words()
        self._open: dict[str, _Open] = {}
        self._uses: dict[str, Use] = {}
        self._builtin: BuiltinEmbedder | None = None
        self._embedders: dict[tuple[str, str | None, str | None], Embedder] = {}

    def use(self, use: Use) -> None:
        """Make a project's vectors like this from now on."""
        self._uses[use.project] = use
        if use.project in self._open:
            embedder, misfit = self._embedder(use)
            self._open[use.project].recall.embed_by(RecallEmbedding(embedder, self.threads, misfit))

    def get(self, project: str) -> ProjectRecall:
        """A project's passages. Raises sqlite3.Error."""
        found = self._open.get(project)
        if found is None:
            folder = folder_of(self._root, project)
            lock = lock_folder(folder)
            if lock is None:
                log.warning("another process has the recall index in %s: this one keeps its own for a while", folder)
            embedder, misfit = self._embedder(self._uses.get(project) or Use(project, BUILTIN, None, None))
            embedding = RecallEmbedding(embedder, self.threads, misfit)
            found = _Open(ProjectRecall(folder if lock is not None else None, self._words, embedding), lock)
            self._open[project] = found
        return found.recall

    def all(self) -> list[ProjectRecall]:
        """Those that are open."""
        return [each.recall for each in self._open.values()]

    def of(self, projects: Collection[str]) -> list[ProjectRecall]:
        """Those of some projects that are open."""
        return [each.recall for project, each in self._open.items() if project in projects]

    def close(self) -> None:
        """Let go of everything."""
        for each in self._open.values():
            each.recall.close()
            if each.lock is not None:
                with contextlib.suppress(OSError):
                    each.lock.close()
        self._open.clear()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _embedder(self, use: Use) -> tuple[Embedder, str | None]:
        """The embedder that is asked for, or the built-in one and why."""
        if self._builtin is None:
            self._builtin = BuiltinEmbedder()
        chosen = use.embedder, use.base_url, use.api_key_env
        if chosen not in self._embedders:
            try:
                key = os.environ.get(use.api_key_env or "")
                embedder = chosen_embedder(use.embedder, self._builtin, base_url=use.base_url, api_key=key)
            except (ValueError, ImportError) as error:
                return self._builtin, f"{error}; the built-in one is used"
            self._embedders[chosen] = embedder
        return self._embedders[chosen], None
