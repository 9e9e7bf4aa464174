"""Where an entry of the memory came from: looked at before it is written down."""

import asyncio
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.memory import MemorySource
from rejoinder.services.conversations import Conversations
from rejoinder.services.projects import Projects
from rejoinder.services.remembered_turns import RememberedTurns


@frozen(kw_only=True)
class Origin:
    """What a client names. `path` is that of the `uri`, with links resolved; None when that is no file."""

    session_id: str | None = None
    message_id: str | None = None
    uri: str | None = None
    path: Path | None = None


class MemoryOrigins:
    """Finds what an entry says that it came from."""

    def __init__(self, conversations: Conversations, projects: Projects) -> None:
        self._conversations = conversations
        self._projects = projects
        self.turns = RememberedTurns(conversations)
        """Where an entry was said."""

    async def session(self, project_id: str, session_id: str) -> Session:
        """A session that is there; raises SessionNotFound."""
        return await self._conversations.session(project_id, check_id(session_id, "sessionId"))

    async def checked(self, project_id: str, origin: Origin) -> MemorySource:
        """The origin, all of which is there.

        Raises SessionNotFound, NotFound for a message or a file, NotTrusted for a file outside of the project, and
        InvalidInput.
        """
        if origin.session_id is not None:
            await self._check_message(await self.session(project_id, origin.session_id), origin.message_id)
        elif origin.message_id is not None:
            raise InvalidInput(
                "sessionId: a message is named together with its session.", hint="Send both.", key="sessionId"
            )
        if origin.uri is not None:
            await self._check_file(project_id, origin.uri, origin.path)
        return MemorySource(origin.session_id, origin.message_id, origin.uri)

    async def _check_message(self, session: Session, message_id: str | None) -> None:
        if message_id is None:
            return
        if message_id not in await self._conversations.tree(session.project_id, session.session_id):
            raise NotFound("message", message_id[:200], hint="Name a message of this session's history.")

    async def _check_file(self, project_id: str, uri: str, path: Path | None) -> None:
        if path is None:
            raise InvalidInput(f"uri: {uri[:200]!r} is no file.", hint="Send a `file:` URI.", key="uri")
        project = await self._projects.get(project_id)
        if not any(path.is_relative_to(folder) for folder in project.paths):
            raise NotTrusted(f"{path.name} lies outside of the project", hint="Name a file of the project.")
        if not await asyncio.to_thread(_is_file, path):
            raise NotFound("file", path.name[:200], hint="Save the file, or check its path.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False
