"""Many clients at once: every turn is answered, stored once, and counted."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from e2e.kit import Editor, Home, home_in

CLIENTS = 8
TURNS = 125
"""Of each client: every fifth in the session that all share, the others in its own."""


async def converse(editor: Editor, number: int) -> None:
    """One client's turns, some of them at once."""
    requests = []
    for turn in range(TURNS):
        session_id = "shared" if turn % 5 == 0 else f"own-{number}"
        text = f"client {number} turn {turn}"
        requests.append(editor.send_for("chat", text=text, sessionId=session_id, turnId=f"{number}-{turn}", queue=True))
        if len(requests) == 10:
            for request in requests:
                assert (await editor.result_of(request))["stopReason"] == "end_turn"
            requests.clear()
            editor.aside.clear()
    for request in requests:
        await editor.result_of(request)


async def all_turns(editor: Editor, session_id: str) -> Counter[str]:
    """How often each question stands in a session's active path."""
    questions: Counter[str] = Counter()
    page = await editor.call("session/history", sessionId=session_id, limit=100)
    while True:
        messages = page["messages"]
        questions.update(message["content"] for message in messages if message["role"] == "user")
        for question, answer in zip(messages[::2], messages[1::2], strict=True):
            assert (question["role"], answer["role"]) == ("user", "assistant")
            assert answer["parentId"] == question["messageId"] and answer["turnId"] == question["turnId"]
        if "nextCursor" not in page:
            return questions
        page = await editor.call("session/history", sessionId=session_id, limit=100, before=page["nextCursor"])


@pytest.mark.slow
async def test_eight_clients_with_a_thousand_turns_between_them(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with home_in(tmp_path / "user") as home:
        async with AsyncExitStack() as stack:
            editors = [await stack.enter_async_context(_editor(home, project)) for _ in range(CLIENTS)]
            await asyncio.gather(*(converse(editor, number) for number, editor in enumerate(editors)))
        home.kill()
        async with _editor(home, project) as editor:
            counts = {s["sessionId"]: s["messageCount"] for s in (await editor.call("session/list"))["sessions"]}
            own = 2 * (TURNS - TURNS // 5)
            assert counts == {"shared": 2 * CLIENTS * TURNS // 5, **{f"own-{n}": own for n in range(CLIENTS)}}
            found: Counter[str] = Counter()
            for session_id in counts:
                found += await all_turns(editor, session_id)
    assert found == Counter(f"client {number} turn {turn}" for number in range(CLIENTS) for turn in range(TURNS))


def _editor(home: Home, project: Path):
    return home.editor(project, options={"retrieve": False})
