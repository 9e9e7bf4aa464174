"""Conversations of a project whose folder has moved name its files where they are now, whatever is on the disk."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.homes import Home, home_of
from rejoinder.services.choke_point import ChokePoint, RedactingHistory
from rejoinder.services.store_ports import HistoryStore

_ENTRIES = "memory"


class HomedHistory(RedactingHistory):
    """The store as all use it. What is read is looked at one by one as it is asked for; nothing is written anew."""

    def __init__(self, inner: HistoryStore, choke_point: ChokePoint) -> None:
        super().__init__(inner, choke_point)
        self._homes: dict[str, Home | None] = {}
        """Where the folders of all projects are, once somebody has asked for one."""
        self.projects = self._projects
        self.sessions = self._sessions
        self.trashed = self._trashed
        self.session = self._session
        self.latest = self._latest
        self.records = self._records

    def put_project(self, project: Project) -> None:
        """As the port says."""
        super().put_project(project)
        self._known()[project.project_id] = home_of(project)

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """As the port says."""
        return self._at_home(project_id, super().messages(project_id, session_id))

    def _projects(self) -> list[Project]:
        projects = self._inner.projects()
        self._homes = {project.project_id: home_of(project) for project in projects}
        return projects

    def _session(self, project_id: str, session_id: str) -> Session:
        session, home = self._inner.session(project_id, session_id), self._known().get(project_id)
        return session if home is None else home.session(session)

    def _latest(self, project_id: str, session_id: str, count: int) -> Sequence[Message]:
        return self._at_home(project_id, self._inner.latest(project_id, session_id, count))

    def _records(self, project_id: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
        records, home = self._inner.records(project_id, kind), self._known().get(project_id)
        return records_at(home, kind, records)

    def _sessions(self, project_id: str) -> list[Session]:
        return self._each(project_id, self._inner.sessions(project_id))

    def _trashed(self, project_id: str) -> list[Session]:
        return self._each(project_id, self._inner.trashed(project_id))

    def _each(self, project_id: str, sessions: list[Session]) -> list[Session]:
        home = self._known().get(project_id)
        return sessions if home is None else list(map(home.session, sessions))

    def _at_home(self, project_id: str, messages: Sequence[Message]) -> Sequence[Message]:
        home = self._known().get(project_id)
        return messages if home is None else _Messages(messages, home)

    def _known(self) -> dict[str, Home | None]:
        if not self._homes:
            self._projects()
        return self._homes


def records_at(
    home: Home | None, kind: str, records: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """A project's records of one kind, with the files that they name where those are now."""
    return records if home is None or kind != _ENTRIES else _Records(records, home)


class _Messages(Sequence[Message]):
    """Messages, each brought home when it is looked at: who asks for the last of many waits for no other."""

    def __init__(self, messages: Sequence[Message], home: Home) -> None:
        self._messages = messages
        self._home = home

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> Message: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...

    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        if isinstance(index, slice):
            return [self._home.message(message) for message in self._messages[index]]
        return self._home.message(self._messages[index])


class _Records(Mapping[str, Mapping[str, Any]]):
    """Entries of the memory, each with the file that it came from where that is now."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]], home: Home) -> None:
        self._records = records
        self._home = home

    def __getitem__(self, record_id: str) -> Mapping[str, Any]:
        record = self._records[record_id]
        source = record.get("source")
        if not isinstance(source, dict) or not isinstance(uri := source.get("uri"), str):
            return record
        return {**record, "source": {**source, "uri": self._home.now(uri)}}

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
