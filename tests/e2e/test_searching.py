"""Search over a project's files, past commits and messages."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import Core
from e2e.kit import Home
from fake_recall import FakeRecallIndex
from fakes import FakeProjectSearch, FakeSearchProvider, hit
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput
from rejoinder.services.finding import MOST, Finding, Query
from rejoinder.services.recalling import Recalling
from rejoinder.services.searches import Searches

GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]


def sources(found: dict[str, Any]) -> list[str]:
    return [one["source"] for one in found["hits"]]


async def test_files_and_messages_are_found_by_one_query(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call(
            "session/add",
            sessionId=(await editor.call("session/create"))["sessionId"],
            messages=[{"role": "user", "content": "The connections of the pool are borrowed."}],
        )
        found = await editor.call("search", query="borrow a connection from the pool")
        assert set(sources(found)) == {"code", "message"}
        (code, *_) = [one for one in found["hits"] if one["source"] == "code"]
        assert code["uri"].endswith("/pool.py") and code["parts"] and code["score"] > 0
        (said,) = [one for one in found["hits"] if one["source"] == "message"]
        assert said["sessionId"] and said["messageId"]
        assert set(sources(await editor.call("search", query="pool", sources=["code"]))) == {"code"}
        assert sources(await editor.call("search", query="pool", role="assistant")) == []
        assert sources(await editor.call("search", query="pool", sessionId=said["sessionId"])) == ["message"]
        assert sources(await editor.call("search", query="pool", userId="default")) == ["message"]
        assert sources(await editor.call("search", query="pool", userId="somebody-else")) == []
        everywhere = await editor.call("search", query="pool", allProjects=True)
        assert set(sources(everywhere)) == {"code", "message"}
        for wrong in ({"limit": 0}, {"limit": MOST + 1}, {"sessionId": "no ID"}):
            assert (await editor.refused("search", query="pool", **wrong))["code"] == -32602
        assert (await editor.refused("search", query="pool", sessionId="nobodys"))["code"] == -31001


async def test_past_commits_are_found(home: Home, project: Path) -> None:
    (project / "pool.py").write_text((project / "pool.py").read_text() + "\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Let quokkas borrow connections"]):
        subprocess.run([*GIT, *command], cwd=project, check=True)
    async with home.editor(project) as editor:
        # a first question waits until the commits are read, and passages of files take no place of theirs
        found = (await editor.call("search", query="quokkas borrow connections", sources=["commit"], limit=1))["hits"]
        assert found[0]["uri"].startswith("git-commit:")
        assert "quokkas" in found[0]["text"]
        answer = await editor.call("chat", text="Why do quokkas borrow connections?", sessionId="s")
        commit = found[0]["uri"].partition(":")[2][:12]
        assert f"**commit {commit}**" in answer["text"]
        cited = [each for each in answer["citations"] if each["uri"] == found[0]["uri"]]
        assert [each["label"] for each in cited] == [f"commit {commit}"]


async def test_outside_of_a_project_all_but_its_files_is_found(home: Home) -> None:
    said = [{"role": "user", "content": "Where do narwhals swim?"}]
    async with home.editor() as editor:
        await editor.call("session/create", sessionId="narwhals", messages=said)
        await editor.call("memory/add", text="Narwhals have a tusk.")
        found = await editor.call("search", query="narwhals")
        assert (set(sources(found)), found["complete"]) == ({"message", "memory"}, True)
        for named in (["code"], ["commit", "message"]):
            assert (await editor.refused("search", query="narwhals", sources=named))["code"] == -31015


@pytest.mark.parametrize("named", ["code", "commit"])
async def test_a_search_of_files_alone_is_complete_whatever_can_be_recalled(
    fresh_home: Home, project: Path, named: str
) -> None:
    async with fresh_home.editor(project) as editor:
        found = await editor.call("search", query="connection pool", sources=[named])
        assert found["complete"] is True and "waiting" not in found


async def test_rankings_are_merged_by_place_and_cut(tmp_path: Path) -> None:
    files, recalled = FakeProjectSearch(), FakeRecallIndex()
    files.hits = [hit(f"code {n}", source="code", score=9.0 - n) for n in range(3)]
    recalled.hits = [hit(f"said {n}", source="message", score=0.1, scope="user") for n in range(3)]
    searches = Searches(FakeSearchProvider(files))
    searches.use(Project(project_id="p", name="p", paths=(), created_at=datetime(2026, 1, 2, tzinfo=UTC)), tmp_path, ())
    core = Core(TinyDbHistory(tmp_path / "data"), tmp_path)
    finding = Finding(core.sessions, searches, Recalling((), recalled))
    found = await finding.find("p", Query(text="x", limit=4))
    assert [one.text for one in found.hits] == ["code 0", "said 0", "code 1", "said 1"]
    assert (await finding.find("p", Query(text="  "))).hits == []
    with pytest.raises(InvalidInput):
        await finding.find("p", Query(text="x", limit=0))
    await core.close()
