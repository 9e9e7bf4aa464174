"""Agents: who may answer in a conversation. Each has a name, a role, a goal, instructions, and what is its own."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput, NotFound

AgentSource = Literal["session", "user", "project"]
"""Where an agent is kept: with a session, in the user's own configuration, or in a project's folder."""

_NAME = re.compile(r"\w(?:[\w .@-]{0,62}[\w@-])?")
LONGEST_INSTRUCTIONS = 100_000
"""Characters."""
_LONGEST = {"role": 500, "goal": 4_000, "description": 2_000, "model": 200, "instructions": LONGEST_INSTRUCTIONS}
_LISTS = ("tools", "knowledge")
_MOST_NAMES, _LONGEST_NAME = 100, 1_000
MOST_OF_A_SESSION = 50
"""Agents that are kept with one session."""


@frozen(kw_only=True)
class Agent:
    """Somebody who may answer. What is None or empty is as it is for everybody."""

    name: str
    role: str | None = None
    goal: str | None = None
    instructions: str | None = None
    description: str | None = None
    """What it is for, for those who choose among agents; no model is told."""
    model: str | None = None
    tools: tuple[str, ...] | None = None
    """The tools that it may use, in the place of those that are set; none when it is empty."""
    knowledge: tuple[str, ...] = ()
    """The only documents of the knowledge that it reads, each by ID, title, source, or the last part of a path."""
    source: AgentSource = "session"


def is_name(text: str) -> bool:
    """Whether an agent may be called so."""
    return _NAME.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """The name itself. Raises InvalidInput for what may be a path, a list, or nothing at all."""
    if not is_name(name):
        raise InvalidInput(
            f"agent: {name[:40]!r} is no name of an agent.",
            hint="Use up to 64 letters, digits, spaces and the characters _ . @ -, a letter or digit first.",
            key="agent",
        )
    return name


def read_agent(name: str, table: Mapping[str, Any], source: AgentSource) -> Agent:
    """An agent from a table of plain values. Raises InvalidInput that names the key at fault."""
    checked_name(name)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in _LONGEST:
            values[key] = _text(name, key, value)
        elif key in _LISTS:
            values[key] = _names(name, key, value)
        else:
            near = get_close_matches(str(key), [*_LONGEST, *_LISTS], n=1)
            hint = f"Did you mean `{near[0]}`?" if near else f"The keys are {', '.join([*_LONGEST, *_LISTS])}."
            raise InvalidInput(f"The agent {name!r} has a key {str(key)[:40]!r} that is not known.", hint=hint, key=key)
    return Agent(name=name, source=source, **{key: value for key, value in values.items() if value is not None})


def chosen(name: str, agents: Sequence[Agent]) -> Agent:
    """The agent of this name: exactly so, else the only one that is written in other letters.

    Raises NotFound with the names that there are.
    """
    exact = next((agent for agent in agents if agent.name == name), None)
    if exact is not None:
        return exact
    alike = [agent for agent in agents if agent.name.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    known = ", ".join(agent.name for agent in agents[:20])
    hint = f"The agents here are {known}." if known else "Define one as `[agents.NAME]` in `config.toml`."
    raise NotFound("agent", name[:64], hint=hint)


def system_text(agent: Agent, others: Iterable[str]) -> str:
    """What the model is told first. `others` are the agents that have answered before in the conversation."""
    texts = [f"You are {agent.name}." + (f" Your role: {agent.role}." if agent.role else "")]
    if agent.goal:
        texts.append(f"Your goal: {agent.goal}")
    if agent.instructions:
        texts.append(agent.instructions)
    names = sorted({name for name in others if name != agent.name})
    if names:
        texts.append(f"Earlier answers in this conversation are by other agents: {', '.join(names)}. Build on them.")
    return "\n\n".join(texts)


def encode_agents(agents: Sequence[Agent]) -> list[dict[str, Any]]:
    """A session's agents as a document."""
    return [
        {key: list(value) if isinstance(value, tuple) else value for key, value in _said(agent).items()}
        for agent in agents
    ]


def decode_agents(document: Any) -> tuple[Agent, ...]:
    """A document as a session's agents. TypeError or ValueError when it is none."""
    if document is None:
        return ()
    if not isinstance(document, list) or not all(isinstance(one, Mapping) for one in document):
        raise TypeError("agents are a list of tables")
    tables = [dict(one) for one in document]
    try:
        return tuple(read_agent(str(table.pop("name", "")), table, "session") for table in tables)
    except InvalidInput as exc:
        raise ValueError(exc.message) from None


def masked(agent: Agent, mask: Callable[[str], str]) -> Agent:
    """The agent with every text of it masked but its name."""
    texts: dict[str, Any] = {key: mask(value) for key in _LONGEST if (value := getattr(agent, key)) is not None}
    return attrs.evolve(agent, knowledge=tuple(map(mask, agent.knowledge)), **texts)


def _said(agent: Agent) -> dict[str, Any]:
    values = attrs.asdict(agent, recurse=False)
    del values["source"]
    return {key: value for key, value in values.items() if value is not None and value != ()} | (
        {"tools": ()} if agent.tools == () else {}
    )


def _text(name: str, key: str, value: Any) -> str | None:
    if not isinstance(value, str):
        raise InvalidInput(f"`{key}` of the agent {name!r} is no text.", hint=f"Give `{key}` a text.", key=key)
    if len(value) > _LONGEST[key]:
        raise InvalidInput(
            f"`{key}` of the agent {name!r} is longer than {_LONGEST[key]} characters.", hint="Shorten it.", key=key
        )
    return value.strip() or None


def _names(name: str, key: str, value: Any) -> tuple[str, ...]:
    found = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) and one for one in found):
        hint = f"Give `{key}` a list of names."
        raise InvalidInput(f"`{key}` of the agent {name!r} is no list of texts.", hint=hint, key=key)
    if len(found) > _MOST_NAMES or any(len(one) > _LONGEST_NAME for one in found):
        raise InvalidInput(f"`{key}` of the agent {name!r} is too long.", hint="Name fewer.", key=key)
    return tuple(found)
