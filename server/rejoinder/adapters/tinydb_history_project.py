"""One project's folder: a registry of its sessions, their folders, the trash, and a place for what is on its way.

    sessions.N.jsonl      registry: the project, and a row for each session with its journal's name and size
    sessions/HASH/        a session
    trash/HASH/           a session in the trash
    moving/HASH.TOKEN/    a session that is being made or removed

The registry is written without syncs. It can be made again from the sessions' folders, and is where it does not fit.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
from tinydb.table import Document

from rejoinder import platform
from rejoinder.adapters.journal import next_file, storage_error
from rejoinder.adapters.journal_tail import ends_at
from rejoinder.adapters.tinydb_history_session import SessionFolder, folder_size, latest_messages
from rejoinder.adapters.tinydb_storage import JournalStorage
from rejoinder.adapters.tinydb_table import JournalTable
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.documents import (
    decode_project,
    decode_session,
    encode_project,
    encode_session,
)
from rejoinder.domain.errors import StorageError
from rejoinder.domain.summaries import Summary

SESSIONS, TRASH, MOVING = "sessions", "trash", "moving"

ROWS_TOGETHER = 16
"""After a crash, the folders of so many sessions at most have to be read to make their rows again."""

_ONLY = 1

Mark = tuple[str, int]


def folder_name(id: str) -> str:
    """What a folder is called for an ID that a client chose."""
    return hashlib.sha256(id.encode()).hexdigest()[:40]


class ProjectFolder:
    """An open project. `faults` holds sentences about what was found damaged."""

    def __init__(self, folder: Path, *, sync: Callable[[int], None]) -> None:
        self._folder = folder
        self._sync = sync
        self._storage = JournalStorage(folder / "sessions", sync=sync)
        self.faults = self._storage.faults
        self._rows = JournalTable(self._storage, "sessions")
        self._project = JournalTable(self._storage, "project")
        self._row_ids: dict[str, int] = {}
        self._written: dict[str, Session] = {}
        self._due: list[str] = []
        self.sessions: dict[str, Session] = {}
        """Every session by its ID, those in the trash among them."""
        self._marks: dict[str, Mark] = {}
        self._load()

    def project(self) -> Project | None:
        """The project as its own folder knows it."""
        row = self._storage.rows("project").get(str(_ONLY))
        return None if row is None else decode_project(row)

    def put_project(self, project: Project) -> None:
        """Keep what is known of the project with its sessions."""
        self._project.upsert(Document(encode_project(project), doc_id=_ONLY))

    def open_session(self, session_id: str) -> SessionFolder:
        """A session's folder. What it says itself counts when it has changed since the registry saw it."""
        known = self.sessions[session_id]
        opened = SessionFolder(self._place(known), sync=self._sync)
        if opened.mark != self._marks[session_id]:
            # where it lies is known better here than in a folder whose move was interrupted
            session = attrs.evolve(opened.session(known) or known, deleted_at=known.deleted_at)
            self.record(session, _mended(opened, session))
        return opened

    def latest(self, session_id: str, count: int) -> list[Message] | None:
        """At least `count` messages that were stored last; None when the session has to be opened to tell."""
        known = self.sessions[session_id]
        place, (file, size) = self._place(known), self._marks[session_id]
        return latest_messages(place / file, size, count) if self._unchanged(place, known) else None

    def create(self, session: Session, messages: Sequence[Message], summaries: Sequence[Summary]) -> None:
        """Make a session's folder and put it in its place when it is whole."""
        with self._on_the_way(session.session_id) as draft:
            made = SessionFolder(draft, sync=self._sync)
            try:
                made.append(session, messages, summaries=summaries)
                mark = made.mark
            finally:
                made.close()
            self._move(draft, self._place(session))
        self.record(session, mark)
        # at once, so that the list knows it even if its own file is destroyed
        self._write_due()

    def record(self, session: Session, mark: Mark) -> None:
        """Take over what is stored in the session's folder already. Its row is written with the next ones."""
        self.sessions[session.session_id] = session
        self._marks[session.session_id] = mark
        self._due.append(session.session_id)
        if len(self._due) >= ROWS_TOGETHER:
            self._write_due()

    def note(self, session: Session) -> None:
        """Change a session in the registry alone, without a sync."""
        self._write_rows([session])
        self.sessions[session.session_id] = session

    def relocate(self, session: Session, mark: Mark) -> None:
        """Move a session's folder to where its `deleted_at` says that it belongs."""
        self._move(self._place(self.sessions[session.session_id]), self._place(session))
        self.record(session, mark)

    def purge(self, session_id: str) -> None:
        """Remove a session and every word of it in the registry."""
        with self._on_the_way(session_id) as doomed:
            self._move(self._place(self.sessions[session_id]), doomed)
            del self.sessions[session_id], self._marks[session_id]
        self._remove_row(session_id)

    def size(self, session_id: str) -> int:
        """The bytes of all files in a session's folder."""
        return folder_size(self._place(self.sessions[session_id]))

    def forget(self) -> None:
        """Remove from the disk everything that the registry does not hold any more."""
        self._write_rows(self._taken_due())
        self._storage.commit([], forget=True)

    def close(self) -> None:
        """Write what is due and let go of the registry."""
        self._write_due()
        self._storage.close()

    def _place(self, session: Session) -> Path:
        return self._folder / _kind(session) / folder_name(session.session_id)

    def _load(self) -> None:
        """Read the registry and bring it up to what the folders hold."""
        try:
            gone = self._clear_moving()
            places = {place.name: place for kind in (TRASH, SESSIONS) for place in _folders(self._folder / kind)}
            known = self._read_rows()
            for name in known.keys() - places.keys():
                self._drop(known[name], told=name not in gone)
            for name, place in places.items():
                if not self._unchanged(place, known.get(name)):
                    self._take_in(place, known.get(name))
        except OSError as error:
            raise storage_error(error, self._folder) from error

    def _read_rows(self) -> dict[str, Session]:
        """Take over the rows; the sessions by the names of their folders."""
        for key, row in self._storage.rows("sessions").items():
            with contextlib.suppress(KeyError, TypeError, ValueError):
                session = decode_session(row)
                self._marks[session.session_id] = (row["file"], row["size"])
                self._row_ids[session.session_id] = int(key)
                self.sessions[session.session_id] = self._written[session.session_id] = session
        return {folder_name(session_id): session for session_id, session in self.sessions.items()}

    def _unchanged(self, place: Path, known: Session | None) -> bool:
        """Whether a folder is as its row says, judged by where it lies, its file's size, and no file being newer."""
        if known is None or place.parent.name != _kind(known):
            return False
        file, size = self._marks[known.session_id]
        try:
            return ends_at(place / file, size) and not (place / next_file(file)).exists()
        except FileNotFoundError:
            return False

    def _take_in(self, place: Path, known: Session | None) -> None:
        """Make a folder's row anew, and finish a move that was interrupted."""
        try:
            opened = SessionFolder(place, sync=self._sync)
        except StorageError as error:
            self.faults.append(error.message)
            return
        with contextlib.closing(opened):
            session = opened.session(known)
            self.faults.extend(opened.faults)
            if session is None or folder_name(session.session_id) != place.name:
                self.faults.append(f"Nothing tells which session lies in {place}; it is left as it is.")
                return
            mark = _mended(opened, session)
        if self._place(session) != place:
            self._move(place, self._place(session))
        self.record(session, mark)

    def _drop(self, session: Session, *, told: bool) -> None:
        """Take a session out of the registry whose folder is gone."""
        del self.sessions[session.session_id], self._marks[session.session_id]
        with contextlib.suppress(StorageError):
            self._remove_row(session.session_id)
        if told:
            self.faults.append(f"The folder of the session {session.name!r} is gone; it is no longer listed.")

    def _remove_row(self, session_id: str) -> None:
        """Remove a session's row, and what it was, from the disk."""
        row_id = self._row_ids.pop(session_id, None)
        self._written.pop(session_id, None)
        if row_id is not None:
            self._rows.remove(doc_ids=[row_id])
        self.forget()

    def _write_due(self) -> None:
        """Write the rows that are due; one that cannot be written is made again when the project is opened next."""
        with contextlib.suppress(StorageError):
            self._write_rows(self._taken_due())

    def _taken_due(self) -> list[Session]:
        due = [self.sessions[session_id] for session_id in dict.fromkeys(self._due) if session_id in self.sessions]
        self._due.clear()
        return due

    def _write_rows(self, sessions: Sequence[Session]) -> None:
        """Write, without a sync, what of these rows is not written yet."""
        added: dict[str, int] = {}
        with self._storage.together(durable=False):
            for session in sessions:
                row_id, written = self._row_ids.get(session.session_id), self._written.pop(session.session_id, None)
                document = encode_session(session, since=written)
                document["file"], document["size"] = self._marks[session.session_id]
                if row_id is None:
                    added[session.session_id] = self._rows.insert(document)
                else:
                    self._rows.update(document, doc_ids=[row_id])
        self._row_ids.update(added)
        self._written.update((session.session_id, session) for session in sessions)

    def _move(self, source: Path, target: Path) -> None:
        try:
            platform.make_private_folder(target.parent)
            source.rename(target)
            platform.sync_folder(target.parent)
            platform.sync_folder(source.parent)
        except OSError as error:
            raise storage_error(error, source) from error

    @contextlib.contextmanager
    def _on_the_way(self, session_id: str) -> Iterator[Path]:
        """A place for a session's folder that is cleared at the end, or when the project is opened next."""
        place = self._folder / MOVING / f"{folder_name(session_id)}.{secrets.token_hex(4)}"
        try:
            platform.make_private_folder(place.parent)
            yield place
        finally:
            _remove(place)

    def _clear_moving(self) -> set[str]:
        """Remove sessions that were being made or removed; the names that they have elsewhere."""
        left = _folders(self._folder / MOVING)
        for place in left:
            _remove(place)
        return {place.name.partition(".")[0] for place in left}


def _kind(session: Session) -> str:
    return SESSIONS if session.deleted_at is None else TRASH


def _mended(opened: SessionFolder, session: Session) -> Mark:
    """Store a damaged session's fields again, if that can be done; the mark after it."""
    if opened.damaged:
        with contextlib.suppress(StorageError):
            opened.put(session)
    return opened.mark


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            return [parent / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise storage_error(error, folder) from error
