"""A session of a thousand turns: the prompt stays within its budget, and the beginning is still known."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from e2e.kit import Editor, Home, options_for, sent_texts
from fake_model import FakeModel, Reply

TURNS = 1000
WINDOW = 8192
BYTES_PER_TOKEN = 3.5
FACT = "The parrot's name is Archibald and its cage stands in the greenhouse."
WRITTEN = "Archibald is the parrot; his cage is in the greenhouse."


def history() -> list[dict[str, str]]:
    """A thousand turns of small talk; the third one tells something."""
    told = []
    for turn in range(TURNS):
        text = FACT if turn == 2 else f"In round {turn} I looked at the weather again and it was fine."
        told.append({"role": "user", "content": text})
        told.append({"role": "assistant", "content": f"Good to hear that round {turn} brought fine weather."})
    return told


@asynccontextmanager
async def long_session(home: Home, project: Path, model: FakeModel, *, retrieve: bool) -> AsyncIterator[Editor]:
    options = {**options_for(model), "contextTokens": WINDOW, "retrieve": retrieve}
    async with home.editor(project, options=options) as editor:
        await editor.call("session/create", sessionId="s", messages=history())
        yield editor


def size(request: Any) -> int:
    return len(json.dumps(request.json["messages"]))


async def test_s3_09_lsp_a_thousand_turns_stay_within_the_budget_and_the_third_is_known_by_the_summary(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="Fine."), *(Reply(text=WRITTEN) for _ in range(4)))
    async with long_session(home, project, model, retrieve=False) as editor:
        await editor.call("chat", text="And now?", sessionId="s")
        first = await model.next_request()
        requests = [await model.next_request() for _ in range(4)]
        assert FACT in sent_texts(requests[0])[-1]
        await editor.call("session/summarize", sessionId="s")  # waits for what is made in the background
        requests += [await model.next_request()]
        await editor.call("chat", text="What is the parrot's name?", sessionId="s")
        last = await model.next_request()
        assert WRITTEN in "\n".join(sent_texts(last))
        assert FACT not in "\n".join(sent_texts(last))
        assert sent_texts(last)[-3:] == ["And now?", "Fine.", "What is the parrot's name?"]
        for request in (first, *requests, last):
            assert size(request) <= WINDOW * BYTES_PER_TOKEN
        page = await editor.call("session/history", sessionId="s", limit=1)
        assert page["messages"][0]["content"] != WRITTEN
        assert (await editor.call("session/get", sessionId="s"))["messageCount"] == 2 * TURNS + 4


async def test_s3_09_lsp_the_third_of_a_thousand_turns_is_recalled_by_its_words(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with long_session(home, project, model, retrieve=True) as editor:
        await editor.call("chat", text="In which building does the parrot's cage stand?", sessionId="s")
        request = await model.next_request()
        (recalled,) = [text for text in sent_texts(request) if FACT in text]
        assert "recalled from session s" in recalled
        assert size(request) <= WINDOW * BYTES_PER_TOKEN


async def test_s3_09_lsp_a_summary_without_a_model_and_a_new_session_from_it(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=history())
        made = await editor.call("session/summarize", sessionId="s")
        assert FACT in made["summary"]
        assert len(made["covers"]) == 2 * TURNS
        new = await editor.call("session/fork", sessionId="s", newSessionId="next", summarize=True)
        assert new["forkedFrom"]["sessionId"] == "s" and new["current"]
        (beginning,) = (await editor.call("session/history", sessionId="next"))["messages"]
        assert beginning["role"] == "system" and FACT in beginning["content"]
        await editor.call("session/create", sessionId="empty")
        assert (await editor.call("session/summarize", sessionId="empty")) == {"summary": "", "covers": []}
        assert (await editor.refused("session/fork", sessionId="empty", summarize=True))["code"] == -32602
        assert (await editor.refused("session/summarize", sessionId="nobody"))["code"] == -31001
