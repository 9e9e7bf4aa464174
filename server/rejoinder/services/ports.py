"""What the services need of the world, each port small and named for the need."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Session
from rejoinder.domain.editor_view import EditorView
from rejoinder.domain.events import TurnEvent
from rejoinder.domain.retrieval import Explanation, Hit, IndexOptions, IndexStatus


class ProjectSearch(Protocol):
    """Passages of one project's files."""

    async def search(
        self, query: str, *, limit: int, wait: float = 0.0, near: Sequence[str] = (), commits: bool = False
    ) -> list[Hit]:
        """The best passages, best first. Waits up to `wait` seconds for a first index to be made.

        `near` are the URIs of files that the user has before them, the open one first, which are raised a little;
        `commits` asks for past commits too. Raises IndexUnavailable.
        """
        ...

    async def names(self, typed: str, *, limit: int) -> list[str]:
        """The names defined in the files that hold what was typed, best first. Raises IndexUnavailable."""
        ...

    def status(self) -> IndexStatus:
        """How far the index is."""
        ...

    async def rebuild(self, path: Path | None = None, *, tell: Callable[[IndexStatus], object] | None = None) -> None:
        """Begin to index one file anew, or all; a pause is over then. Raises IndexUnavailable.

        With somebody to `tell` how far it is, it returns when that is done.
        """
        ...

    async def explain(self, path: Path) -> Explanation:
        """Why a file is in the index or not. Raises IndexUnavailable."""
        ...

    async def pause(self, *, keep: bool = False) -> None:
        """Index nothing until `resume`; questions are answered from what is there.

        With `keep` that holds after the search was closed and opened again.
        """
        ...

    async def resume(self) -> None:
        """Go on indexing."""
        ...

    async def changed(self, paths: Sequence[Path]) -> None:
        """These files were made, changed or removed on disk."""
        ...

    async def buffer(self, uri: str, text: str | None) -> None:
        """What an open buffer holds now; None when it was closed and the disk counts again."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class SearchProvider(Protocol):
    """Opens the search of a project."""

    def open(self, project_id: str, folder: Path, ignore: Sequence[str], options: IndexOptions) -> ProjectSearch:
        """The search over a folder; starts its index if it is not there."""
        ...


class Repository(Protocol):
    """What is asked of a folder's version control."""

    def fingerprint(self, folder: Path) -> tuple[str | None, str | None]:
        """The repository's first commit and the folder's path within it; None without one, or in a shallow clone."""
        ...

    def former_names(self, folder: Path, name: str) -> Sequence[str]:
        """What a file was called before, newest first: relative paths with slashes, in the folder; none if unknown."""
        ...

    def diff(self, folder: Path, *, limit: int) -> str:
        """What is changed against HEAD, at most `limit` characters."""
        ...


class FileNames(Protocol):
    """The names of a project's files."""

    async def paths(self, folder: Path, ignore: Sequence[str] = ()) -> Sequence[str]:
        """Relative paths with slashes, without what is ignored or secret; they may be a few seconds old.

        `ignore` are patterns of more that is to be left out.
        """
        ...


@frozen
class Document:
    """A document's text, from an open buffer or from the disk. `version` is that of an open buffer."""

    uri: str
    text: str
    version: int | None = None
    is_new: bool = False
    """Whether there is no such file yet."""


class Workspace(Protocol):
    """What a client has before it: its folders and its open documents."""

    def folders(self) -> Sequence[Path]:
        """The workspace folders, in the client's order."""
        ...

    async def read(self, uri: str) -> Document:
        """A document; an open buffer wins over the disk.

        Raises InvalidInput for a URI that is no file, NotFound, and NotTrusted for a path outside the folders.
        """
        ...

    async def editable(self, uri: str) -> Document:
        """A document that is to be changed; a file that is not there yet is empty and new.

        Raises InvalidInput for a URI that is neither a file nor open, and NotTrusted for a path outside the folders.
        """
        ...

    async def seen(self, uri: str | None) -> EditorView:
        """What the editor shows; nothing of what it does not tell, or not soon. `uri` is the document in question."""
        ...


@frozen
class TurnAddress:
    """Which turn of which session."""

    project_id: str
    session_id: str
    turn_id: str


class Publisher(Protocol):
    """Tells whoever follows a session what happens in it."""

    def update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """An event of a running turn; `seq` counts from 0."""
        ...

    def changed(self, session: Session, kind: Literal["created", "updated", "rewritten", "deleted", "message"]) -> None:
        """A session came, went, or has news; rewritten: messages that were there are gone or others now."""
        ...
