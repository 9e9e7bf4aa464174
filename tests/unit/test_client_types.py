"""What a type checker sees of the client in a user's program."""

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
from collections.abc import AsyncGenerator, Generator
from typing import assert_type

from rejoinder.protocol import methods
from rejoinder.protocol.updates import Update
from rejoinder_client import Answer, AsyncClient, AsyncSession, Client, Message, Session, SessionInfo, StoredMessage


def blocking(client: Client) -> None:
    session = client.session("s1", system="Be brief.", messages=[Message.user("hi")])
    assert_type(session, Session)
    assert_type(session.fork("s2"), Session)
    assert_type(session.run("hi", temperature=0.5), Answer)
    assert_type(session.stream("hi"), Generator[Update, None, None])
    assert_type(session.messages, list[StoredMessage])
    assert_type(Session.from_dict(session.to_dict(), client), Session)
    assert_type(client.sessions.list(), list[SessionInfo])
    assert_type(client.sessions.load("s1"), list[StoredMessage] | None)
    assert_type(client.chat("hi", session_id="s1"), Answer)
    assert_type(client.request(methods.SESSION_LIST), methods.SessionListResult)


async def asynchronous(client: AsyncClient) -> None:
    session = await client.session("s1")
    assert_type(session, AsyncSession)
    assert_type(await session.run("hi", queue=True), Answer)
    assert_type(session.stream("hi"), AsyncGenerator[Update, None])
    assert_type(await session.messages, list[StoredMessage])
    assert_type(await client.request(methods.MODELS), methods.ModelsResult)
"""

MISTAKES = [
    "session.run(5)",
    "session.run('hi', temperature='warm')",
    "session.run('hi', heat=1)",
    "session.history('three')",
    "session.delete(True)",
    "session.update(title='x')",
    "session.add('text')",
    "client.sessions.save('s1', ['text'])",
    "client.request(methods.SESSION_GET, methods.SessionListParams())",
]


def check(program: str, folder: Path) -> tuple[str, int]:
    file = folder / "program.py"
    file.write_text(program)
    output, _, status = api.run(
        ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(folder / "cache"), str(file)]
    )
    return output, status


def test_programs_are_typed_and_mistakes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    mistakes = "".join(f"    {mistake}\n" for mistake in MISTAKES)
    output, _ = check(f"{PROGRAM}\n\ndef mistakes(client: Client, session: Session) -> None:\n{mistakes}", tmp_path)
    first = PROGRAM.count("\n") + 4
    lines = {int(line.split(":")[1]) for line in output.splitlines() if ": error: " in line}
    assert lines == set(range(first, first + len(MISTAKES))), output
