"""Takes single files into an index, and says what went wrong with one."""

import time

from rejoinder.declared import frozen
from rejoinder.index import attempts
from rejoinder.index.attempts import Attempts
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.walk import FoundFile

VANISHED = "it vanished while it was read"
UNSTEADY = "it changed while it was read: what is indexed may be older"

# A file that changes again within the same tick of the clock keeps its time: one so young is read once more.
_TICK_NANOSECONDS = 100_000_000
_NEVER = -1


@frozen
class Taken:
    """What came of a file: whether it is in the index, what is to be said of it, and whether it is to be read again."""

    inside: bool = True
    fault: str | None = None
    again: bool = False


class TakingIn:
    """Takes in files, and remembers those that change under its eyes or end the process."""

    def __init__(self, index: ProjectIndex, tried: Attempts) -> None:
        self._index = index
        self._attempts = tried
        self._unsteady: set[str] = set()
        """Files that changed while they were read, and are read once more for it."""

    def take(self, found: FoundFile) -> Taken:
        """Index a file; an error of the database is raised."""
        if self._attempts.refuses(found):
            return Taken(inside=False, fault=attempts.SET_ASIDE)
        young = time.time_ns() - found.modified < _TICK_NANOSECONDS
        try:
            with self._attempts.reading(found):
                self._index.take_in(found, modified=_NEVER if young else found.modified)
        except FileNotFoundError:
            return Taken(inside=False, fault=VANISHED)
        except OSError as error:
            return Taken(inside=False, fault=error.strerror or repr(error))
        if self._index.files.found(found.path) == found:
            self._unsteady.discard(found.path)
            return Taken()
        again = found.path not in self._unsteady
        self._unsteady.add(found.path)
        return Taken(fault=UNSTEADY, again=again)

    def close(self) -> None:
        """Let go of what is remembered."""
        self._attempts.close()
