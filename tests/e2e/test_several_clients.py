"""Several editors and terminals on one engine, in one session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from e2e.kit import Editor, Home, text_of
from fake_model import DEFAULT_TEXT, FakeModel
from rejoinder.engine.claim import read_holder


@pytest.fixture
async def editors(home: Home, project: Path, model: FakeModel) -> AsyncIterator[list[Editor]]:
    """Four editors that have the same project open."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(home.editor(project, model=model)) for _ in range(4)]


async def test_all_have_one_engine_and_one_history(home: Home, editors: list[Editor]) -> None:
    holder = read_holder(home.data)
    for number, editor in enumerate(editors):
        await editor.call("chat", text=f"Question {number}", sessionId="s")
    histories = [await editor.contents("s") for editor in editors]
    assert histories == [[text for n in range(4) for text in (f"Question {n}", DEFAULT_TEXT)]] * 4
    assert read_holder(home.data) == holder


async def test_all_see_every_turn_whoever_sends_it(editors: list[Editor]) -> None:
    await editors[0].call("session/create", sessionId="s")
    for editor in editors:
        await editor.call("session/open", sessionId="s")
    answer = await editors[1].call("chat", text="Hello?", sessionId="s")
    for editor in editors:
        end = None
        updates = []
        while end is None:
            update = (await editor.message(lambda m: m.get("method") == "rejoinder/chat/update"))["params"]
            updates.append(update)
            end = update if update["update"]["type"] == "end" else None
        assert [update["seq"] for update in updates] == list(range(len(updates)))
        assert text_of(updates) == answer["text"]


async def test_each_has_its_own_units_for_the_same_places(home: Home, project: Path) -> None:
    (project / "smile.py").write_text("'😀'; quokka = 'quokka smiles'\n")
    attachment_range = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    ends = {}
    for encoding in ("utf-8", "utf-16", "utf-32"):
        capabilities = {"general": {"positionEncodings": [encoding]}}
        async with home.editor(project, capabilities=capabilities) as editor:
            if encoding == "utf-8":
                range_ = {**attachment_range, "end": {"line": 0, "character": 6}}
                attachment = {"uri": (project / "smile.py").as_uri(), "range": range_}
                await editor.call("chat", text="Hm?", sessionId="s", attachments=[attachment])
            page = await editor.call("session/history", sessionId="s")
            ends[encoding] = page["messages"][0]["attachments"][0]["range"]["end"]["character"]
    assert ends == {"utf-8": 6, "utf-16": 4, "utf-32": 3}


async def test_turns_of_all_in_one_session_queue_up(editors: list[Editor], model: FakeModel) -> None:
    requests = [
        (editor, editor.send_for("chat", text=f"{number}", sessionId="s", queue=True))
        for number, editor in enumerate(editors * 5)
    ]
    results = await asyncio.gather(*(finish(editors, editor, requests) for editor in editors))
    assert sum(results) == 20
    texts = await editors[0].contents("s")
    assert sorted(texts[::2]) == sorted(map(str, range(20))) and set(texts[1::2]) == {DEFAULT_TEXT}


async def finish(editors: list[Editor], editor: Editor, requests: list[tuple[Editor, int]]) -> int:
    """Read the replies to one editor's requests, one reader a connection; answers how many came."""
    mine = [request for sender, request in requests if sender is editor]
    for request in mine:
        assert (await editor.result_of(request))["stopReason"] == "end_turn"
    return len(mine)


async def test_the_same_new_session_is_made_once(editors: list[Editor]) -> None:
    requests = [(editor, editor.send_for("chat", text="x", sessionId="new", queue=True)) for editor in editors]
    for editor, request in requests:
        assert (await editor.result_of(request))["sessionId"] == "new"
    assert (await editors[0].call("session/get", sessionId="new"))["messageCount"] == 8


async def test_one_that_dies_takes_nobody_along(editors: list[Editor]) -> None:
    assert editors[0].process is not None
    editors[0].process.kill()
    for editor in editors[1:]:
        assert (await editor.call("chat", text="Hello?", sessionId="s"))["text"] == DEFAULT_TEXT
