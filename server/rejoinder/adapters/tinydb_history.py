"""Conversations in TinyDB tables over journals.

projects.N.jsonl      every project
projects/HASH/        one project: see tinydb_history_project
"""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rejoinder import platform
from rejoinder.adapters.journal import storage_error
from rejoinder.adapters.journal_records import RecordFiles
from rejoinder.adapters.session_rules import SessionRules
from rejoinder.adapters.tinydb_history_project import ProjectFolder, folder_name
from rejoinder.adapters.tinydb_history_session import SessionFolder
from rejoinder.adapters.tinydb_storage import JournalStorage
from rejoinder.adapters.tinydb_table import JournalTable
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.documents import decode_project, encode_project
from rejoinder.domain.errors import StorageError
from rejoinder.domain.summaries import Summary

MOST_BYTES = 128 << 20
MOST_SESSIONS = 64


class TinyDbHistory(SessionRules):
    """The HistoryStore in a folder of this computer. The folder must be this process's alone.

    Sessions are read when they are first asked for. Of those, the ones that were used last stay in memory: up to
    `most_sessions`, and up to `most_bytes` on disk together unless one alone has more.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        most_bytes: int = MOST_BYTES,
        most_sessions: int = MOST_SESSIONS,
        sync: Callable[[int], None] = platform.sync_data,
    ) -> None:
        self._folder = data_dir / "projects"
        self._sync = sync
        self._most_bytes, self._most_sessions = most_bytes, most_sessions
        self._folders: dict[str, ProjectFolder] = {}
        self._opened: OrderedDict[tuple[str, str], SessionFolder] = OrderedDict()
        self._storage = JournalStorage(self._folder, sync=sync)
        self._faults = self._storage.faults
        self._table = JournalTable(self._storage, "projects")
        self._projects: dict[str, Project] = {}
        self._row_ids: dict[str, int] = {}
        self._records = RecordFiles(
            lambda project_id: self._folder / folder_name(project_id), self._projects, sync=sync
        )
        self.record_kinds, self.records = self._records.kinds, self._records.all
        self.put_records, self.drop_records = self._records.put, self._records.drop
        self._load()

    def put_project(self, project: Project) -> None:
        """Add or replace a project."""
        folder = self._project_folder(project.project_id)
        folder.put_project(project)
        self._list(project)

    def create(self, session: Session, messages: Sequence[Message] = (), *, summaries: Sequence[Summary] = ()) -> None:
        """A new session, whole with its first messages; ValueError when the ID is taken, also in the trash."""
        self._check_new(session)
        project = self._project_folder(session.project_id)
        project.create(session, messages, summaries)

    def put(self, session: Session, *, durable: bool = True) -> None:
        """Replace a session's own fields; not durable: in the registry alone and without a sync."""
        self.session(session.project_id, session.session_id)
        if durable:
            opened = self._open(session.project_id, session.session_id)
            opened.put(session)
            self._record(session, opened)
        else:
            self._project_folder(session.project_id).note(session)

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """All messages of the tree in the order in which they were stored."""
        return self._open(project_id, session_id).messages()

    def latest(self, project_id: str, session_id: str, count: int) -> Sequence[Message]:
        """The messages that were stored last: at least `count`, from the end of the journal alone if it tells."""
        self.session(project_id, session_id)
        if (project_id, session_id) not in self._opened:
            found = self._project_folder(project_id).latest(session_id, count)
            if found is not None:
                return found
        return self.messages(project_id, session_id)

    def append(self, session: Session, messages: Sequence[Message]) -> None:
        """Add messages and replace the session's fields, in one durable write."""
        opened = self._open(session.project_id, session.session_id)
        opened.append(session, messages)
        self._record(session, opened)

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """Put these messages in the place of all others; what is left out is gone from the disk, as are summaries."""
        opened = self._open(session.project_id, session.session_id)
        opened.replace(session, messages)
        self._record(session, opened)
        self._project_folder(session.project_id).forget()

    def summaries(self, project_id: str, session_id: str) -> Sequence[Summary]:
        """The summaries of a session's messages, in the order in which they were stored."""
        return self._open(project_id, session_id).summaries()

    def put_summary(self, session: Session, summary: Summary) -> None:
        """Add a summary, in the place of one of the same messages, and replace the session's fields."""
        opened = self._open(session.project_id, session.session_id)
        opened.put_summary(session, summary)
        self._record(session, opened)

    def state(self, project_id: str, session_id: str) -> dict[str, Any]:
        """A session's own JSON values."""
        return self._open(project_id, session_id).state()

    def put_state(self, project_id: str, session_id: str, state: Mapping[str, Any]) -> None:
        """Replace a session's own JSON values."""
        session = self.session(project_id, session_id)
        opened = self._open(project_id, session_id)
        opened.put_state(session, state)
        self._record(session, opened)

    def attach(self, project_id: str, session_id: str, data: bytes) -> str:
        """Keep binary content beside a session; answers its SHA-256 in hexadecimal."""
        return self._open(project_id, session_id).attach(data)

    def attachment(self, project_id: str, session_id: str, digest: str) -> bytes:
        """Binary content by its SHA-256; NotFound when it is not there."""
        return self._open(project_id, session_id).attachment(digest)

    def trash(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is set, to the trash."""
        self._check_trash(session)
        self._relocate(session)

    def restore(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is None again, back from the trash."""
        self._check_restore(session)
        self._relocate(session)

    def purge(self, project_id: str, session_id: str) -> None:
        """Remove a session for good, wherever it is."""
        self._find(project_id, session_id)
        self._close(project_id, session_id)
        self._project_folder(project_id).purge(session_id)

    def size(self, project_id: str, session_id: str) -> int:
        """The bytes that a session takes on disk, wherever it is. Opens no message file."""
        self._find(project_id, session_id)
        return self._project_folder(project_id).size(session_id)

    def faults(self) -> list[str]:
        """What was found damaged and set aside since the last call, in sentences for people."""
        parts = [
            self._faults,
            *(folder.faults for folder in self._folders.values()),
            *(opened.faults for opened in self._opened.values()),
        ]
        found = [fault for part in parts for fault in part]
        for part in parts:
            part.clear()
        return found + self._records.faults()

    def close(self) -> None:
        """Finish all writes and let go of the files."""
        for opened in self._opened.values():
            opened.close()
        for folder in self._folders.values():
            folder.close()
        self._opened.clear()
        self._folders.clear()
        self._records.close()
        self._storage.close()

    def _load(self) -> None:
        """Read the list of projects, and find again those whose line was lost."""
        for key, row in self._storage.rows("projects").items():
            with contextlib.suppress(KeyError, TypeError, ValueError):
                project = decode_project(row)
                self._projects[project.project_id] = project
                self._row_ids[project.project_id] = int(key)
        try:
            names = {path.name: path for path in self._folder.iterdir()} if self._folder.is_dir() else {}
        except OSError as error:
            raise storage_error(error, self._folder) from error
        for name in names.keys() - set(map(folder_name, self._projects)):
            self._find_again(names[name])

    def _find_again(self, path: Path) -> None:
        try:
            folder = ProjectFolder(path, sync=self._sync)
        except StorageError as error:
            self._faults.append(error.message)
            return
        project = folder.project()
        if project is None:
            folder.close()
            return
        self._folders[project.project_id] = folder
        self._list(project)

    def _list(self, project: Project) -> None:
        row_id = self._row_ids.get(project.project_id)
        if row_id is None:
            self._row_ids[project.project_id] = self._table.insert(encode_project(project))
        else:
            self._table.update(encode_project(project), doc_ids=[row_id])
        self._projects[project.project_id] = project

    def _project_folder(self, project_id: str) -> ProjectFolder:
        folder = self._folders.get(project_id)
        if folder is None:
            folder = self._folders[project_id] = ProjectFolder(self._folder / folder_name(project_id), sync=self._sync)
        return folder

    def _all(self, project_id: str) -> Mapping[str, Session]:
        return self._project_folder(project_id).sessions

    def _open(self, project_id: str, session_id: str) -> SessionFolder:
        """A session that is not in the trash, read into memory, and from now on the last one used."""
        # none in the trash stays open
        if (project_id, session_id) not in self._opened:
            self.session(project_id, session_id)
        return self._read(project_id, session_id)

    def _read(self, project_id: str, session_id: str) -> SessionFolder:
        key = (project_id, session_id)
        if key not in self._opened:
            self._opened[key] = self._project_folder(project_id).open_session(session_id)
            self._let_go()
        self._opened.move_to_end(key)
        return self._opened[key]

    def _record(self, session: Session, opened: SessionFolder) -> None:
        self._project_folder(session.project_id).record(session, opened.mark)

    def _relocate(self, session: Session) -> None:
        """Say in the session's own folder where it belongs, and move it there: in this order it can be finished."""
        opened = self._read(session.project_id, session.session_id)
        try:
            opened.put(session)
            mark = opened.mark
        finally:
            self._close(session.project_id, session.session_id)
        self._project_folder(session.project_id).relocate(session, mark)

    def _close(self, project_id: str, session_id: str) -> None:
        opened = self._opened.pop((project_id, session_id), None)
        if opened is not None:
            self._faults.extend(opened.faults)
            opened.close()

    def _let_go(self) -> None:
        """Close the sessions that were not used for the longest time, so that memory stays bounded."""
        total = sum(opened.mark[1] for opened in self._opened.values())
        while len(self._opened) > 1 and (total > self._most_bytes or len(self._opened) > self._most_sessions):
            key = next(iter(self._opened))
            total -= self._opened[key].mark[1]
            self._close(*key)
