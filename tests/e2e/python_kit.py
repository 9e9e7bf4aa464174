"""Programs that use the Python client, each over a real pipe process to the engine of a home."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from e2e.kit import Home, options_for
from fake_model import FakeModel
from rejoinder_client import AsyncClient, Client, StoredMessage, open_pipe


@contextlib.contextmanager
def program(
    home: Home, *folders: Path, model: FakeModel | None = None, options: Mapping[str, Any] | None = None
) -> Iterator[Client]:
    """A program with these folders open. With `model` its answers come from there, else from the project itself."""
    with Client(open_pipe(environment=home.environment), folders=folders, settings=_settings(model, options)) as client:
        yield client


@contextlib.asynccontextmanager
async def async_program(
    home: Home, *folders: Path, model: FakeModel | None = None, options: Mapping[str, Any] | None = None
) -> AsyncIterator[AsyncClient]:
    """The same with an event loop."""
    transport = open_pipe(environment=home.environment)
    async with AsyncClient(transport, folders=folders, settings=_settings(model, options)) as client:
        yield client


def texts(messages: Sequence[StoredMessage]) -> list[str]:
    """What messages say."""
    return [message.content for message in messages]


def _settings(model: FakeModel | None, options: Mapping[str, Any] | None) -> dict[str, Any]:
    return (options_for(model) if model else {}) | dict(options or {})
