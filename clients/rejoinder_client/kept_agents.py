"""The agents that a program has a session keep."""

import asyncio
from typing import TYPE_CHECKING

from rejoinder.protocol import agents as methods
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.agents import Agent, AnyAgent, can_be_added, source_among
from rejoinder_client.async_knowledge import AsyncKnowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rejoinder_client.async_client import AsyncClient
    from rejoinder_client.tools import AnyTool


class KeptAgents:
    """Tells the session of each agent once, and again when it has changed."""

    def __init__(self, client: "AsyncClient", info: SessionInfo) -> None:
        self._client = client
        self._session_id, self._project_id = info.session_id, info.project_id
        self._told: dict[str, Agent] = {}

    async def ready(self, agent: AnyAgent | None) -> None:
        """Have the session keep an agent who is to answer; one that is only named is there already."""
        if isinstance(agent, Agent) and self._told.get(agent.name) != agent:
            await self.keep(agent)

    def tools_of(self, agent: AnyAgent) -> "Sequence[AnyTool] | None":
        """The tools of an agent that this program has told of; None when it has none of its own."""
        known = self._told.get(agent) if isinstance(agent, str) else agent
        return None if known is None else known.tools

    async def keep(self, agent: Agent) -> None:
        """Have the session keep an agent, and add what it knows."""
        params = methods.AgentsPutParams(
            session_id=self._session_id, project_id=self._project_id, agent=agent.info(await self._sources(agent))
        )
        await self._client.request(methods.AGENTS_PUT, params)
        self._told[agent.name] = agent

    async def remove(self, name: str) -> None:
        """Have it kept no more."""
        params = methods.AgentsRemoveParams(session_id=self._session_id, project_id=self._project_id, name=name)
        await self._client.request(methods.AGENTS_REMOVE, params)
        self._told.pop(name, None)

    async def _sources(self, agent: Agent) -> list[str]:
        """The sources of an agent's knowledge; what is a file or a page and not there yet is added."""
        if not agent.knowledge:
            return []
        knowledge = AsyncKnowledge(self._client, session_id=self._session_id, project_id=self._project_id)
        items = await knowledge.list()
        sources = []
        for name in agent.knowledge:
            known = source_among(items, name)
            if known is None and await asyncio.to_thread(can_be_added, name, self._client.folders):
                known = (await knowledge.add(name)).source
            sources.append(known or str(name))
        return sources
