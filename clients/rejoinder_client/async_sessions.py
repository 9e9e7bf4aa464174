"""The sessions of a project as a collection: save, load, list, delete, and what moves them about."""

import asyncio
import contextlib
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rejoinder.protocol import sessions, transfer
from rejoinder.protocol.transfer import ImportPlace, SessionCleanupResult, SessionImportResult
from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import NewMessage, Scope
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.errors import RejoinderError, SessionNotFound
from rejoinder_client.messages import AnyMessage, new_messages
from rejoinder_client.places import absolute
from rejoinder_client.progress import OnProgress

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient
    from rejoinder_client.async_session import AsyncSession

Found = list[SessionInfo]
Messages = list[StoredMessage]
Places = list[ImportPlace]
ExportFormat = Literal["json", "markdown"]


class AsyncSessions:
    """All sessions of the project. They lie in the server's data folder, where editors and the terminal have them too.

    A session is named by its exact ID here; `AsyncClient.open` takes names and beginnings of IDs as well.
    """

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client

    async def save(self, session_id: str, messages: Iterable[AnyMessage]) -> SessionInfo:
        """Make these the messages of a session, which is made if there is none.

        Messages at the beginning that are there already stay as they are. When something goes wrong, all do.
        """
        wanted = new_messages(messages)
        try:
            session = await self._client.existing(session_id)
        except SessionNotFound:
            return (await self._client.session(session_id, messages=wanted)).info
        stored = await session.messages
        same = _same_beginning(stored, wanted)
        if same < len(stored):
            await _shorten(session, stored[:same])
        try:
            await session.add(*wanted[same:])
        except RejoinderError:
            await session.add(*stored[same:])
            raise
        return await session.refresh()

    async def load(self, session_id: str) -> Messages | None:
        """The messages of a session, oldest first; None when there is no such session."""
        try:
            return await (await self._client.existing(session_id)).messages
        except SessionNotFound:
            return None

    async def get(self, session_id: str) -> SessionInfo:
        """What is known of a session beside its messages. Raises SessionNotFound."""
        return await self._client.request(sessions.SESSION_GET, sessions.SessionParams(session_id=session_id))

    async def exists(self, session_id: str) -> bool:
        """Whether there is such a session."""
        with contextlib.suppress(SessionNotFound):
            await self.get(session_id)
            return True
        return False

    async def delete(self, session_id: str, *, permanent: bool = False) -> bool:
        """To the trash, or for good; False when there was no such session."""
        params = sessions.SessionDeleteParams(session_id=session_id, permanent=permanent)
        with contextlib.suppress(SessionNotFound):
            await self._client.request(sessions.SESSION_DELETE, params)
            return True
        return False

    async def restore(self, session_id: str) -> SessionInfo:
        """Bring a session back from the trash. Raises SessionNotFound."""
        return await self._client.request(sessions.SESSION_RESTORE, sessions.SessionParams(session_id=session_id))

    async def export(self, *session_ids: str, format: ExportFormat = "json") -> str:
        """Sessions as a file's text, all of the project's when none is named: JSON without loss, Markdown to read."""
        params = transfer.SessionExportParams(format=format, session_ids=list(session_ids) or None)
        return (await self._client.request(transfer.SESSION_EXPORT, params)).content

    async def import_(self, content: str, *, format: str | None = None, dry_run: bool = False) -> SessionImportResult:
        """Bring in what `export` wrote, or a JSON list of `{"role", "content"}`, which becomes a session.

        Of Markdown names, roles and texts come in. What is here already is left as it is and counted as skipped. With
        `dry_run` nothing is stored.
        """
        params = transfer.SessionImportParams(format=format, content=content, dry_run=dry_run)
        return await self._client.request(transfer.SESSION_IMPORT, params)

    async def import_path(
        self,
        path: Path | str,
        *,
        format: str | None = None,
        dry_run: bool = False,
        place: Literal["own", "current"] = "current",
        on_progress: OnProgress | None = None,
    ) -> SessionImportResult:
        """Bring in a file or folder of this program or of another one; the server finds out what it is.

        With `place="own"` what belonged to another folder comes into that folder's project.

        The result says what was found and what could not be read. Importing it again brings in what has been added
        since. When the caller is cancelled, what came in until then stays. Raises NotFound and InvalidParams.
        """
        found = str(await asyncio.to_thread(absolute, path))
        with self._client.progress.watched(on_progress) as token:
            params = transfer.SessionImportParams(
                format=format, path=found, dry_run=dry_run, place=place, work_done_token=token
            )
            return await self._client.request(transfer.SESSION_IMPORT, params)

    async def import_places(self) -> Places:
        """Where other programs keep sessions on this machine; nothing there has been read."""
        params = transfer.SessionImportFindParams()
        return (await self._client.request(transfer.SESSION_IMPORT_FIND, params)).places

    async def cleanup(
        self,
        *,
        empty: bool = False,
        older_than_days: int | None = None,
        keep_messages: int | None = None,
        dry_run: bool = True,
    ) -> SessionCleanupResult:
        """Remove empty sessions, those unused for so many days, and all but the newest messages of long ones.

        Only what is asked for, and to the trash; with `dry_run` nothing, and the result says what would go.
        """
        params = transfer.SessionCleanupParams(
            empty=empty, older_than_days=older_than_days, keep_messages=keep_messages, dry_run=dry_run
        )
        return await self._client.request(transfer.SESSION_CLEANUP, params)

    async def list(
        self,
        *,
        query: str | None = None,
        scope: Scope | None = None,
        archived: bool | None = None,
        trashed: bool | None = None,
        user_id: str | None = None,
    ) -> Found:
        """All sessions of the project that fit, newest first: those in use, or those in the archive or the trash.

        `user_id`: those that this user made.
        """
        found: Found = []
        cursor: str | None = None
        while True:
            params = sessions.SessionListParams(
                query=query, scope=scope, archived=archived, trashed=trashed, user_id=user_id, cursor=cursor
            )
            page = await self._client.request(sessions.SESSION_LIST, params)
            found += page.sessions
            cursor = page.next_cursor
            if cursor is None:
                return found


def _same_beginning(stored: Sequence[StoredMessage], wanted: Sequence[NewMessage]) -> int:
    """How many messages two lists have in common from the first one on."""
    pairs = zip(stored, wanted, strict=False)
    same = itertools.takewhile(lambda pair: (pair[0].role, pair[0].content) == (pair[1].role, pair[1].content), pairs)
    return sum(1 for _ in same)


async def _shorten(session: "AsyncSession", kept: Sequence[StoredMessage]) -> None:
    """Let a session end with the last of these messages."""
    if kept:
        await session.rollback(kept[-1].message_id)
        return
    system = session.info.system
    await session.clear(keep_system=False)
    if system is not None:
        await session.update(system=system)
