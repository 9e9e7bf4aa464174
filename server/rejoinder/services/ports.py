"""What the services need of the world, each port small and named for the need."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import attrs

from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.editor_view import EditorView
from rejoinder.domain.events import TurnEvent
from rejoinder.domain.retrieval import Explanation, Hit, IndexOptions, IndexStatus
from rejoinder.domain.summaries import Summary


class HistoryStore(Protocol):
    """Where conversations are kept. One thread at a time uses it.

    A method that changes something has made it durable before it returns, unless it says otherwise. Raises
    StorageFull (nothing changed), StorageCorrupt, and SessionNotFound for a session that is not there.
    """

    def projects(self) -> list[Project]:
        """Every known project."""
        ...

    def put_project(self, project: Project) -> None:
        """Add or replace a project."""
        ...

    def sessions(self, project_id: str) -> list[Session]:
        """The project's sessions without those in the trash. Opens no message file."""
        ...

    def session(self, project_id: str, session_id: str) -> Session:
        """One session, as the registry has it."""
        ...

    def create(self, session: Session, messages: Sequence[Message] = (), *, summaries: Sequence[Summary] = ()) -> None:
        """A new session, whole with its first messages; ValueError when the ID is taken, also in the trash."""
        ...

    def put(self, session: Session, *, durable: bool = True) -> None:
        """Replace a session's own fields. Not durable: kept in memory and written without a sync (drafts)."""
        ...

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """All messages of the tree in the order in which they were stored."""
        ...

    def latest(self, project_id: str, session_id: str, count: int) -> Sequence[Message]:
        """The messages that were stored last, in that order: at least `count` if there are so many."""
        ...

    def append(self, session: Session, messages: Sequence[Message]) -> None:
        """Add messages and replace the session's fields, in one durable write."""
        ...

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """Put these messages in the place of all others; what is left out is gone from the disk, as are summaries."""
        ...

    def summaries(self, project_id: str, session_id: str) -> Sequence[Summary]:
        """The summaries of a session's messages, in the order in which they were stored."""
        ...

    def put_summary(self, session: Session, summary: Summary) -> None:
        """Add a summary, in the place of one of the same messages, and replace the session's fields."""
        ...

    def state(self, project_id: str, session_id: str) -> dict[str, Any]:
        """A session's own JSON values."""
        ...

    def put_state(self, project_id: str, session_id: str, state: Mapping[str, Any]) -> None:
        """Replace a session's own JSON values."""
        ...

    def records(self, project_id: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The project's own records of a kind (`memory`, `knowledge`) by their IDs, in the order of their coming."""
        ...

    def put_records(self, project_id: str, kind: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Add or replace records, in one durable write. The values are plain JSON."""
        ...

    def drop_records(self, project_id: str, kind: str, ids: Collection[str]) -> None:
        """Remove records; they are gone from the disk when this returns. An ID that is not there is no error."""
        ...

    def attach(self, project_id: str, session_id: str, data: bytes) -> str:
        """Keep binary content beside a session; answers its SHA-256 in hexadecimal."""
        ...

    def attachment(self, project_id: str, session_id: str, digest: str) -> bytes:
        """Binary content by its SHA-256; NotFound when it is not there."""
        ...

    def trash(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is set, to the trash."""
        ...

    def trashed(self, project_id: str) -> list[Session]:
        """The sessions in the project's trash."""
        ...

    def restore(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is None again, back from the trash."""
        ...

    def purge(self, project_id: str, session_id: str) -> None:
        """Remove a session for good, wherever it is."""
        ...

    def size(self, project_id: str, session_id: str) -> int:
        """The bytes that a session takes on disk, wherever it is. Opens no message file."""
        ...

    def faults(self) -> list[str]:
        """What was found damaged and set aside since the last call, in sentences for people."""
        ...

    def close(self) -> None:
        """Finish all writes and let go of the files."""
        ...


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

    async def rebuild(self, path: Path | None = None) -> None:
        """Index one file anew, or all."""
        ...

    async def explain(self, path: Path) -> Explanation:
        """Why a file is in the index or not. Raises IndexUnavailable."""
        ...

    async def pause(self) -> None:
        """Index nothing until `resume`; questions are answered from what is there."""
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


class MessageSearch(Protocol):
    """Words in what was said, over all sessions of a project."""

    async def search(
        self,
        project_id: str,
        query: str,
        *,
        session_id: str | None,
        user_id: str | None = None,
        without: Sequence[str] = (),
        limit: int,
    ) -> list[Hit]:
        """The best messages of one session and user, or of all, best first, without those with the given IDs."""
        ...

    def changed(self, project_id: str, session_id: str) -> None:
        """A session has new messages, lost some, or is gone: what is known of it is forgotten."""
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

    async def paths(self, folder: Path) -> Sequence[str]:
        """Relative paths with slashes, without what is ignored or secret; they may be a few seconds old."""
        ...


@attrs.frozen
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


@attrs.frozen
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

    def changed(self, session: Session, kind: Literal["created", "updated", "deleted", "message"]) -> None:
        """A session came, went, or has news."""
        ...
