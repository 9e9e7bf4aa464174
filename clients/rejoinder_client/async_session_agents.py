"""What a session's object does with agents."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Unpack

from rejoinder.protocol import agents as methods
from rejoinder.protocol.updates import Update
from rejoinder_client.agents import Agent, AgentFields, AnyAgent, Task, name_of
from rejoinder_client.async_session_turns import SessionTurns
from rejoinder_client.errors import InvalidParams, RejoinderError
from rejoinder_client.options import ChatOptions
from rejoinder_client.turns import Answer


class SessionAgents(SessionTurns):
    """Agents that are kept with this session, and who answer in it."""

    async def keep_agent(self, agent: Agent) -> None:
        """Keep an agent with the session, in the place of one of the same name, and add what it knows."""
        await self._kept_agents.keep(agent)

    async def remove_agent(self, name: str) -> None:
        """Keep an agent no more. Raises NotFound."""
        await self._kept_agents.remove(name)

    async def list_agents(self) -> methods.AgentsListResult:
        """The agents that can be named here, and sentences about those that do not count."""
        return await self._client.request(methods.AGENTS_LIST, methods.AgentsListParams(**self._address))

    async def create_agent(self, name: str, **fields: Unpack[AgentFields]) -> "AsyncSessionAgent":
        """An agent that is kept with this session, and answers in it."""
        agent = Agent(name, **fields)
        await self.keep_agent(agent)
        return AsyncSessionAgent(self, agent)

    Agent = create_agent

    async def sequence(
        self, agents: "Sequence[AnyAgent | Task]", task: str | None = None, **options: Unpack[ChatOptions]
    ) -> list[Answer]:
        """Have agents answer one after the other, each with all that was said before; answers what each of them said.

        All have the same task, unless a step is a Task of its own. When a turn is cancelled the sequence ends with it.
        When one fails, so does the sequence, with that turn's error; the answers before it stay in the session.
        """
        answers: list[Answer] = []
        steps = steps_of(agents, task)
        for number, step in enumerate(steps, 1):
            options["agent"] = step.agent
            try:
                answers.append(await self.run(step.description, **options))
            except RejoinderError as error:
                raise stopped_at(error, step, number, len(steps)) from None
            if answers[-1].stop_reason == "cancelled":
                break
        return answers


class AsyncSessionAgent:
    """An agent of a session: what is said to it is said in the session, and answered by it."""

    def __init__(self, session: SessionTurns, agent: Agent) -> None:
        self.agent = agent
        """What it is made of."""
        self._session = session

    @property
    def name(self) -> str:
        """What it is called."""
        return self.agent.name

    async def chat(self, text: str, **options: Unpack[ChatOptions]) -> Answer:
        """Send a text and wait for the answer. When the caller is cancelled, so is the turn."""
        options["agent"] = self.agent
        return await self._session.run(text, **options)

    async def stream(self, text: str, **options: Unpack[ChatOptions]) -> AsyncGenerator[Update, None]:
        """Send a text and get the updates as they come, `End` last. Closing the generator early cancels the turn."""
        options["agent"] = self.agent
        async with contextlib.aclosing(self._session.stream(text, **options)) as updates:
            async for update in updates:
                yield update


def steps_of(agents: "Sequence[AnyAgent | Task]", task: str | None) -> list[Task]:
    """The steps of a sequence. Raises InvalidParams when there is none, or nothing to do in one."""
    if not agents:
        raise InvalidParams("A sequence has no agent.", hint="Name one at least.")
    steps = [each if isinstance(each, Task) else Task(task or "", each) for each in agents]
    for step in steps:
        if not step.description.strip():
            hint = "Say it once for all, or give each step as a Task."
            raise InvalidParams(f"What is {name_of(step.agent)} to do?", hint=hint)
    return steps


def stopped_at(error: RejoinderError, step: Task, number: int, count: int) -> RejoinderError:
    """The error of a step, telling which one it was and what is left of those before."""
    before = " The answers before it are in the session." if number > 1 else ""
    error.message = f"Step {number} of {count}, {name_of(step.agent)}: {error.message}{before}"
    error.args = (error.message,)
    return error
