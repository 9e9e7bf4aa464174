"""Which session and which project a request means."""

from pathlib import Path

from e2e.kit import Home, folder_of
from fake_model import FakeModel


async def test_s5_02_lsp_the_current_session_of_the_workspace_goes_on(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        first = await editor.call("chat", text="One")
        second = await editor.call("chat", text="Two", uri=(project / "pool.py").as_uri())
        assert first["sessionId"] == second["sessionId"]
        session = await editor.call("session/get", sessionId=first["sessionId"])
        assert (session["scope"], session["current"], session["messageCount"]) == ("workspace", True, 4)


async def test_s5_02_lsp_use_and_create_choose_the_current_session(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        for session_id in ("one", "two"):
            await editor.call("session/create", sessionId=session_id)
        assert (await editor.call("chat", text="x"))["sessionId"] == "two"
        assert (await editor.call("session/use", sessionId="one"))["current"] is True
        assert (await editor.call("chat", text="x"))["sessionId"] == "one"
        current = [s["sessionId"] for s in (await editor.call("session/list"))["sessions"] if s["current"]]
        assert current == ["one"]
        await editor.call("session/delete", sessionId="one")
        assert (await editor.call("chat", text="x"))["sessionId"] == "two"


async def test_with_the_scope_file_each_file_has_its_own(home: Home, project: Path, model: FakeModel) -> None:
    uris = [(project / name).as_uri() for name in ("a.py", "b.py")]
    async with home.editor(project, model=model, settings={"sessionScope": "file"}) as editor:
        ids = [(await editor.call("chat", text="x", uri=uri))["sessionId"] for uri in [*uris, *uris]]
        assert ids[:2] == ids[2:] and ids[0] != ids[1]
        session = await editor.call("session/get", sessionId=ids[0])
        assert (session["scope"], session["uri"]) == ("file", uris[0])
        opened = await editor.call("session/open", uri=uris[1], scope="file")
        assert opened["session"]["sessionId"] == ids[1]
        listed = await editor.call("session/list", scope="file", uri=uris[0])
        assert [session["sessionId"] for session in listed["sessions"]] == [ids[0]]


async def test_a_files_uri_may_be_written_in_several_ways(home: Home, project: Path, model: FakeModel) -> None:
    folder = project.as_uri()
    async with home.editor(project, model=model, settings={"sessionScope": "file"}) as editor:
        ways = [f"{folder}/a%20b.py", f"{folder}/%61%20b.py"]
        assert len({(await editor.call("chat", text="x", uri=uri))["sessionId"] for uri in ways}) == 1


async def test_s1_01_lsp_outside_of_a_project_there_is_the_session_default(home: Home, model: FakeModel) -> None:
    async with home.editor(model=model) as editor:
        answer = await editor.call("chat", text="Hello?")
        assert answer["sessionId"] == "default"
        assert (await editor.call("session/get", sessionId="default"))["scope"] == "none"
        await editor.call("session/delete", sessionId="default", permanent=True)


async def test_sessions_are_unique_within_a_project(home: Home, tmp_path: Path, model: FakeModel) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    async with home.editor(*folders, model=model) as editor:
        for folder in folders:
            await editor.call("chat", text=folder.name, sessionId="same", uri=(folder / "x.py").as_uri())
        for folder in folders:
            texts = await editor.contents("same", uri=(folder / "x.py").as_uri())
            assert texts[0] == folder.name and len(texts) == 2
        assert (await editor.contents("same"))[0] == "one"
        projects = {project["name"]: project for project in (await editor.call("project/list"))["projects"]}
        by_id = await editor.contents("same", projectId=projects["two"]["projectId"])
        assert by_id[0] == "two"
        assert (await editor.refused("session/list", projectId="nothing"))["code"] == -31018


async def test_the_innermost_folder_holds_a_document(home: Home, tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    async with home.editor(outer, inner) as editor:
        session = await editor.call("session/create", uri=(inner / "x.py").as_uri())
        other = await editor.call("session/create", uri=(outer / "x.py").as_uri())
        assert session["projectId"] != other["projectId"]


async def test_workspace_folders_come_and_go(home: Home, tmp_path: Path, project: Path) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "quokka.py").write_text("def quokka(): return 'smiles'\n")
    async with home.editor(project) as editor:
        event = {"added": [folder_of(later)], "removed": []}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        session = await editor.call("session/create", uri=(later / "quokka.py").as_uri())
        answer = await editor.call(
            "chat", text="What does the quokka do?", sessionId=session["sessionId"], projectId=session["projectId"]
        )
        assert "quokka.py:1" in answer["text"]
        event = {"added": [], "removed": [folder_of(project)]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert (await editor.call("session/create"))["projectId"] == session["projectId"]


async def test_an_old_clients_root_is_a_project(home: Home, project: Path) -> None:
    async with home.process() as client:
        await client.initialize({}, rootUri=project.as_uri(), workspaceFolders=None)
        created = (await client.ask("rejoinder/session/create", {}))["result"]
        listed = (await client.ask("rejoinder/project/list", {}))["result"]["projects"]
        mine = next(item for item in listed if item["projectId"] == created["projectId"])
        assert mine["paths"] == [str(project)]


async def test_the_folder_of_a_client_is_listed_from_the_first_moment(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        listed = (await editor.call("project/list"))["projects"]
        assert [str(project)] in [each["paths"] for each in listed]


async def test_a_project_is_known_again_by_its_path_and_relinked_by_hand(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        created = await editor.call("session/create", sessionId="s")
    moved = project.rename(project.parent / "moved")
    async with home.editor(moved) as editor:
        assert (await editor.refused("session/get", sessionId="s"))["code"] == -31001
        await editor.call("project/relink", projectId=created["projectId"], path=str(moved))
        assert (await editor.call("session/get", sessionId="s"))["projectId"] == created["projectId"]


async def test_sessions_of_files_follow_renames(home: Home, project: Path) -> None:
    def uri(name: str) -> str:
        return (project / name).as_uri()

    offered = {"workspace": {"fileOperations": {"didRename": True}, "workspaceFolders": True}}
    async with home.editor(project, capabilities=offered, options={"sessionScope": "file"}) as editor:
        operations = editor.result["capabilities"]["workspace"]["fileOperations"]
        assert operations["didRename"]["filters"][0]["pattern"]["glob"] == "**/*"
        ids = {}
        for name in ("pool.py", "old/a b.py", "older.py"):
            ids[name] = (await editor.call("session/create", scope="file", uri=uri(name)))["sessionId"]
        files = [{"oldUri": uri("pool.py"), "newUri": uri("lake.py")}, {"oldUri": uri("old"), "newUri": uri("new")}]
        editor.notify("workspace/didRenameFiles", {"files": files})
        assert (await editor.call("session/open", uri=uri("lake.py")))["session"]["sessionId"] == ids["pool.py"]
        moved = (await editor.call("session/get", sessionId=ids["old/a b.py"]))["uri"]
        assert moved == uri("new/a b.py")
        assert (await editor.call("session/get", sessionId=ids["older.py"]))["uri"] == uri("older.py")
        assert (await editor.call("session/create", scope="file", uri=uri("pool.py")))["sessionId"] not in ids.values()


async def test_a_file_that_was_renamed_outside_of_the_editor_keeps_its_session(home: Home, project: Path) -> None:
    async with home.editor(project, options={"sessionScope": "file"}) as editor:
        before = await editor.call("chat", text="How is it checked?", uri=(project / "pool.py").as_uri())
        (project / "pool.py").rename(project / "lake.py")
        after = await editor.call("session/open", uri=(project / "lake.py").as_uri())
        assert after["session"]["sessionId"] == before["sessionId"]
        assert [message["role"] for message in after["messages"]] == ["user", "assistant"]


async def test_a_folder_that_has_sessions_of_its_own_is_not_taken_by_accident(home: Home, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with home.editor(tmp_path / "one", tmp_path / "two") as editor:
        one, two = [
            await editor.call("session/create", uri=(tmp_path / name / "x.py").as_uri()) for name in ("one", "two")
        ]
        asked = {"projectId": one["projectId"], "path": str(tmp_path / "two")}
        error = await editor.refused("project/relink", **asked)
        assert (error["code"], "two" in error["message"]) == (-32602, True)
        await editor.call("project/relink", **asked, replace=True)
        listed = {each["projectId"]: each for each in (await editor.call("project/list"))["projects"]}
        assert listed[one["projectId"]]["paths"][0] == str(tmp_path / "two")
        assert (listed[two["projectId"]]["paths"], listed[two["projectId"]]["sessions"]) == ([], 1)
        assert (await editor.refused("project/relink", projectId="nobody", path=str(tmp_path)))["code"] == -31018
        assert (await editor.call("project/trust", projectId=one["projectId"], trusted=True))["trusted"] is True


async def test_a_session_that_is_named_with_a_file_belongs_to_it(home: Home, project: Path) -> None:
    uri = (project / "pool.py").as_uri()
    async with home.editor(project, options={"sessionScope": "file"}) as editor:
        await editor.call("chat", text="Hello?", sessionId="named", uri=uri)
        session = await editor.call("session/get", sessionId="named")
        assert (session["scope"], session["uri"]) == ("file", uri)
        assert (await editor.call("session/open", uri=uri))["session"]["sessionId"] == "named"
