"""The engine's service: one server object for each connection, over services that all of them share."""

import asyncio
import os
from collections import ChainMap
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.lsp.client import Client
from rejoinder.lsp.client_functions import FunctionOffers
from rejoinder.lsp.configuration import Configuration
from rejoinder.lsp.handlers import (
    agents,
    attachments,
    backups,
    completion,
    documents,
    edits,
    imports,
    knowledge,
    lifecycle,
    memory,
    models,
    project,
    prompts,
    sessions,
    state,
    tools,
    turns,
)
from rejoinder.lsp.server import RejoinderServer
from rejoinder.services.catalogue import Services


class Caller(Protocol):
    """What is known of a client from its greeting."""

    @property
    def flags(self) -> Mapping[str, Any]:
        """Settings from its command line."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Its variables that matter to us."""
        ...


class LspService:
    """Serves connections until it is stopped."""

    def __init__(
        self,
        services: Services,
        subscriptions: Subscriptions,
        *,
        version: str,
        about: Mapping[str, Any],
        file_settings: Callable[[], tuple[Mapping[str, Any], str]],
        preload: Callable[[], Coroutine[Any, Any, None]],
        close: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`about` goes into the handshake, `file_settings` reads the user's file, and says what is wrong with it.

        `preload` loads what a first turn with a model needs, `close` lets go of everything.
        """
        self._services = services
        self._subscriptions = subscriptions
        self._offers = FunctionOffers()
        self._version = version
        self._about = about
        self._file_settings = file_settings
        self._preload = preload
        self._close = close

    async def serve(self, greeting: Caller, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it is gone. Raises ConnectionAbortedError when it left without a goodbye."""
        file, fault = await asyncio.to_thread(self._file_settings)
        configuration = Configuration(
            flags=greeting.flags, environment=greeting.environment, file=file, file_fault=fault
        )
        server = RejoinderServer(version=self._version, about=self._about)
        # a key is looked up where the client runs, then where the engine was started
        environment = ChainMap(dict(greeting.environment), dict(os.environ))
        client = Client(server, self._services, self._subscriptions, configuration, environment, self._offers)
        lifecycle.register(client, self._preload)
        documents.register(client)
        core = (turns, attachments, agents, prompts, edits, completion, sessions, state, memory)
        for handlers in (*core, knowledge, backups, imports, models, project, tools):
            handlers.register(client)
        self._subscriptions.join(client)
        try:
            await server.serve(reader, writer)
        finally:
            self._subscriptions.leave(client)
            self._offers.withdraw(server)
            await client.leave()
        if server.has_left_early:
            raise ConnectionAbortedError("the client sent `exit` without `shutdown`")

    async def quiet(self) -> None:
        """Return as soon as no turn is running."""
        await self._services.turns.drain()

    async def drain(self) -> None:
        """Begin no turn any more, and wait for those that run."""
        self._services.turns.refuse_new()
        await self._services.turns.drain()

    async def stop(self) -> None:
        """Stop what still runs, and let go of everything."""
        await self._services.turns.stop()
        await self._close()
