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


async def test_who_opens_a_new_folder_in_the_old_place_works_in_a_project_of_its_own(home: Home, project: Path) -> None:
    (project / "pool.py").write_text("def lend_connection():\n    pass\n")
    here = (project / "pool.py").as_uri()
    settings = {"sessionScope": "file"}
    async with home.editor(project, settings=settings) as editor:
        made = await editor.call("session/create", sessionId="travels", scope="file", uri=here)
    moved = project.rename(project.parent / "moved")
    async with home.editor() as editor:
        await editor.call("project/relink", projectId=made["projectId"], path=str(moved))
    project.mkdir()
    (project / "pool.py").write_text("another one\n")
    async with home.editor(project, settings=settings) as editor:
        assert (await editor.call("session/list"))["sessions"] == []
        own = await editor.call("session/create", sessionId="new", scope="file", uri=here)
        assert (own["uri"], own["projectId"] != made["projectId"]) == (here, True)
    async with home.editor(moved, settings=settings) as editor:
        (kept,) = (await editor.call("session/list"))["sessions"]
        assert (kept["sessionId"], kept["uri"]) == ("travels", (moved / "pool.py").as_uri())


async def test_a_backup_of_a_moved_folder_equals_what_is_here(home: Home, project: Path, tmp_path: Path) -> None:
    uri, archive = (project / "pool.py").as_uri(), str(tmp_path / "all.zip")
    (project / "pool.py").write_text("def lend_connection():\n    pass\n")
    async with home.editor(project) as editor:
        made = await editor.call("session/create", sessionId="of-pool", scope="file", uri=uri)
        await editor.call("memory/add", text="Connections are lent.", uri=uri)
        moved = project.rename(project.parent / "moved")
        await editor.call("project/relink", projectId=made["projectId"], path=str(moved))
        await editor.call("backup/create", path=archive)
        for replace in ({}, {"replace": True}):
            restored = await editor.call("backup/restore", path=archive, **replace)
            assert (restored["sessions"], restored["replaced"], restored.get("kept")) == (0, 0, None)
