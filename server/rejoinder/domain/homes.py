"""Where the files of a project are whose folder has moved."""

from collections.abc import Sequence
from operator import is_
from typing import TypeVar

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment, Citation, Message, Project, Session
from rejoinder.domain.file_uris import folder_uri

Named = TypeVar("Named", Attachment, Citation, Session)


@frozen
class Home:
    """The URIs of a project's folder: where it is, and where it was before. Each ends with a slash."""

    uri: str
    former: Sequence[str]

    def now(self, uri: str) -> str:
        """What a file is called now that may lie in a former folder."""
        if uri.startswith("file:") and not uri.startswith(self.uri):
            for old in self.former:
                if uri.startswith(old):
                    return self.uri + uri[len(old) :]
        return uri

    def names(self, uri: str) -> tuple[str, ...]:
        """What a file is called, first, and all that it was called before."""
        now = self.now(uri)
        inner = now.removeprefix(self.uri)
        return (now,) if inner == now else (now, *(old + inner for old in self.former))

    def message(self, message: Message) -> Message:
        """A message that names its files as they are called now."""
        attachments = tuple(map(self._of, message.attachments))
        citations = tuple(map(self._of, message.citations))
        if all(map(is_, (*attachments, *citations), (*message.attachments, *message.citations))):
            return message
        return attrs.evolve(message, attachments=attachments, citations=citations)

    def session(self, session: Session) -> Session:
        """A session that belongs to its file as that is called now."""
        return self._of(session)

    def _of(self, one: Named) -> Named:
        now = one.uri and self.now(one.uri)
        return one if now == one.uri else attrs.evolve(one, uri=now)


def home_of(project: Project) -> Home | None:
    """Where a project's folder is and was; None when it has always been there.

    A former folder that holds the present one is there still, and so are its files: it does not count.
    """
    if len(project.folders) < 2:
        return None
    home, *before = map(_folder_uri, project.folders)
    former = {old for old in before if old and home and not home.startswith(old)}
    # of two that lie in one another, a file belonged to the inner one
    return Home(home, tuple(sorted(former, key=len, reverse=True))) if home and former else None


def named_now(project: Project) -> Project:
    """A project that remembers the current session of each file by what the file is called now."""
    home = home_of(project)
    if home is None:
        return project
    current: dict[str, str] = {}
    for key, session_id in project.current.items():
        mark, colon, uri = key.partition(":")
        now = f"{mark}:{home.now(uri)}" if colon else key
        # what is called so already was used last
        if now == key or now not in project.current:
            current[now] = session_id
    return attrs.evolve(project, current=current)


def _folder_uri(folder: str) -> str | None:
    """A folder's URI with a slash at its end; None when that cannot be told."""
    uri = folder_uri(folder)
    return None if uri is None else uri.rstrip("/") + "/"
