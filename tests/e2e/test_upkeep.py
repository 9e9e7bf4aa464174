"""Upkeep: cleaning up, archives of everything, files of other programs, old sessions by a setting."""

import json
import os
import signal
import sqlite3
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from e2e.kit import Editor, Home, messages

TOON = {"session_id": "my_project", "created_at": "2025-11-22T20:30:15", "messages": messages("Hello", "Hi!")}


async def ids(editor: Editor, **params: Any) -> set[str]:
    return {session["sessionId"] for session in (await editor.call("session/list", **params))["sessions"]}


async def test_s2_05_lsp_clean_up_shows_first_and_takes_what_is_asked_for(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="empty")
        await editor.call("session/create", sessionId="pinned")
        await editor.call("session/update", sessionId="pinned", pinned=True)
        await editor.call(
            "session/create", sessionId="long", system="Be brief.", messages=messages(*(f"text {n}" for n in range(10)))
        )
        dry = await editor.call("session/cleanup", empty=True, keepMessages=4)
        assert (dry["sessions"], dry["messages"], dry["bytes"] > 0) == (1, 6, True)
        told = {each["sessionId"]: (each["reason"], each["messages"]) for each in dry["candidates"]}
        assert told == {"empty": ("empty", 0), "long": ("long", 6)}
        assert await ids(editor) == {"empty", "pinned", "long"}
        assert await editor.call("session/cleanup", empty=True, keepMessages=4, dryRun=False) == dry
        assert await ids(editor) == {"pinned", "long"}
        assert await ids(editor, trashed=True) == {"empty"}
        assert await editor.contents("long") == [f"text {n}" for n in range(6, 10)]
        assert (await editor.call("session/get", sessionId="long"))["system"] == "Be brief."
        for wrong in ({}, {"olderThanDays": 0}, {"keepMessages": -1, "empty": True}):
            assert (await editor.refused("session/cleanup", **wrong, dryRun=False))["code"] == -32602
        assert (await editor.call("session/cleanup", olderThanDays=1))["candidates"] == []


async def test_s2_05_setting_sessions_are_kept_for_ever_unless_a_setting_says_otherwise(
    fresh_home: Home, project: Path
) -> None:
    home = fresh_home
    old = (datetime.now(UTC) - timedelta(days=40)).isoformat().replace("+00:00", "Z")
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="old", messages=messages("a"))
        await editor.call("session/create", sessionId="young", messages=messages("b"))
        exported = json.loads((await editor.call("session/export", format="json"))["content"])
        for item in exported["sessions"]:
            if item["session"]["sessionId"] == "old":
                item["session"]["updatedAt"] = old
        await editor.call("session/delete", sessionId="old", permanent=True)
        await editor.call("session/import", format="json", content=json.dumps(exported))
    home.kill()
    async with home.editor(project) as editor:
        assert await ids(editor) == {"old", "young"}
    home.kill()
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text("retentionDays = 30\n")
    async with home.editor(project) as editor:
        assert await ids(editor) == {"young"}
        assert await ids(editor, trashed=True) == {"old"}


async def test_everything_is_written_to_an_archive_and_comes_back(
    home: Home, fresh_home: Home, project: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "all.zip"
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="kept", messages=messages("Why?", "So."))
        made = await editor.call("backup/create", path=str(archive))
        assert made["path"] == str(archive) and made["bytes"] == archive.stat().st_size
        for wrong in (str(archive), "relative.zip", str(tmp_path / "no" / "x.zip")):
            assert (await editor.refused("backup/create", path=wrong))["code"] == -32602
        await editor.call("session/add", sessionId="kept", messages=messages("More"))
        refused = await editor.refused("backup/restore", path=str(archive))
        assert (refused["code"], "replace" in refused["data"]["hint"]) == (-32602, True)
        assert await editor.contents("kept") == ["Why?", "So.", "More"]
        done = await editor.call("backup/restore", path=str(archive), replace=True)
        assert (done["replaced"], Path(done["kept"]).is_file()) == (1, True)
        assert await editor.contents("kept") == ["Why?", "So."]
    async with fresh_home.editor() as editor:
        done = await editor.call("backup/restore", path=str(archive))
        assert (done["projects"], done["sessions"]) == (made["projects"], made["sessions"])
    async with fresh_home.editor(project) as editor:
        assert await editor.contents("kept") == ["Why?", "So."]
        (tmp_path / "broken.zip").write_bytes(archive.read_bytes()[:-100])
        for wrong in ("broken.zip", "nothing.zip"):
            assert (await editor.refused("backup/restore", path=str(tmp_path / wrong)))["code"] == -32602


async def test_s2_06_lsp_files_of_other_programs_come_in(home: Home, project: Path) -> None:
    folder = {
        "sessions": {"sessions": [{"session_id": "c3e7", "name": "Learning", "description": "studies"}]},
        "messages": {"c3e7": messages("What is a list?", "Many things.")},
    }
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "CREATE TABLE sessions (id TEXT, label TEXT, created_at TIMESTAMP);"
            "CREATE TABLE chunks (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, source TEXT,"
            " created_at TIMESTAMP);"
            "INSERT INTO sessions VALUES ('research', 'Research', '2025-01-02 03:04:05');"
            "INSERT INTO chunks VALUES (1, 'research', 'user', 'Look', 'image', '2025-01-02 03:04:05'),"
            " (2, 'research', 'agent', 'Nice', 'image', '2025-01-02 03:04:06');"
        )
        data = b64encode(database.serialize()).decode()
    async with home.editor(project) as editor:
        for kind, content in (("json", json.dumps(TOON)), ("agno", json.dumps(folder)), ("sqlite", data)):
            report = await editor.call("session/import", format=kind, content=content)
            assert report == {"sessions": 1, "messages": 2, "skipped": 0}
        assert await editor.contents("my_project") == ["Hello", "Hi!"]
        learning = await editor.call("session/get", sessionId="c3e7")
        assert (learning["name"], learning["description"]) == ("Learning", "studies")
        history = (await editor.call("session/history", sessionId="research"))["messages"]
        assert [(each["role"], each["source"]) for each in history] == [("user", "image"), ("assistant", "image")]
        for kind in ("sqlite", "agno", "json", "toon"):
            error = await editor.refused("session/import", format=kind, content="no such thing")
            assert (error["code"], error["message"].startswith("content")) == (-32602, True)
        assert (await editor.refused("session/export", format="json", sessionIds=["a b"]))["code"] == -32602


async def test_an_import_that_is_far_too_large_is_refused_and_everything_goes_on(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        content = json.dumps([{"role": "user", "content": "x" * (100 << 20)}])
        error = await editor.refused("session/import", format="json", content=content)
        assert error["code"] == -31019
        assert (await editor.call("session/list"))["sessions"] == []


async def test_s2_08_lsp_a_damaged_session_is_told_of_and_its_sound_part_is_there(
    fresh_home: Home, project: Path
) -> None:
    home = fresh_home
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("first"))
        await editor.call("session/add", sessionId="s", messages=messages("second"))
        await editor.call("session/create", sessionId="other", messages=messages("sound"))
    home.kill()
    (file,) = [path for path in home.data.rglob("messages.*.jsonl") if b"second" in path.read_bytes()]
    file.write_bytes(file.read_bytes().replace(b"second", b"sec0nd") + b"half a li")
    async with home.editor(project) as editor:
        assert await editor.contents("s") == ["first"]
        assert await editor.contents("other") == ["sound"]
        told = await editor.message(lambda message: message.get("method") == "window/showMessage")
        assert os.fspath(file) in told["params"]["message"] and "damaged-1" in told["params"]["message"]
    assert b"sec0nd" in next(iter(file.parent.glob("*.damaged-1"))).read_bytes()


async def test_s2_08_lsp_damage_that_is_seen_only_when_a_session_is_opened_is_told_then(
    fresh_home: Home, project: Path
) -> None:
    home = fresh_home
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("first"))
        await editor.call("session/add", sessionId="s", messages=messages("second"))
    home.kill(signal.SIGTERM)
    (file,) = [path for path in home.data.rglob("messages.*.jsonl") if b"second" in path.read_bytes()]
    file.write_bytes(file.read_bytes().replace(b"second", b"sec0nd"))
    async with home.editor(project) as editor:
        assert (await editor.call("session/list"))["sessions"][0]["messageCount"] == 2
        opened = await editor.call("session/open", sessionId="s")
        assert [message["content"] for message in opened["messages"]] == ["first"]
        assert opened["session"]["messageCount"] == 1
        (told,) = editor.taken("window/showMessage")
        assert os.fspath(file) in told["message"]
