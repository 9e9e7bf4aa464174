"""The index made anew while somebody watches: progress, pause, cancel and end are true. And the terminal's words."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.command import Command
from e2e.kit import Editor, Home

FILES = 1200


@pytest.fixture
def large(project: Path) -> Path:
    """A project that takes a while to be read."""
    for number in range(FILES):
        lines = "\n".join(f"def made_{number}_{line}(value):\n    return value + {line}" for line in range(10))
        (project / f"made_{number}.py").write_text(lines)
    return project


async def progress(editor: Editor, kind: str) -> Any:
    """The next value of a kind for the token `work`."""
    found = await editor.message(
        lambda one: one.get("method") == "$/progress" and one["params"]["value"].get("kind") == kind
    )
    assert found["params"]["token"] == "work"
    return found["params"]["value"]


async def under_way(editor: Editor) -> None:
    """Return when the progress tells how many files are done."""
    while f"of {FILES + 1})" not in (told := (await progress(editor, "report"))["message"]):
        pass
    assert told.startswith("Indexing (")


async def in_state(editor: Editor, state: str) -> Any:
    """The status as soon as it is in this state."""
    while (status := await editor.call("index/status"))["state"] != state:
        pass
    return status


async def test_a_rebuild_tells_how_far_it_is_ends_when_it_is_done_and_rests_when_it_is_cancelled(
    home: Home, large: Path
) -> None:
    async with home.editor(large) as editor:
        files = (await in_state(editor, "ready"))["files"]
        begun = editor.send_for("index/rebuild", workDoneToken="work")
        assert (await progress(editor, "begin"))["cancellable"] is True
        await under_way(editor)
        await editor.result_of(begun)
        await progress(editor, "end")
        status = await editor.call("index/status")
        assert (status["state"], status["files"], status["done"]) == ("ready", files, files)
        one = (large / "made_7.py").as_uri()
        await editor.call("index/rebuild", uri=one, workDoneToken="work")
        assert (await editor.call("index/explain", uri=one))["indexed"] is True
        editor.aside.clear()
        for way in ("$/cancelRequest", "window/workDoneProgress/cancel"):
            # what rests after the first one goes on with the second
            begun = editor.send_for("index/rebuild", workDoneToken="work")
            await under_way(editor)
            editor.notify(way, {"id": begun} if way == "$/cancelRequest" else {"token": "work"})
            assert (await editor.error_of(begun))["code"] == -32800
            await progress(editor, "end")
            rests = await in_state(editor, "paused")
            assert rests["files"] < files
            assert (await editor.call("index/status"))["files"] == rests["files"]
        begun = editor.send_for("index/rebuild", workDoneToken="work")
        await under_way(editor)
        await editor.call("index/pause")
        # nobody waits for what rests
        await editor.result_of(begun)
        assert (await in_state(editor, "paused"))["files"] < files
        async with home.editor(large) as other:
            other.send_for("index/rebuild", workDoneToken="work")
            await under_way(other)
            begun = editor.send_for("index/rebuild", workDoneToken="work")
            await under_way(other)
        # who goes away does not end it
        await editor.result_of(begun)
        assert (await editor.call("index/status"))["files"] == files


async def test_only_a_file_of_the_project_is_made_anew(home: Home, project: Path, tmp_path: Path) -> None:
    pool, outside = project / "pool.py", tmp_path / "outside.py"
    outside.write_text(pool.read_text())
    (project / "link.py").symlink_to(outside)
    async with home.editor(project) as editor:
        await in_state(editor, "ready")
        for uri in ("untitled:x", "https://example.com/pool.py", "file:pool.py", ""):
            for method in ("index/rebuild", "index/explain"):
                error = await editor.refused(method, uri=uri)
                assert (error["code"], error["data"]["key"]) == (-32602, "uri")
        for path in (outside, project / ".." / "outside.py", project / "link.py"):
            assert (await editor.refused("index/rebuild", uri=f"file://{path}"))["code"] == -31016
        for path in (project / "nothere.py", project / ("x" * 1000)):
            for token in ({}, {"workDoneToken": "work"}):
                assert (await editor.refused("index/rebuild", uri=path.as_uri(), **token))["code"] == -31018
        # what is gone from the disk, but not from the index yet
        await editor.call("index/pause")
        pool.unlink()
        await editor.call("index/rebuild", uri=pool.as_uri(), workDoneToken="work")
        assert (await editor.refused("index/rebuild", uri=pool.as_uri()))["code"] == -31018
        assert (await in_state(editor, "ready"))["files"] == 0
    refused = Command(home, project)("index", "rebuild", "nothere.py", code=3)
    assert refused.err.startswith("error: There is no file 'nothere.py'.\nhint: ")


async def test_the_terminal_has_the_index_rest_and_go_on(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    async with home.editor(project) as editor:
        await in_state(editor, "ready")
        assert "rejoinder index resume" in rejoinder("index", "pause").out
        await in_state(editor, "paused")
        assert rejoinder("index", "status").out.split()[:2] == ["state", "paused"]
        (project / "later.py").write_text("def okapi():\n    return 'stripes'\n")
        editor.notify(
            "workspace/didChangeWatchedFiles", {"changes": [{"uri": (project / "later.py").as_uri(), "type": 1}]}
        )
        assert rejoinder("index", "explain", "later.py").out.startswith("out: ")
        assert json.loads(rejoinder("index", "resume", "--json").out) == {}
        await in_state(editor, "ready")
        while not rejoinder("index", "explain", "later.py").out.startswith("in: "):
            pass
        assert json.loads(rejoinder("index", "pause", "--json").out) == {}
        assert "rejoinder index status" in rejoinder("index", "resume").out
        await in_state(editor, "ready")
        rejoinder("index", "pause")
    home.kill()
    # it was meant for more than this engine
    told = rejoinder("index", "status").out
    assert told.startswith("state     paused") and "rejoinder index resume" in told
    assert "rejoinder index resume" in rejoinder("doctor").out
    rejoinder("index", "resume")
    home.kill()
    async with home.editor(project) as editor:
        await in_state(editor, "ready")
