"""What holds of sessions in every store of ours, however it keeps them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import NotFound, SessionNotFound


class SessionRules(ABC):
    """The part of a HistoryStore that looks at projects and sessions in memory, and refuses what is wrong."""

    _projects: dict[str, Project]

    @abstractmethod
    def _all(self, project_id: str) -> Mapping[str, Session]:
        """All sessions of a project that is there, by their IDs."""

    def projects(self) -> list[Project]:
        """Every known project."""
        return list(self._projects.values())

    def sessions(self, project_id: str) -> list[Session]:
        """The project's sessions without those in the trash. Opens no message file."""
        return [session for session in self._of(project_id).values() if session.deleted_at is None]

    def trashed(self, project_id: str) -> list[Session]:
        """The sessions in the project's trash."""
        return [session for session in self._of(project_id).values() if session.deleted_at is not None]

    def session(self, project_id: str, session_id: str) -> Session:
        """One session, as the registry has it."""
        session = self._find(project_id, session_id)
        if session.deleted_at is not None:
            raise SessionNotFound(session_id)
        return session

    def _find(self, project_id: str, session_id: str) -> Session:
        """A session, wherever it is. Raises SessionNotFound."""
        session = self._of(project_id).get(session_id)
        if session is None:
            raise SessionNotFound(session_id)
        return session

    def _check_new(self, session: Session) -> None:
        if session.project_id not in self._projects:
            raise NotFound("project", session.project_id, hint="Open the project's folder first.")
        if session.session_id in self._of(session.project_id):
            raise ValueError(f"The session {session.session_id!r} exists already.")

    def _check_trash(self, session: Session) -> None:
        self.session(session.project_id, session.session_id)
        if session.deleted_at is None:
            raise ValueError("A session in the trash has a time of deletion.")

    def _check_restore(self, session: Session) -> None:
        if self._find(session.project_id, session.session_id).deleted_at is None:
            raise SessionNotFound(session.session_id)
        if session.deleted_at is not None:
            raise ValueError("A session outside the trash has no time of deletion.")

    def _of(self, project_id: str) -> Mapping[str, Session]:
        return self._all(project_id) if project_id in self._projects else {}
