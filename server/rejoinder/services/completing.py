"""Proposals for the input of a chat."""

import re
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.domain.completion import (
    Proposal,
    agent_proposals,
    commands,
    file_proposals,
    mention_kinds,
    prompt_proposals,
    symbol_proposals,
    word_at,
)
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.services.agents import Agents, Places
from rejoinder.services.ports import FileNames, Workspace
from rejoinder.services.prompting import Prompting
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

MOST = 50


@frozen
class Completion:
    """Proposals, best first, for the text from `start` (in code points) up to the cursor."""

    start: int
    proposals: tuple[Proposal, ...]


class Completing:
    """Looks up what may be meant."""

    def __init__(
        self, sessions: Sessions, searches: Searches, files: FileNames, agents: Agents, prompting: Prompting
    ) -> None:
        self._agents = agents
        self._prompting = prompting
        self._sessions = sessions
        self._searches = searches
        self._files = files

    async def at(
        self, places: Places, workspace: Workspace, text: str, offset: int, *, session_id: str | None = None
    ) -> Completion:
        """The proposals at an offset in code points; none where nothing can be completed."""
        project = places.project
        word = word_at(text, offset)
        if word is None:
            return Completion(offset, ())
        if word.kind == "/":
            prompts = (await self._prompting.listed(places)).proposed()
            found = [*commands(word.typed), *prompt_proposals(prompts, word.typed)]
        elif word.kind == "/agent":
            found = agent_proposals((await self._agents.listed(places, session_id)).agents, word.typed)
        elif word.kind == "#":
            found = await self._session_names(project, word.typed)
        elif word.kind == "@symbol:":
            found = await self._symbols(project, word.typed)
        else:
            kinds = mention_kinds(word.typed) if word.kind == "@" else []
            found = [*kinds, *await self._file_names(project, workspace, word.typed)]
        return Completion(word.start, tuple(found[:MOST]))

    async def _file_names(self, project: Project, workspace: Workspace, typed: str) -> list[Proposal]:
        folder = _folder(project, workspace)
        paths = await self._files.paths(folder) if folder else ()
        return file_proposals(paths, typed, limit=MOST)

    async def _symbols(self, project: Project, typed: str) -> list[Proposal]:
        search = self._searches.get(project.project_id)
        if search is None or not typed:
            return []
        try:
            names = await search.names(typed, limit=MOST)
        except IndexUnavailable:
            return []
        return symbol_proposals(names, typed, limit=MOST)

    async def _session_names(self, project: Project, typed: str) -> list[Proposal]:
        sessions = await self._sessions.all(project.project_id)
        names = [session.name for session in sessions]
        query = typed.casefold()
        return [
            Proposal(session.name, f"#session:{_reference(session, names)} ", "session", session.description or "")
            for session in sessions
            if query in session.name.casefold() or session.session_id.startswith(typed)
        ]


def _reference(session: Session, names: list[str]) -> str:
    """What finds a session again: its name when that is unique and one word, else its ID."""
    is_word = re.fullmatch(r"[A-Za-z0-9_@-]+", session.name) is not None
    return session.name if is_word and names.count(session.name) == 1 else session.session_id


def _folder(project: Project, workspace: Workspace) -> Path | None:
    return next((folder for folder in workspace.folders() if str(folder) in project.paths), None)
