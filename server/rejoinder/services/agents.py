"""Agents: finding the one who is to answer, and keeping some with a session.

A name is looked for with the session first, then in the user's `config.toml` and files, then in the project's files,
which are read only when the project is trusted.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.agents import MOST_OF_A_SESSION, Agent, checked_name, chosen, is_name, read_agent
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, SessionNotFound
from rejoinder.domain.knowledge import KnowledgeItem
from rejoinder.services.conversations import Conversations
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.named_files import NamedFiles, ReadFiles
from rejoinder.services.request import TurnRequest
from rejoinder.services.sessions import Sessions


@frozen(kw_only=True)
class Places:
    """Where agents are looked for besides a session. `configured` are the tables of the user's settings."""

    project: Project
    folder: Path | None
    configured: Mapping[str, Mapping[str, Any]]


@frozen
class Roster:
    """The agents that can be named, and sentences about those that cannot."""

    agents: tuple[Agent, ...]
    notes: tuple[str, ...]


class Agents:
    """Finds and keeps agents."""

    def __init__(
        self, files: NamedFiles[Agent], sessions: Sessions, conversations: Conversations, knowledge: Knowledge
    ) -> None:
        self._files = files
        self._sessions = sessions
        self._conversations = conversations
        self._knowledge = knowledge

    async def listed(self, places: Places, session_id: str | None) -> Roster:
        """The agents that can be named in a session, or outside of all. Raises SessionNotFound."""
        session = None if session_id is None else await self._sessions.get(places.project.project_id, session_id)
        read = await self._read(places, session)
        notes = [fault for part in read for fault in part.faults.values()]
        unread = await self._untrusted(places)
        if unread:
            named = ", ".join(unread[:10])
            notes.append(f"The project's own agents are not read until it is trusted: {named}.")
        return Roster(tuple(_merged(read)), tuple(notes))

    async def applied(self, request: TurnRequest, name: str, places: Places) -> TurnRequest:
        """The request as the agent of this name is to answer it. What the request says itself goes before.

        Raises NotFound with the names that there are, InvalidInput for one that is not defined well, and NotTrusted.
        """
        session = await self._session_of(request)
        agent = await self._find(checked_name(name), places, session)
        documents, notes = await self._documents(agent, places.project.project_id, session)
        return attrs.evolve(
            request,
            agent=agent,
            model=request.model or agent.model,
            tools=agent.tools if request.tools is None else request.tools,
            documents=documents,
            notes=(*request.notes, *notes),
        )

    async def put(self, project_id: str, session_id: str, agent: Agent) -> Agent:
        """Keep an agent with a session, in the place of one of the same name. Raises SessionNotFound."""

        def step(session: Session) -> Session:
            others = [one for one in session.agents if one.name != agent.name]
            if len(others) >= MOST_OF_A_SESSION:
                hint = "Remove one that is not needed any more."
                raise InvalidInput(f"The session has {len(others)} agents already.", hint=hint, key="agent")
            return attrs.evolve(session, agents=(*others, agent))

        stored = await self._sessions.get(project_id, session_id)
        if agent not in stored.agents:
            await self._conversations.change(project_id, session_id, step)
        return agent

    async def remove(self, project_id: str, session_id: str, name: str) -> None:
        """Keep an agent no more. Raises SessionNotFound and NotFound."""

        def step(session: Session) -> Session:
            return attrs.evolve(session, agents=tuple(one for one in session.agents if one.name != name))

        stored = await self._sessions.get(project_id, session_id)
        if all(one.name != name for one in stored.agents):
            kept = ", ".join(one.name for one in stored.agents)
            hint = f"The session's agents are {kept}." if kept else "No agent is kept with this session."
            raise NotFound("agent", name[:64], hint=hint)
        await self._conversations.change(project_id, session_id, step)

    async def _find(self, name: str, places: Places, session: Session | None) -> Agent:
        read = await self._read(places, session)
        agents = _merged(read)
        if all(one.name != name for one in agents):
            for part in read:
                if name in part.faults:
                    raise InvalidInput(part.faults[name], hint="Correct its definition.", key="agent")
        try:
            return chosen(name, agents)
        except NotFound:
            unread = await self._untrusted(places)
            if name.casefold() in (one.casefold() for one in unread):
                raise NotTrusted(
                    f"the project's own agent {name!r}",
                    hint="Look into `.rejoinder/agents`, then trust the project (`rejoinder project trust`).",
                ) from None
            raise

    async def _read(self, places: Places, session: Session | None) -> list[ReadFiles[Agent]]:
        """The agents of every place, the one whose names count first in front."""
        read = [ReadFiles[Agent](session.agents if session else ()), _tables(places.configured)]
        read.append(await asyncio.to_thread(self._files.own))
        if places.folder is not None and places.project.trusted:
            read.append(await asyncio.to_thread(self._files.of, places.folder))
        return read

    async def _untrusted(self, places: Places) -> Sequence[str]:
        """The names of the project's agents, if it is not trusted."""
        if places.folder is None or places.project.trusted:
            return ()
        return [name for name in await asyncio.to_thread(self._files.names_in, places.folder) if is_name(name)]

    async def _session_of(self, request: TurnRequest) -> Session | None:
        """The session that a request goes to, if it is there already."""
        if request.session_id is None:
            return await self._sessions.current(request.project, request.scope, request.uri, request.user_id)
        try:
            return await self._sessions.get(request.project.project_id, request.session_id)
        except SessionNotFound:
            return None

    async def _documents(
        self, agent: Agent, project_id: str, session: Session | None
    ) -> tuple[frozenset[str] | None, list[str]]:
        """The documents of the knowledge that an agent reads, None for all; and what is said of those not there."""
        if not agent.knowledge:
            return None, []
        items = await self._knowledge.items(project_id, session.session_id if session else None)
        found = {name: [item.knowledge_id for item in items if _is_called(item, name)] for name in agent.knowledge}
        missing = [name for name, ids in found.items() if not ids]
        notes = [f"{agent.name} knows {name[:200]!r}, which has not been added to the knowledge." for name in missing]
        return frozenset(one for ids in found.values() for one in ids), notes


def _tables(configured: Mapping[str, Mapping[str, Any]]) -> ReadFiles[Agent]:
    agents: list[Agent] = []
    faults = {}
    for name, table in configured.items():
        try:
            agents.append(read_agent(name, table, "user"))
        except InvalidInput as exc:
            faults[name] = f"[agents.{name[:64]}] does not count. {exc.message} {exc.hint}"
    return ReadFiles[Agent](agents, faults)


def _merged(read: Sequence[ReadFiles[Agent]]) -> list[Agent]:
    """One agent of each name: of the first place that has this name, even if only as a fault."""
    found: dict[str, Agent | None] = {}
    for part in read:
        for agent in part.found:
            found.setdefault(agent.name, agent)
        for name in part.faults:
            found.setdefault(name, None)
    return [agent for agent in found.values() if agent is not None]


def _is_called(item: KnowledgeItem, name: str) -> bool:
    """Whether a document of the knowledge is meant by a name."""
    known = (item.knowledge_id, item.title, item.source)
    return name in known or item.source.replace("\\", "/").endswith("/" + name.replace("\\", "/").removeprefix("./"))
