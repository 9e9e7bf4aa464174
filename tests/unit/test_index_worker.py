"""What an index's process says, and in which order: the real worker, over an index in memory."""

import queue
from collections.abc import Callable
from pathlib import Path

import pytest

from rejoinder.index.database import Database
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.messages import Done, FromWorker, Pause, Rebuild, Resume, Status, ToWorker
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.walk import ProjectFiles
from rejoinder.index.worker import Worker


class Heard:
    """A worker whose index is made, and what it says when it is asked one thing after another."""

    def __init__(self, folder: Path) -> None:
        self._requests: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
        self._ask: list[Callable[[], ToWorker]] = []
        self.said: list[FromWorker] = []
        index = ProjectIndex(ProjectFiles(folder, []), Database(None))
        self._worker = Worker(index, KeepingUp(index), self._requests, self._hear)

    def answers(self, *requests: Callable[[], ToWorker]) -> list[FromWorker]:
        """All that is said, from the start on; each is asked when the one before is done."""
        self._ask = list(requests)
        self._worker.run()
        return self.said

    def _hear(self, message: FromWorker) -> None:
        self.said.append(message)
        if isinstance(message, Done) or (isinstance(message, Status) and self._is_first_ready(message)):
            self._requests.put(self._ask.pop(0)() if self._ask else None)

    def _is_first_ready(self, message: Status) -> bool:
        ready = [one for one in self.said if isinstance(one, Status) and one.status.state == "ready"]
        return ready == [message] and not any(isinstance(one, Done) for one in self.said)


def state_before(said: list[FromWorker], id: int) -> str:
    """Which state was told last when a request was answered."""
    until = said[: said.index(Done(id))]
    return [one.status.state for one in until if isinstance(one, Status)][-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.py").write_text("def acquire():\n    return 1\n")
    return tmp_path


def test_who_hears_that_it_rests_or_goes_on_has_heard_the_state(folder: Path) -> None:
    said = Heard(folder).answers(lambda: Pause(1), lambda: Resume(2))
    assert (state_before(said, 1), state_before(said, 2)) == ("paused", "ready")


def test_who_hears_that_a_file_was_taken_in_has_heard_how_many_there_are_then(folder: Path) -> None:
    def ask() -> ToWorker:
        path = folder / "queue.py"
        path.write_text("def give_back():\n    return 2\n")
        return Rebuild(1, path.as_uri(), True)

    said = Heard(folder).answers(ask)
    assert [one.status.files for one in said[: said.index(Done(1))] if isinstance(one, Status)][-1] == 2
