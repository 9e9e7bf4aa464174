"""What a client hears of the index, and what the index hears of files."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import HANDSHAKE, Home

WATCHING = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}, "workspaceFolders": True}}


def in_state(message: Any, state: str) -> bool:
    return message.get("method") == "rejoinder/index/changed" and message["params"]["state"] == state


def is_ready(message: Any) -> bool:
    return in_state(message, "ready")


async def test_a_client_hears_when_the_index_is_ready(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        status = (await editor.message(is_ready))["params"]
        assert status["files"] == 1
        created = await editor.call("session/create")
        assert status["projectId"] == created["projectId"]
        assert (await editor.call("index/status"))["projectId"] == created["projectId"]


async def test_a_client_that_knows_nothing_of_rejoinder_hears_nothing(home: Home, project: Path) -> None:
    async with home.editor(project, handshake=None) as plain, home.editor(project, handshake=HANDSHAKE) as editor:
        await editor.message(is_ready)
        await plain.run("session/list")
        assert plain.taken("rejoinder/index/changed") == []


@pytest.mark.parametrize("offered", [True, False])
async def test_files_are_watched_where_the_client_offers_it(home: Home, project: Path, offered: bool) -> None:
    async with home.editor(project, capabilities=WATCHING if offered else {}) as editor:
        await editor.message(is_ready)
        (project / "quokka.py").write_text("def quokka(): return 'smiles'\n")
        uri = (project / "quokka.py").as_uri()
        editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        # the reply comes after whatever the server had to ask
        answer = await editor.call("chat", text="What does the quokka do?", sessionId="s")
        assert "quokka.py:1" in answer["text"]
        asked = [one["params"] for one in editor.asked if one["method"] == "client/registerCapability"]
        methods = [each["method"] for one in asked for each in one["registrations"]]
        assert methods == (["workspace/didChangeWatchedFiles"] if offered else [])


async def test_the_index_explains_itself_and_rests(home: Home, project: Path) -> None:
    (project / "logo.png").write_bytes(b"\x89PNG\0\0")
    async with home.editor(project) as editor:
        await editor.message(is_ready)
        code = await editor.call("index/explain", uri=(project / "pool.py").as_uri())
        assert code["indexed"] is True and code["chunks"] > 0
        picture = await editor.call("index/explain", uri=(project / "logo.png").as_uri())
        assert picture["indexed"] is False and picture["reason"]
        assert (await editor.refused("index/explain", uri="untitled:one"))["code"] == -32602
        await editor.call("index/pause")
        await editor.message(lambda one: in_state(one, "paused"))
        await editor.call("index/resume")
        await editor.message(is_ready)
