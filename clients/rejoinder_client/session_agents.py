"""An agent of a session, for programs without an event loop."""

import functools
from collections.abc import Callable, Coroutine
from typing import Concatenate, ParamSpec, TypeVar

from rejoinder_client.agents import Agent
from rejoinder_client.async_session_agents import AsyncSessionAgent
from rejoinder_client.blocking import Blocking, blocking, iterating

P = ParamSpec("P")
A = TypeVar("A")


class SessionAgent(Blocking[AsyncSessionAgent]):
    """An agent of a session. As AsyncSessionAgent, but each call blocks, and streams are plain generators."""

    chat = blocking(AsyncSessionAgent.chat)
    stream = iterating(AsyncSessionAgent.stream)

    @property
    def name(self) -> str:
        """What it is called."""
        return self._inner.name

    @property
    def agent(self) -> Agent:
        """What it is made of."""
        return self._inner.agent


def making(
    method: Callable[Concatenate[A, P], Coroutine[object, object, AsyncSessionAgent]],
) -> Callable[Concatenate[Blocking[A], P], SessionAgent]:
    """A method whose agent blocks, too."""

    @functools.wraps(method)
    def make(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> SessionAgent:
        return SessionAgent(self._loop.run(method(self._inner, *args, **kwargs)), self._loop)

    return make
