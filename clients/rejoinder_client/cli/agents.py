"""`rejoinder agents`: who may answer."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from rejoinder_client.cli.arguments import add_action, add_actions, add_agent, add_ref
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.output import one_line, print_json, printable, say

if TYPE_CHECKING:
    from rejoinder.protocol.agents import AgentInfo, AgentsListResult
    from rejoinder_client.client import Client

_WIDTH = 400


def declare(command: ArgumentParser) -> None:
    """The arguments of `agents`."""
    command.description = (
        "Agents are kept with a session, defined as [agents.NAME] tables in config.toml, or written as files "
        "agents/NAME.md beside it; those in a project's .rejoinder/agents count when the project is trusted."
    )
    actions = add_actions(command)
    listing = add_action(actions, "list", "list the agents that can be named", list_)
    showing = add_action(actions, "show", "show what an agent is made of", show)
    for each in (listing, showing):
        add_ref(each, "--session", "-s", help="the session whose own agents are meant, too (default: the current one)")
    add_agent(showing, "name")


def list_(options: Namespace) -> int:
    """Print the agents that can be named."""
    found = _found(options)
    if options.json:
        print_json(found)
    else:
        print_agents(found)
    return 0


def print_agents(found: "AgentsListResult") -> None:
    """Print agents as a table, and what is said of those that do not count."""
    if found.agents:
        from rejoinder_client.cli.tables import Column, print_table

        columns = [Column("name"), Column("role", elastic=True), Column("model", spare=True), Column("kept in")]
        rows = [(one.name, one.description or one.role or "", one.model or "", _place(one)) for one in found.agents]
        print_table(columns, rows)
    else:
        print("No agents found. `rejoinder agents --help` says how one is made.")
    for note in found.notes:
        say(one_line(note, _WIDTH))


def show(options: Namespace) -> int:
    """Print what an agent is made of. Raises NotFound."""
    agent = named(_found(options), options.name)
    if options.json:
        print_json(agent)
        return 0
    from rejoinder_client.cli.tables import print_rows

    tools = None if agent.tools is None else ", ".join(agent.tools) or "none"
    rows = [
        ("name", agent.name),
        ("role", agent.role or ""),
        ("goal", agent.goal or ""),
        ("description", agent.description or ""),
        ("model", agent.model or ""),
        ("tools", tools or ""),
        ("knowledge", ", ".join(agent.knowledge or ())),
        ("kept in", _place(agent)),
    ]
    print_rows([row for row in rows if row[1]])
    if agent.instructions:
        print(f"\n{printable(agent.instructions)}")
    return 0


def named(found: "AgentsListResult", name: str) -> "AgentInfo":
    """The agent of a name. Raises NotFound."""
    from rejoinder_client.errors import NotFound

    exact = [each for each in found.agents if each.name == name]
    alike = exact or [each for each in found.agents if each.name.casefold() == name.casefold()]
    if len(alike) != 1:
        known = ", ".join(each.name for each in found.agents)
        reason = next((note for note in found.notes if name in note), "")
        hint = reason or (
            f"The agents here are {known}." if known else "`rejoinder agents --help` says how one is made."
        )
        raise NotFound(f"There is no agent {one_line(name, 64)!r}.", hint=hint)
    return alike[0]


def _found(options: Namespace) -> "AgentsListResult":
    with connected(options) as client:
        session = client.open(options.session) if options.session else None
        return client.agents(session_id=session.session_id if session else _current(client))


def _current(client: "Client") -> str | None:
    """The current session's ID; none is made for a look."""
    return next((info.session_id for info in client.sessions.list() if info.current), None)


def _place(agent: "AgentInfo") -> str:
    return {"session": "this session", "user": "your configuration", "project": "this project"}[agent.source or "user"]
