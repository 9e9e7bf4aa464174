"""Agents: who may answer."""

from rejoinder.domain.agents import Agent, read_agent
from rejoinder.domain.conversation import Project
from rejoinder.domain.identifiers import check_id
from rejoinder.lsp.client import Client
from rejoinder.protocol import methods
from rejoinder.protocol.declare import field_names
from rejoinder.services.agents import Places


def register(client: Client) -> None:
    """Serve the methods of agents."""
    agents = client.services.agents

    async def list_(params: methods.AgentsListParams) -> methods.AgentsListResult:
        project = await client.project(params.project_id, params.uri)
        roster = await agents.listed(places_of(client, project), params.session_id)
        return methods.AgentsListResult([_out(agent) for agent in roster.agents], list(roster.notes))

    async def put(params: methods.AgentsPutParams) -> methods.AgentInfo:
        project = await client.project(params.project_id, params.uri)
        kept = await agents.put(project.project_id, check_id(params.session_id, "sessionId"), _in(params.agent))
        return _out(kept)

    async def remove(params: methods.AgentsRemoveParams) -> methods.Nothing:
        project = await client.project(params.project_id, params.uri)
        await agents.remove(project.project_id, check_id(params.session_id, "sessionId"), params.name)
        return methods.Nothing()

    client.server.handle(methods.AGENTS_LIST, list_)
    client.server.handle(methods.AGENTS_PUT, put)
    client.server.handle(methods.AGENTS_REMOVE, remove)


def places_of(client: Client, project: Project) -> Places:
    """Where a client's agents are looked for."""
    folders = client.workspace.folders()
    folder = next((folder for folder in folders if str(folder) in project.paths), None)
    return Places(project=project, folder=folder, configured=client.resolved.settings.agents)


def _in(info: methods.AgentInfo) -> Agent:
    """What a client says of an agent. Raises InvalidInput."""
    said = {key: getattr(info, key) for key in field_names(methods.AgentInfo) if key not in ("name", "source")}
    return read_agent(info.name, {key: value for key, value in said.items() if value is not None}, "session")


def _out(agent: Agent) -> methods.AgentInfo:
    return methods.AgentInfo(
        name=agent.name,
        role=agent.role,
        goal=agent.goal,
        instructions=agent.instructions,
        description=agent.description,
        model=agent.model,
        tools=None if agent.tools is None else list(agent.tools),
        knowledge=list(agent.knowledge) or None,
        source=agent.source,
    )
