"""What knowledge needs of the world: documents read by a process of their own, pages, and a folder's files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rejoinder.declared import frozen
from rejoinder.domain.knowledge import Passage, ReadFile

OnProgress = Callable[[str, int, int], None]
"""Told how far it is: of what, so many done, of so many; 0 is not known."""


@frozen(kw_only=True)
class Cutting:
    """How a document is cut: by which chunker, and into how many characters at most; None: as fits its kind."""

    chunker: str | None = None
    size: int | None = None


@frozen(kw_only=True)
class RawDocument:
    """The bytes of a document. Its name tells what it is, unless `mime_type` does."""

    data: bytes
    name: str
    uri: str
    mime_type: str | None = None


@frozen(kw_only=True)
class Extracted:
    """What was read of a document. `title` is what the document itself says that it is called."""

    passages: tuple[Passage, ...]
    title: str | None = None


class Extractor(Protocol):
    """Reads documents one after another, and is closed after the last."""

    async def extract(self, document: RawDocument, cutting: Cutting, on_progress: OnProgress) -> Extracted:
        """The passages of a document. Raises SourceUnreadable, TooLarge, and InvalidInput for a chunker."""
        ...

    async def close(self) -> None:
        """End what reads, at once."""
        ...


class Extraction(Protocol):
    """Where documents are read so that a hostile one can harm nothing."""

    def open(self) -> Extractor:
        """An extractor; it costs nothing until it gets a document."""
        ...


@frozen(kw_only=True)
class Reach:
    """How pages are fetched. `allow_private`: also from addresses of this machine and its networks."""

    allow_private: bool = False
    proxy: str | None = None
    ca_file: str | None = None


class WebPages(Protocol):
    """Fetches pages, each only when it is asked for."""

    async def fetch(self, url: str, reach: Reach, on_progress: OnProgress) -> RawDocument:
        """A page, whose `uri` is where it was found in the end.

        Raises InvalidInput for what is no URL of a page, NotTrusted for a private address, NotFound, TooLarge, and
        SourceUnreadable.
        """
        ...


@frozen
class FileState:
    """What tells at once whether a file has changed; `modified` in nanoseconds."""

    path: str
    size: int
    modified: int


class KnowledgeFiles(Protocol):
    """Files that are added as knowledge. All of it blocks: called in threads."""

    def listed(self, folder: Path, ignore: Sequence[str], project: Path | None) -> list[FileState]:
        """The files of a folder, relative to it with slashes, without what the index would leave out too.

        `project` is the folder around it whose ignore files and patterns count as well.
        """
        ...

    def state(self, path: Path) -> FileState | None:
        """A file as it is now; None when there is none."""
        ...

    def read(self, path: Path) -> tuple[bytes, ReadFile]:
        """A file's bytes, and what it was then. Raises NotFound, TooLarge, SourceUnreadable, and NotTrusted."""
        ...
