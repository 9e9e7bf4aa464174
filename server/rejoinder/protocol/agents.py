"""Agents: who may answer in a conversation."""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing

AgentSource = Literal["session", "user", "project"]


@wire(kw_only=True)
class AgentInfo:
    """Somebody who may answer, by name. What is left out is as it is for everybody.

    `tools` are the only ones that it may use, none when there are none in it. `knowledge` names the only documents of
    the knowledge that it reads. `description` is for those who choose among agents; no model is told. `source` says
    where it is kept: with the session, in the user's own configuration, or in the project's folder.
    """

    name: str
    role: str | None = None
    goal: str | None = None
    instructions: str | None = None
    description: str | None = None
    model: str | None = None
    tools: list[str] | None = None
    knowledge: list[str] | None = None
    source: AgentSource | None = None


@wire(kw_only=True)
class AgentsListParams:
    """Whose agents are wanted: those that can be named in a session, or outside of all."""

    session_id: str | None = None
    project_id: str | None = None
    uri: str | None = None


@wire
class AgentsListResult:
    """The agents that can be named, and sentences about those that do not count."""

    agents: list[AgentInfo]
    notes: list[str]


@wire(kw_only=True)
class AgentsPutParams:
    """An agent to keep with a session, in the place of one of the same name."""

    session_id: str
    agent: AgentInfo
    project_id: str | None = None
    uri: str | None = None


@wire(kw_only=True)
class AgentsRemoveParams:
    """An agent that a session is to keep no more."""

    session_id: str
    name: str
    project_id: str | None = None
    uri: str | None = None


AGENTS_LIST = Method("agents/list", AgentsListParams, AgentsListResult)
AGENTS_PUT = Method("agents/put", AgentsPutParams, AgentInfo)
AGENTS_REMOVE = Method("agents/remove", AgentsRemoveParams, Nothing)
