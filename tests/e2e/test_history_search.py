"""Search over everything said: by words and by meaning, in one project or all, by date, role, file and session."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e2e.command import Command
from e2e.kit import Editor, Home
from e2e.python_kit import async_program, program
from terminal import Terminal

POOL = "Who lends the connections of the pool?"
ANSWER = "The ConnectionPool lends each connection; get_user_name is called by acquireSlot before.\nRedis is not used."
SHUT = "How does the cache expire?"
OLD = "2026-01-05T10:00:00Z"
NEW = "2026-03-09T10:00:00Z"

Search = Callable[..., Coroutine[Any, Any, list[str]]]


def said(role: str, content: str, created_at: str, *uris: str) -> dict[str, Any]:
    attachments = [{"uri": uri, "text": "x"} for uri in uris]
    return {"role": role, "content": content, "createdAt": created_at, **({"attachments": attachments} if uris else {})}


async def talked(editor: Editor, project: Path) -> None:
    """A project's two sessions, of different months."""
    file = (project / "pool.py").as_uri()
    first = [said("user", POOL, OLD, file), said("assistant", ANSWER, OLD)]
    second = [said("user", SHUT, NEW), said("assistant", "It expires after an hour, as the pool does.", NEW)]
    await editor.call("session/create", sessionId="pools", name="Pools", messages=first)
    await editor.call("session/create", sessionId="caches", name="Caches", messages=second)


@pytest.fixture
async def editor(home: Home, project: Path) -> AsyncIterator[Editor]:
    async with home.editor(project) as editor:
        await talked(editor, project)
        yield editor


@pytest.fixture
def search(editor: Editor) -> Search:
    async def search(query: str, **params: Any) -> list[str]:
        found = await editor.call("search", query=query, **{"sources": ["message"], "mode": "words", **params})
        return sorted(hit["text"] for hit in found["hits"])

    return search


async def test_a_query_may_hold_its_filters(search: Search, editor: Editor) -> None:
    lent = "It expires after an hour, as the pool does."
    assert await search("pool role:user", filters=True) == [POOL]
    assert await search("since:2026-03-01 pool", filters=True) == [lent]
    assert await search("pool until:2026-01-05 role:assistant", filters=True) == [ANSWER]
    assert await search("pool file:pool.py", filters=True) == sorted([POOL, ANSWER])
    assert await search('pool in:"Caches"', filters=True) == [lent]
    assert await search("pool role:user") == []  # words as any others
    for wrong in ("role:nobody", "since:tomorrow"):
        error = await editor.refused("search", query=f"pool {wrong}", filters=True)
        assert wrong.partition(":")[2] in error["message"] and error["data"]["hint"]


async def test_words_are_found_as_they_are_written(search: Search) -> None:
    lent = "It expires after an hour, as the pool does."
    assert await search("pool") == sorted([POOL, ANSWER, lent])
    assert await search("POOL connections") == [POOL]
    assert await search("connection") == [ANSWER]  # not `connections`
    assert await search("lending") == []
    assert await search('"the pool"') == sorted([POOL, lent])
    assert await search('"pool the"') == []
    assert await search("pool -connections") == sorted([ANSWER, lent])
    assert await search('pool -"the pool does"') == sorted([POOL, ANSWER])
    assert await search("connect*") == sorted([POOL, ANSWER])
    assert await search("expir* -cache") == [lent]
    assert await search("-pool") == [SHUT]
    assert await search("getUserName") == await search("get_user_name") == await search("slot") == [ANSWER]
    assert await search("acquire* redis") == [ANSWER]
    assert await search("pool zebra") == []


async def test_meaning_needs_no_word_and_keeps_conditions(search: Search) -> None:
    asked = "Which part of the program gives out connections?"
    assert POOL in await search(asked, mode="both")
    assert POOL in await search("pool of connections", mode="meaning")
    assert await search('pool "the pool does"', mode="both") == ["It expires after an hour, as the pool does."]
    assert POOL not in await search("pool -lends", mode="both")


async def test_filters_narrow_it_down(editor: Editor, search: Search, project: Path) -> None:
    assert await search("the", role="user") == sorted([POOL, SHUT])
    assert await search("the", until="2026-02-01T00:00:00Z") == sorted([POOL, ANSWER])
    assert await search("the", since="2026-02-01T00:00:00Z", role="user") == [SHUT]
    assert await search("the", since=OLD, until=OLD) == []
    assert await search("the", since=NEW, role="user") == [SHUT]
    assert await search("the", sessionIds=["caches"], role="user") == [SHUT]
    assert await search("the", sessionIds=["caches", "pools"], role="user") == sorted([POOL, SHUT])
    assert await search("the", userId="somebody-else") == []
    uri = (project / "pool.py").as_uri()
    assert await search("the", fileUri=uri, mode="both") == sorted([POOL, ANSWER])  # the answer to it, too
    assert await search("the", fileUri=uri.replace("pool", "%70ool"), role="user") == [POOL]
    assert await search("the", fileUri=(project / "other.py").as_uri()) == []
    for wrong in (
        {"since": "yesterday"},
        {"waitSeconds": -1},
        {"limit": 0},
        {"mode": "sense"},
        {"sessionIds": ["a b"]},
    ):
        assert (await editor.refused("search", query="the", **wrong))["code"] == -32602
    assert (await editor.refused("search", query="the", sessionIds=["nobodys"]))["code"] == -31001
    assert (await editor.refused("search", query="the", sessionIds=["pools"], allProjects=True))["code"] == -32602
    without = await editor.call("search", query="pool", mode="words")
    assert {hit["source"] for hit in without["hits"]} == {"message"}


async def test_a_hit_tells_where_it_was_said(editor: Editor) -> None:
    found = await editor.call("search", query='"redis is" slot', sources=["message"], mode="words")
    assert found["complete"] is True and "waiting" not in found
    (hit,) = found["hits"]
    assert (hit["sessionId"], hit["sessionName"], hit["role"]) == ("pools", "Pools", "assistant")
    assert (hit["createdAt"], hit["archived"]) == ("2026-01-05T10:00:00.000Z", False)
    snippet = hit["snippet"]
    assert "\n" not in snippet["text"]
    marked = [snippet["text"][mark["start"] : mark["end"]] for mark in snippet["marks"]]
    assert marked == ["acquireSlot", "Redis is"]
    page = await editor.call("session/history", sessionId="pools")
    assert hit["messageId"] == page["messages"][1]["messageId"]


async def test_a_long_message_is_one_text(editor: Editor, search: Search) -> None:
    long = "The aardvark begins.\n" + "Nothing of interest is said here.\n" * 200 + "At the end a zebra comes."
    await editor.call("session/create", sessionId="long", messages=[said("user", long, NEW)])
    found = await editor.call("search", query="aardvark zebra", sources=["message"], mode="words")
    (hit,) = found["hits"]
    assert "zebra" in hit["text"] or "aardvark" in hit["text"]
    assert await search("aardvark -zebra") == []
    assert await search("zebra -aardvark") == []


async def test_what_is_archived_is_found_with_a_mark_and_what_is_in_the_trash_is_not(
    editor: Editor, search: Search
) -> None:
    await editor.call("session/update", sessionId="pools", archived=True)
    found = await editor.call("search", query="connections", sources=["message"], mode="words")
    assert [(hit["sessionId"], hit["archived"]) for hit in found["hits"]] == [("pools", True)]
    await editor.call("session/delete", sessionId="pools")
    assert await search("connections") == []
    await editor.call("session/restore", sessionId="pools")
    assert await search("connections") == [POOL]


async def test_a_session_of_a_file_is_found_by_it_also_under_a_new_name(
    editor: Editor, search: Search, project: Path
) -> None:
    before, after = (project / "pool.py").as_uri(), (project / "lake.py").as_uri()
    messages = [said("user", "Why is the xylograph here?", NEW)]
    await editor.call("session/create", sessionId="of-file", scope="file", uri=before, messages=messages)
    assert await search("xylograph", fileUri=before) == [messages[0]["content"]]
    editor.notify("workspace/didRenameFiles", {"files": [{"oldUri": before, "newUri": after}]})
    await editor.message(
        lambda each: (
            each.get("method") == "rejoinder/session/changed"
            and each["params"]["sessionId"] == "of-file"
            and each["params"]["kind"] == "updated"
        )
    )
    assert await search("xylograph", fileUri=after) == [messages[0]["content"]]
    assert await search("xylograph", fileUri=before) == []


async def test_all_projects_are_searched_together(home: Home, editor: Editor, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with home.editor(other) as second:
        said_there = [said("user", "A quokka and a pool without match", NEW)]
        await second.call("session/create", sessionId="pools", name="Elsewhere", messages=said_there)
        everywhere = {"sources": ["message"], "mode": "words", "allProjects": True}
        found = (await editor.call("search", query="pool quokka", **everywhere))["hits"]
        assert [hit["sessionName"] for hit in found] == ["Elsewhere"]
        names = {each["projectId"]: each["name"] for each in (await editor.call("project/list"))["projects"]}
        assert names[found[0]["projectId"]] == "other"
        assert (await editor.call("search", query="quokka", sources=["message"], mode="words"))["hits"] == []
        mine = await editor.call("search", query="quokka", **everywhere, userId="somebody-else")
        assert mine["hits"] == []


async def test_what_is_not_read_yet_is_told(fresh_home: Home, project: Path) -> None:
    async with fresh_home.editor(project) as editor:
        await talked(editor, project)
        hasty = await editor.call("search", query="pool", sources=["message"], mode="words", waitSeconds=0)
        assert hasty["complete"] is False
        patient = await editor.call("search", query="pool", sources=["message"], mode="words")
        assert patient["complete"] is True and len(patient["hits"]) == 3


async def test_python_programs_search(home: Home, editor: Editor, project: Path) -> None:
    async with async_program(home, project) as client:
        hits = await client.search("pool", mode="words", since="2026-02-01")
        assert hits.complete and not hits.waiting
        assert [(hit.session_name, hit.role) for hit in hits] == [("Caches", "assistant")]
        assert await client.search("the pool", mode="words", until=datetime(2026, 2, 1, tzinfo=UTC), role="assistant")
        assert not await client.search("pool", mode="words", until=timedelta(days=365 * 90))
        (about,) = await client.search("the", mode="words", file=project / "pool.py", role="user")
        assert about.text == POOL and about.snippet is not None
        session = await client.open("pools")
        assert {hit.session_id for hit in await session.search("pool", mode="both")} == {"pools"}
        with pytest.raises(ValueError, match="is no time"):
            await client.search("pool", since="soon")


def _spoken(home: Home, project: Path) -> None:
    with program(home, project) as client:
        client.session("pools", name="Pools", messages=[{"role": "user", "content": POOL}])
        assert client.session("pools").search("connections", mode="words")


async def test_the_terminal_searches(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    await asyncio.to_thread(_spoken, home, project)
    found = rejoinder.json("search", "connections", "pool", "--words", "--since", "7d")
    assert found["complete"] is True
    (hit,) = found["hits"]
    ran = rejoinder("search", '"the pool"', "--role", "user", "--session", "Pools")
    assert POOL in ran.out and hit["messageId"] in ran.out
    assert f"rejoinder history show --session pools --at {hit['messageId']}" in ran.err
    assert POOL in rejoinder("history", "show", "--session", "pools", "--at", hit["messageId"]).out
    rejoinder("history", "show", "--session", "pools", "--at", "nobodys", code=3)
    assert "Nothing was found." in rejoinder("search", "zebra", "--words", code=1).out
    assert rejoinder("search", "pool", "--until", "2020-01-01", "--meaning", code=1).err == ""
    assert "is no time" in rejoinder("search", "pool", "--since", "soon", code=2).err
    everywhere = rejoinder("search", "connections", "--words", "--all", "--limit", "3")
    assert "project" in everywhere.out and "--project" in everywhere.err
    assert "exit code is 1 when nothing was found" in " ".join(rejoinder("search", "--help").out.split())


async def test_a_terminal_shows_the_words_marked(home: Home, project: Path) -> None:
    await asyncio.to_thread(_spoken, home, project)
    arguments = [sys.executable, "-m", "rejoinder", "search", "--words", "connections"]
    with Terminal(arguments, folder=project, environment=home.environment) as terminal:
        assert terminal.wait_for_end() == 0
        assert "SESSION" in terminal.text and POOL in terminal.text and "rejoinder chat" in terminal.text
        assert b"\x1b[1;33mconnections\x1b[0m" in terminal.seen
    arguments = [sys.executable, "-m", "rejoinder", "chat", "--new", "Another"]
    with Terminal(arguments, folder=project, environment=home.environment) as terminal:
        terminal.wait_for("Another ›")
        terminal.type('/search "connections of"\r')
        terminal.wait_for("/resume pools")
        assert POOL in terminal.text
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
