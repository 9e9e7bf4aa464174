"""The documents of a folder, by the ignore rules of the index."""

import stat

from rejoinder.adapters.documents.limits import LARGEST_DOCUMENT
from rejoinder.index.walk import FoundFile, ProjectFiles


class Documents(ProjectFiles):
    """As the index lists files, but documents may be larger than what people write by hand."""

    def leaves_out(self, path: str) -> bool:
        """Whether a file stays out for its name or by our own ignore files; git's were asked in the folder itself."""
        return self._named(path) is not None

    def found(self, path: str) -> FoundFile | None:
        """As the base class says, up to the limit of documents."""
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_DOCUMENT:
            return None
        return FoundFile(path, status.st_mtime_ns, status.st_size)
