"""A session is opened with the messages that it ends with, whoever speaks in it at the same time."""

from types import SimpleNamespace
from typing import Any, cast

from core import Core
from rejoinder.domain.conversation import Project
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.sessions import SessionHandlers
from rejoinder.lsp.requests import Request
from rejoinder.protocol import methods
from turns_kit import said


async def test_a_turn_that_is_stored_between_messages_and_session_is_among_the_messages(
    core: Core, project: Project
) -> None:
    await said(core, "one", session_id="s")
    faults, speaks = core.sessions.faults, [True]

    async def faults_later() -> list[str]:
        if speaks:
            speaks.pop()
            await said(core, "two", session_id="s")  # another client's
        return await faults()

    core.sessions.faults = faults_later  # type: ignore[method-assign]

    async def here(*_: Any) -> Project:
        return project

    services = SimpleNamespace(
        sessions=core.sessions, history=core.history, turns=core.turns, transfer=None, summarising=None, cleaning=None
    )
    client = SimpleNamespace(services=services, project=here, encoding="utf-16", follow_session=lambda *_: None)
    Request(1, "rejoinder/session/open").enter()
    opened = await SessionHandlers(cast(Client, client)).open(methods.SessionOpenParams(session_id="s"))
    assert [message.content for message in opened.messages] == ["one", "answer 1", "two", "answer 2"]
    assert opened.session.head == opened.messages[-1].message_id
