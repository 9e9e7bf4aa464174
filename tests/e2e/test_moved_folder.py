"""A project whose folder has moved, as its user finds it afterwards: in the engine that was there, and in the next."""

from pathlib import Path
from typing import Any

from e2e.kit import Home
from fake_model import FakeModel


async def kept(home: Home, folder: Path, project_id: str) -> dict[str, Any]:
    """What an editor is told of the file `pool.py` in a folder."""
    uri = (folder / "pool.py").as_uri()
    async with home.editor(folder, settings={"sessionScope": "file"}) as editor:
        opened = await editor.call("session/open", uri=uri, scope="file")
        history = await editor.call("session/history", sessionId="of-pool")
        listed = await editor.call("session/list", scope="file", uri=uri)
        memory = await editor.call("memory/list")
        found = await editor.call("search", query="lend", sources=["message"], mode="words", role="user", fileUri=uri)
        (project,) = [one for one in (await editor.call("project/list"))["projects"] if one["projectId"] == project_id]
        return {
            "opened": opened["session"]["sessionId"],
            "listed": [one["sessionId"] for one in listed["sessions"]],
            "attached": history["messages"][0]["attachments"][0]["uri"],
            "remembered": [one["source"]["uri"] for one in memory["entries"]],
            "found": [one["sessionId"] for one in found["hits"]],
            "folder": project["paths"][0],
        }


async def test_an_editor_that_opened_the_new_place_first_goes_on_with_what_was_there(home: Home, project: Path) -> None:
    (project / "pool.py").write_text("def lend_connection():\n    pass\n")
    async with home.editor(project) as behind:
        made = await behind.call("session/create", sessionId="travels")
        assert (await behind.call("search", query="lend connection", sources=["code"]))["hits"]
        moved = project.rename(project.parent / "moved")
        async with home.editor(moved) as editor:
            assert (await editor.call("session/list"))["sessions"] == []
            await editor.call("project/relink", projectId=made["projectId"], path=str(moved))
            assert [one["sessionId"] for one in (await editor.call("session/list"))["sessions"]] == ["travels"]
            (hit,) = (await editor.call("search", query="lend connection", sources=["code"]))["hits"]
            assert hit["uri"] == (moved / "pool.py").as_uri()
            assert (await editor.call("index/status"))["state"] == "ready"


async def test_after_its_folder_moved_all_that_names_a_file_leads_to_it(
    home: Home, project: Path, model: FakeModel
) -> None:
    uri = (project / "pool.py").as_uri()
    async with home.editor(project, model=model) as editor:
        made = await editor.call("session/create", sessionId="of-pool", scope="file", uri=uri)
        text = "Who may lend a connection?"
        await editor.call("chat", text=text, sessionId="of-pool", attachments=[{"uri": uri}], retrieve=False)
        await editor.call("memory/add", text="Connections are lent.", uri=uri)
        await editor.call("search", query="lend", sources=["message"], mode="words", role="user", fileUri=uri)
    project_id = made["projectId"]

    def at(folder: Path) -> dict[str, Any]:
        there = (folder / "pool.py").as_uri()
        sessions = {"opened": "of-pool", "listed": ["of-pool"], "found": ["of-pool"]}
        return {**sessions, "attached": there, "remembered": [there], "folder": str(folder)}

    moved = project.rename(project.parent / "moved")
    (moved / "pool.py").write_text("changed since\n")
    async with home.editor() as editor:
        await editor.call("project/relink", projectId=project_id, path=str(moved))
    assert await kept(home, moved, project_id) == at(moved)
    home.kill()
    assert await kept(home, moved, project_id) == at(moved)
