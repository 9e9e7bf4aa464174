"""Sessions of other programs brought in by an editor, a program and the terminal."""

import json
from pathlib import Path

import pytest

import foreign_kit as kit
from e2e.command import REJOINDER, Command
from e2e.kit import SECRET, Home
from e2e.python_kit import async_program, program, texts
from rejoinder_client import Progress
from rejoinder_client.errors import InvalidParams, NotFound
from terminal import Terminal

MANY = 200
FERRY = [text for _, text in kit.TALK]


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    return folder


@pytest.fixture
def rejoinder(home: Home, project: Path) -> Command:
    return Command(home, project)


@pytest.mark.parametrize("name", kit.ALL)
async def test_an_editor_brings_in_what_a_program_keeps(home: Home, project: Path, theirs: Path, name: str) -> None:
    store = kit.ALL[name]
    path = str(store.write(theirs))
    async with home.editor(project) as editor:
        would = await editor.call("session/import", path=path, dryRun=True)
        assert (await editor.call("session/list"))["sessions"] == []
        came = await editor.call("session/import", path=path)
        assert (came["detected"], came["sessions"], came["messages"]) == (
            store.format,
            would["sessions"],
            would["messages"],
        )
        ferry = store.session or came["found"][0]["sessionId"]
        assert [text for text in await editor.contents(ferry) if text != "Be brief."] == FERRY
        assert {one["outcome"] for one in came["found"]} == {"new"}
        again = await editor.run("session/import", path=path)
        assert (again["sessions"], again["messages"], again["skipped"]) == (0, 0, came["sessions"])
        store.grow(theirs)
        grown = await editor.call("session/import", path=path)
        assert (grown["sessions"], grown["messages"]) == (1, 2)
        assert (await editor.contents(ferry))[-1] == kit.MORE[1][1]


async def test_an_editor_is_told_how_far_it_is_and_what_was_left_out(home: Home, project: Path, theirs: Path) -> None:
    path = kit.write_continue(theirs)
    kit.hurt_continue(theirs)
    async with home.editor(project) as editor:
        result = await editor.call("session/import", path=str(path), workDoneToken="far")
        reasons = {part["place"]: part["reason"] for part in result["skippedReasons"]}
        assert set(reasons) == {"c-0.json", "c-00.json", "c-2.json: message 1"}
        assert "role" in reasons["c-2.json: message 1"]
        kinds = [params["value"]["kind"] for params in editor.taken("$/progress") if params["token"] == "far"]
        assert (kinds[0], kinds[-1]) == ("begin", "end") and "report" in kinds


async def test_an_import_can_be_stopped_and_goes_on_later(home: Home, project: Path, theirs: Path) -> None:
    for number in range(MANY):
        kit.dump(theirs / f"{number}.json", {"session_id": f"s-{number}", "messages": kit.plain(kit.TALK)})
    async with home.editor(project) as editor:
        request = editor.send_for("session/import", path=str(theirs), workDoneToken="far")
        await editor.message(lambda message: '"report"' in json.dumps(message))
        editor.notify("$/cancelRequest", {"id": request})
        assert (await editor.error_of(request))["code"] == -32800
        there = len((await editor.call("session/list", limit=200))["sessions"])
        assert 0 < there < MANY
        rest = await editor.call("session/import", path=str(theirs))
        assert (rest["sessions"], rest["skipped"]) == (MANY - there, there)


async def test_what_cannot_be_brought_in_is_refused(home: Home, project: Path, theirs: Path) -> None:
    kit.dump(theirs / "x.json", {"a": 1})
    async with home.editor(project) as editor:
        for params, code in [
            ({}, -32602),
            ({"path": "relative"}, -32602),
            ({"path": str(theirs / "x.json")}, -32602),
            ({"path": str(theirs / "x.json"), "content": "[]"}, -32602),
            ({"path": str(theirs), "format": "word"}, -32602),
            ({"path": str(theirs / "gone")}, -31018),
        ]:
            error = await editor.refused("session/import", **params)
            assert error["code"] == code, params
        assert (await editor.call("session/list"))["sessions"] == []


async def test_an_editor_finds_the_usual_places(fresh_home: Home, project: Path) -> None:
    kit.write_continue(fresh_home.root)
    kit.write_aider(project)
    (fresh_home.root / "cache/eca").mkdir(parents=True)
    async with fresh_home.editor(project) as editor:
        places = (await editor.call("session/import/find"))["places"]
        assert {place["format"]: place["path"] for place in places} == {
            "continue": str(fresh_home.root / ".continue/sessions"),
            "eca": str(fresh_home.root / "cache/eca"),
            "aider": str(project / ".aider.chat.history.md"),
        }
        came = [await editor.call("session/import", path=place["path"]) for place in places if place["format"] != "eca"]
        assert [each["sessions"] for each in came] == [2, 2]


def test_a_program_brings_in_and_hears_of_it(home: Home, project: Path, theirs: Path) -> None:
    path = kit.write_llm(theirs)
    heard: list[Progress] = []
    with program(home, project) as client:
        assert client.import_(path, dry_run=True).sessions == 3
        came = client.import_(path, on_progress=heard.append)
        assert (came.detected, came.sessions, came.messages) == ("llm", 3, 7)
        assert texts(client.existing("l-1").messages) == FERRY
        assert heard[0].message == "Bringing sessions in"
        assert client.import_(path, format="llm").skipped == 3
        looked = client.existing("l-2").messages[1]
        assert looked.tool_calls is not None
        assert (looked.tool_calls[0].name, looked.tool_calls[0].output) == ("look", "a sail")
        with pytest.raises(NotFound):
            client.import_(theirs / "gone")
        with pytest.raises(InvalidParams):
            client.import_(path, format="continue-to")


def test_a_program_brings_in_what_another_remembers(home: Home, project: Path, theirs: Path) -> None:
    path = kit.write_praison(theirs)
    with program(home, project) as client:
        came = client.import_(path)
        assert came.found is not None and came.found[0].new_memories == 2
        assert client.existing("p-1").get_state("tide") == "low"
        assert {one.text for one in client.memory.list()} >= {"The captain likes tea."}


async def test_a_program_with_an_event_loop_does_the_same(home: Home, project: Path, theirs: Path) -> None:
    path = kit.write_eca(theirs)
    async with async_program(home, project) as client:
        assert (await client.import_(path)).sessions == 2
        assert texts(await (await client.existing("e-1")).messages) == FERRY


def test_what_came_in_is_found_and_holds_no_secret(home: Home, project: Path, theirs: Path) -> None:
    kit.dump(theirs / "x.json", [{"role": "user", "content": f"The lighthouse key is {SECRET}"}])
    with program(home, project) as client:
        client.import_(theirs / "x.json")
        hits = client.search("lighthouse key", sources=["message"])
        assert hits and SECRET not in hits[0].text
    assert SECRET.encode() not in home.everything_written()


def test_the_terminal_shows_first_and_brings_in(rejoinder: Command, theirs: Path) -> None:
    path = str(kit.write_codecompanion(theirs))
    dry = rejoinder("import", path, "--dry-run")
    assert "(codecompanion)" in dry.out and "Chat 1700000100" in dry.out
    assert "Would come in: 2 sessions with 6 messages." in dry.out
    assert rejoinder.sessions() == {}
    assert rejoinder("import", path, "--yes").out == "Came in: 2 sessions with 6 messages.\n"
    assert rejoinder("import", path).out == "Came in: 0 sessions with 0 messages; here already: 2.\n"
    kit.grow_codecompanion(theirs)
    kit.hurt_codecompanion(theirs)
    again = rejoinder("import", path, "--from", "codecompanion")
    assert again.out == "Came in: 1 session with 2 messages; here already: 1.\n"
    assert "Left out: 0.json: it is no chat." in again.err and "9.lua" in again.err
    shown = rejoinder("session", "show", "1700000000").out
    assert kit.TALK[0][1] in shown and kit.MORE[1][1] in shown
    rejoinder("import", code=2)
    rejoinder("import", str(theirs / "gone"), code=3)


def test_the_terminal_brings_each_into_its_folders_project(
    home: Home, project: Path, rejoinder: Command, theirs: Path
) -> None:
    path = kit.write_codecompanion(theirs)
    chat = path / "chats/1700000000.json"
    kit.dump(chat, {**kit.load(chat), "cwd": str(theirs)})
    dry = rejoinder("import", str(path), "--dry-run").out
    assert f"{theirs}\n" in dry and "1 session into other projects, by folder; --here" in dry
    assert "folder" not in rejoinder.json("import", str(path), "--dry-run", "--here")["found"][0]
    assert rejoinder("import", str(path)).out == "Came in: 2 sessions with 6 messages.\n"
    assert set(rejoinder.sessions()) == {"Chat 1700000100"}
    assert set(Command(home, theirs).sessions()) == {"Chat 1700000000"}


def test_programs_get_the_whole_report(rejoinder: Command, theirs: Path) -> None:
    path = str(kit.write_aider(theirs))
    report = rejoinder.json("import", path, "--dry-run")
    assert (report["detected"], report["sessions"]) == ("aider", 2)
    assert [one["outcome"] for one in report["found"]] == ["new", "new"]
    assert report["skippedReasons"][0]["reason"] == "nobody said anything"


def test_a_list_on_standard_input(rejoinder: Command) -> None:
    text = json.dumps(kit.plain(kit.TALK))
    assert "1 session with 2 messages" in rejoinder("import", "-", text=text).out
    assert "here already: 1" in rejoinder("import", "-", text=text).out


def test_the_terminal_asks_before_it_brings_in(fresh_home: Home, project: Path, theirs: Path) -> None:
    path = str(kit.write_agno(theirs))
    for answer, code in (("n", 1), ("y", 0)):
        with _on_a_terminal(fresh_home, project, "import", path) as terminal:
            terminal.wait_for("Bring them in? [y/N]")
            assert "Harbours" in terminal.text
            terminal.type(f"{answer}\r")
            assert terminal.wait_for_end() == code
        assert len(Command(fresh_home, project).sessions()) == 2 * (not code)


def test_the_terminal_finds_and_asks_before_it_reads(fresh_home: Home, project: Path) -> None:
    rejoinder = Command(fresh_home, project)
    assert "Nothing of other programs was found" in rejoinder("import", "--find").out
    kit.write_continue(fresh_home.root)
    kit.write_aider(project)
    listed = rejoinder("import", "--find")
    assert "Continue" in listed.out and "aider" in listed.out and "Nothing was read" in listed.err
    assert [place["format"] for place in rejoinder.json("import", "--find")["places"]] == ["continue", "aider"]
    with _on_a_terminal(fresh_home, project, "import", "--find") as terminal:
        terminal.wait_for("Read what Continue keeps")
        terminal.type("n\r")
        terminal.wait_for("Read what aider keeps")
        terminal.type("y\r")
        terminal.wait_for("Bring them in? [y/N]")
        terminal.type("y\r")
        assert terminal.wait_for_end() == 0
    assert len(rejoinder.sessions()) == 2
    assert "here already: 2" in rejoinder("import", "--find", "--yes").out
    assert len(rejoinder.sessions()) == 4


def _on_a_terminal(home: Home, project: Path, *arguments: str) -> Terminal:
    return Terminal([*REJOINDER, *arguments], folder=project, environment=home.environment)
