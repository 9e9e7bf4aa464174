"""What a question is about is what its user saw when it was sent."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rejoinder.lsp.handlers.turns import turn_request
from rejoinder.protocol import methods, types


class SettingsAreAwaited(Exception):
    """The client is asked for its settings, and its user types on."""


async def test_open_documents_are_read_before_the_settings_are_waited_for() -> None:
    read: list[str] = []

    async def folder(uri: str) -> None: ...

    async def document(uri: str) -> Any:
        read.append(uri)
        return SimpleNamespace(text="one\n", version=1)

    async def prepared() -> None:
        raise SettingsAreAwaited

    workspace = SimpleNamespace(folder=folder, read=document)
    client = SimpleNamespace(workspace=workspace, encoding="utf-16", prepared=prepared)
    params = methods.ChatParams(text="What is it?", attachments=[types.Attachment(uri="file:///lines.py")])
    with pytest.raises(SettingsAreAwaited):
        await turn_request(cast(Any, client), params)
    assert read == ["file:///lines.py"]
