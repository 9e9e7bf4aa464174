"""What is forgotten of a conversation is gone from its transcript's file too."""

from collections.abc import Sequence

from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.transcript import transcript
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.homed_history import HomedHistory
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.transcripts import TranscriptFiles, name_of


class ForgettingHistory(HomedHistory):
    """The store as all use it. The file goes with the session, and is emptied when messages are taken out."""

    def __init__(self, inner: HistoryStore, choke_point: ChokePoint, files: TranscriptFiles) -> None:
        super().__init__(inner, choke_point)
        self._files = files
        self.purge = self._purge

    def trash(self, session: Session) -> None:
        """As the port says; a session that is restored has its file written when it is opened."""
        super().trash(session)
        self._remove(session.project_id, session.session_id)

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """As the port says. The draft is kept; the rest is written when the file is opened."""
        super().replace(session, messages)
        path = self._files.path(name_of(session.project_id, session.session_id))
        if self._files.read(path) is not None:
            draft = self._inner.session(session.project_id, session.session_id).draft
            self._files.write(path, transcript(()) + (draft or ""))

    def _purge(self, project_id: str, session_id: str) -> None:
        self._inner.purge(project_id, session_id)
        self._remove(project_id, session_id)

    def _remove(self, project_id: str, session_id: str) -> None:
        self._files.remove(self._files.path(name_of(project_id, session_id)))
