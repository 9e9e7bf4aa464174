"""`$/cancelRequest` ends every long request: what it waits for is let go, the answer says so, and the rest goes on."""

import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, messages
from fake_model import FakeModel, Reply

CANCELLED = -32800
CHATS = 300
"""How many an import brings in that is not stopped."""
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}

Begin = Callable[[Editor, Path, FakeModel], Any]


async def _cancel(editor: Editor, request: Any) -> int | str:
    """The code of the error that a cancelled request is answered with, or its result's reason to stop."""
    editor.notify("$/cancelRequest", {"id": request})
    reply = await editor.reply(request)
    return reply["error"]["code"] if "error" in reply else reply["result"]["stopReason"]


def _asked(method: str, **params: Any) -> Begin:
    """A request that waits for the model, or for another server."""

    def begin(editor: Editor, project: Path, model: FakeModel) -> Any:
        model.script(Reply(gate=model.gate()))
        given = {key: value(project, model) if callable(value) else value for key, value in params.items()}
        return editor.send_for(method, **given)

    return begin


def _uri(project: Path, model: FakeModel) -> str:
    return (project / "pool.py").as_uri()


ON_A_SERVER: dict[str, tuple[Begin, int | str]] = {
    "chat": (_asked("chat", text="Hello?"), "cancelled"),
    "ask": (_asked("ask", text="Hello?"), "cancelled"),
    "commit message": (_asked("ask", text="Say why.", action="commit", remember=False), "cancelled"),
    "edit": (_asked("edit", uri=_uri, range=RANGE, instruction="Mend it."), CANCELLED),
    "summary": (_asked("session/summarize", sessionId="talk"), CANCELLED),
    "fork": (_asked("session/fork", sessionId="talk", summarize=True), CANCELLED),
    "models": (_asked("models", refresh=True), CANCELLED),
    "knowledge": (
        _asked("knowledge/add", source=lambda _, model: f"{model.root}/page", allowPrivate=True, workDoneToken="work"),
        CANCELLED,
    ),
}


@pytest.mark.parametrize("name", ON_A_SERVER)
async def test_what_waits_for_a_server_closes_the_connection(
    home: Home, project: Path, model: FakeModel, name: str
) -> None:
    begin, expected = ON_A_SERVER[name]
    model.facts = {"/v1/models": None, "/page": None}
    if name == "commit message":
        named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        for git in (["init", "-q"], ["add", "."], [*named, "commit", "-qm", "Begin"]):
            subprocess.run(["git", *git], cwd=project, check=True)
        (project / "pool.py").write_text("class Pond:\n    pass\n")
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="talk", messages=messages(*map(str, range(12))))
        request = begin(editor, project, model)
        arrived = await model.next_request()
        assert await _cancel(editor, request) == expected
        await arrived.disconnect()
        assert (await editor.call("knowledge/list"))["knowledge"] == []
        assert len((await editor.call("session/list"))["sessions"]) == 1


@pytest.mark.parametrize("method", ["search", "preview", "index/explain", "index/rebuild", "complete"])
async def test_what_waits_for_the_index_is_let_go(home: Home, project: Path, method: str) -> None:
    params: dict[str, dict[str, Any]] = {
        "search": {"query": "pool"},
        "preview": {"of": "chat", "text": "Where is the pool?"},
        "index/explain": {"uri": (project / "pool.py").as_uri()},
        "index/rebuild": {"workDoneToken": "work"},
        "complete": {"text": "@symbol:Conn", "offset": 12},
    }
    async with home.editor(project) as editor:
        while (await editor.call("index/status"))["state"] != "ready":
            pass
        worker = _worker_of(project)
        os.kill(worker, signal.SIGSTOP)
        try:
            request = editor.send_for(method, **params[method])
            assert await _cancel(editor, request) == CANCELLED
        finally:
            os.kill(worker, signal.SIGCONT)
        if method == "index/rebuild":
            # it rests where it was, which may be at the very beginning
            await editor.call("index/resume")
            while (await editor.call("index/status"))["state"] != "ready":
                pass
        found = await editor.call("search", query="pool")
        assert found["hits"][0]["uri"].endswith("/pool.py")
        assert _worker_of(project) == worker


def _worker_of(project: Path) -> int:
    """The process that indexes a project."""
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = found.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rejoinder.index.worker" in arguments and os.fsencode(project) in arguments:
            return int(found.parent.name)
    raise AssertionError("no worker has the project")


async def _imported(editor: Editor, project: Path, folder: Path) -> Any:
    chats = [
        f"# aider chat started at 2024-05-06 07:{number // 60:02}:{number % 60:02}\n\n#### Question {number}\n\nYes.\n"
        for number in range(CHATS)
    ]
    (folder / ".aider.chat.history.md").write_text("\n".join(chats))
    request = editor.send_for("session/import", path=str(folder / ".aider.chat.history.md"), workDoneToken="work")
    await editor.message(
        lambda one: one.get("method") == "$/progress" and one["params"]["value"].get("kind") == "report"
    )
    return request


async def _exported(editor: Editor, project: Path, folder: Path) -> Any:
    return editor.send_for("session/export", format="json")


async def _backed_up(editor: Editor, project: Path, folder: Path) -> Any:
    return editor.send_for("backup/create", path=str(folder / "all.zip"))


@pytest.mark.parametrize("begin", [_imported, _exported, _backed_up])
async def test_what_moves_conversations_stops(
    fresh_home: Home, project: Path, tmp_path: Path, begin: Callable[[Editor, Path, Path], Awaitable[Any]]
) -> None:
    async with fresh_home.editor(project) as editor:
        for number in range(20):
            await editor.call(
                "session/create", sessionId=f"s{number}", messages=messages(*(f"line {n} " * 20 for n in range(200)))
            )
        assert await _cancel(editor, await begin(editor, project, tmp_path)) == CANCELLED
        # nothing is on its way any more
        here = await _count(editor)
        assert 20 <= here < 20 + CHATS and not (tmp_path / "all.zip").exists()
        assert (await editor.call("chat", text="Hello?", sessionId="s1"))["stopReason"] == "end_turn"
        assert await _count(editor) == here
        assert not [path for path in fresh_home.data.rglob("*") if "snapshot" in path.name]


async def _count(editor: Editor) -> int:
    """How many sessions there are."""
    count, cursor = 0, None
    while True:
        page = await editor.call("session/list", limit=200, **({"cursor": cursor} if cursor else {}))
        count, cursor = count + len(page["sessions"]), page.get("nextCursor")
        if cursor is None:
            return count
