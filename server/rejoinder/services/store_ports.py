"""What the services need of whatever keeps the conversations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.summaries import Summary


class HistoryStore(Protocol):
    """Where conversations are kept. One thread at a time uses it.

    Nobody else writes meanwhile: the data folder's lock sees to that, or the lease that a server gives. So there is
    nothing to follow in a store: who wants to know what changes follows the engine.

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

    def record_kinds(self, project_id: str) -> list[str]:
        """The kinds of records that the project has."""
        ...

    def records(self, project_id: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The project's own records of a kind (`memory`, `knowledge`) by their IDs, in the order of their coming.

        What is answered does not change later, may be read by any thread, and may decode each record when it is looked
        at; nothing is copied.
        """
        ...

    def put_records(
        self, project_id: str, kind: str, records: Mapping[str, Mapping[str, Any]], *, erase: bool = False
    ) -> None:
        """Add or replace records, in one durable write. The values are plain JSON; NotFound without the project.

        `erase`: what is replaced is gone from the disk when this returns. A record whose ID is `X/…` belongs to
        record X: both come and go together when a store is restored.
        """
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
