"""Everything of a user brought to another machine: as one archive, or by copying the two folders."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, home_in, messages
from rejoinder.domain.file_uris import path_of

PLAIN = {"protocolVersion": 1}
"""The handshake of an editor that draws no answers, and is given transcripts."""


@pytest.fixture
def other(tmp_path: Path) -> Any:
    with home_in(tmp_path / "other-home") as home:
        yield home


async def fill(editor: Editor, project: Path) -> None:
    """Something of all that is kept."""
    (project / "notes.md").write_text("The lighthouse keeper is called Ismael.\n")
    for name in ("gone", "later", "s"):
        said = messages(f"question of {name}", f"answer of {name}")
        await editor.call("session/create", sessionId=name, name=name.title(), messages=said, metadata={"of": name})
    (listed,) = (await editor.call("project/list"))["projects"]
    await editor.call("project/trust", projectId=listed["projectId"], trusted=True)
    await editor.call("session/delete", sessionId="gone")
    await editor.call("session/use", sessionId="s")
    await editor.call("session/update", sessionId="s", draft="half a question")
    await editor.call("session/state/set", sessionId="s", state={"tide": "low"})
    await editor.call("memory/add", text="The harbour closes at nine.")
    await editor.call("memory/add", text="The gate is open tonight.", kind="short", sessionId="s")
    await editor.call("knowledge/add", source="notes.md")
    await editor.call("knowledge/add", source="The ferry leaves from pier four.", kind="text", title="Ferry")


async def told(editor: Editor) -> dict[str, Any]:
    """All of it, as an editor is told."""
    sessions = (await editor.call("session/list"))["sessions"]
    trashed = (await editor.call("session/list", trashed=True))["sessions"]
    found = {
        query: [hit["text"].strip() for hit in (await editor.call(method, query=query, **params))["hits"]]
        for method, query, params in (
            ("memory/search", "harbour", {}),
            ("memory/search", "gate", {"sessionId": "s"}),
            ("knowledge/search", "lighthouse", {}),
            ("knowledge/search", "ferry", {}),
            ("search", "question", {"sources": ["message"]}),
        )
    }
    transcript = path_of((await editor.call("transcript/open", sessionId="s"))["uri"])
    assert transcript is not None
    return {
        "sessions": {one["sessionId"]: (one["name"], one["current"], one["metadata"]) for one in sessions},
        "trashed": [one["sessionId"] for one in trashed],
        "said": [await editor.contents(one["sessionId"]) for one in sessions],
        "state": await editor.call("session/state/get", sessionId="s"),
        "memory": sorted(one["text"] for one in (await editor.call("memory/list"))["entries"]),
        "knowledge": sorted(one["title"] for one in (await editor.call("knowledge/list"))["knowledge"]),
        "found": {query: sorted(texts) for query, texts in found.items()},
        "transcript": transcript.read_text(),
    }


async def settings_of(editor: Editor) -> tuple[Any, bool]:
    (listed,) = [one for one in (await editor.call("project/list"))["projects"] if one["paths"]]
    values = {one["key"]: one["value"] for one in (await editor.call("config"))["settings"]}
    return values["maxTokens"], listed["trusted"]


@pytest.mark.parametrize("way", ["archive", "folders"])
async def test_everything_of_a_user_is_there_on_another_machine(
    fresh_home: Home, other: Home, project: Path, tmp_path: Path, way: str
) -> None:
    archive = tmp_path / "all.zip"
    fresh_home.config.parent.mkdir(parents=True)
    fresh_home.config.write_text("maxTokens = 77\n")
    async with fresh_home.editor(project, handshake=PLAIN) as editor:
        await fill(editor, project)
        before = await told(editor)
        assert await settings_of(editor) == (77, True)
        assert all(before.values()) and all(before["found"].values()) and "half a question" in before["transcript"]
        if way == "archive":
            await editor.call("backup/create", path=str(archive))
    fresh_home.kill()
    if way == "folders":
        shutil.copytree(fresh_home.data, other.data)
        shutil.copytree(fresh_home.config.parent, other.config.parent)
    async with other.editor(project, handshake=PLAIN) as editor:
        if way == "archive":
            await editor.call("backup/restore", path=str(archive))
        assert await told(editor) == before
        # whom to trust, and how to be set up, is for each machine to say
        assert await settings_of(editor) == ((77, True) if way == "folders" else (None, False))
