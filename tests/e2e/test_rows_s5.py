"""Sessions as a user handles them: created, chosen, renamed, deleted; quick chats; what a turn takes and tells."""

import json
import signal
from pathlib import Path

import pytest

from e2e.kit import Home, messages, sent_texts
from e2e.python_kit import program, texts
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder_client import Context, Message, errors, note

REGISTRY = {
    "current_session_id": "5a7b8c9d",
    "sessions": [
        {
            "session_id": "5a7b8c9d",
            "name": "Project Pegasus Planning",
            "description": "Brainstorming",
            "created_at": "2024-07-20T10:30:00",
            "updated_at": "2024-07-20T10:45:12",
            "message_count": 2,
        }
    ],
}
SAID = [{"role": "user", "content": "First steps?"}, {"role": "assistant", "content": "Pack a saddle."}]


async def test_s5_01_lsp_list_create_use_update_and_delete(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        assert (await editor.call("session/list"))["sessions"] == []
        made = await editor.call("session/create", name="Pegasus", description="Planning")
        assert (made["name"], made["description"], made["current"]) == ("Pegasus", "Planning", True)
        dated = await editor.call("session/create")
        assert dated["createdAt"][:4] in dated["name"]
        used = await editor.call("session/use", sessionId=made["sessionId"])
        assert used["current"] is True
        await editor.call("session/update", sessionId=made["sessionId"], name="Pegasus 2", description="Done")
        listed = {s["sessionId"]: s for s in (await editor.call("session/list"))["sessions"]}
        assert (listed[made["sessionId"]]["name"], listed[made["sessionId"]]["description"]) == ("Pegasus 2", "Done")
        await editor.call("session/delete", sessionId=made["sessionId"])
        assert [s["sessionId"] for s in (await editor.call("session/list"))["sessions"]] == [dated["sessionId"]]


async def test_s5_01_lsp_sessions_json_and_messages_json_come_in(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        content = json.dumps({"sessions": REGISTRY, "messages": {"5a7b8c9d": SAID}})
        came = await editor.call("session/import", format="agno", content=content)
        assert came == {"sessions": 1, "messages": 2, "skipped": 0}
        session = await editor.call("session/get", sessionId="5a7b8c9d")
        assert (session["name"], session["description"]) == ("Project Pegasus Planning", "Brainstorming")
        assert await editor.contents("5a7b8c9d") == ["First steps?", "Pack a saddle."]


def test_s5_01_py_list_create_use_update_and_delete(home: Home, project: Path) -> None:
    with program(home, project) as client:
        assert client.sessions.list() == []
        made = client.session(name="Pegasus", description="Planning")
        dated = client.session()
        assert dated.info.created_at[:4] in dated.info.name and client.open().session_id == dated.session_id
        made.use()
        assert client.open().session_id == made.session_id
        made.update(name="Pegasus 2", description="")
        (listed,) = client.sessions.list(query="Pegasus 2")
        assert (listed.session_id, listed.description) == (made.session_id, None)
        made.delete()
        assert [info.session_id for info in client.sessions.list()] == [dated.session_id]


def test_s5_01_py_a_folder_of_sessions_json_and_messages_json_comes_in(
    home: Home, project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "sessions"
    (folder / "5a7b8c9d").mkdir(parents=True)
    (folder / "sessions.json").write_text(json.dumps(REGISTRY))
    (folder / "5a7b8c9d" / "messages.json").write_text(json.dumps(SAID))
    with program(home, project) as client:
        client.sessions.import_path(folder)
        session = client.open("Project Pegasus Planning")
        assert session.session_id == "5a7b8c9d" and texts(session.messages) == ["First steps?", "Pack a saddle."]
        assert session.info.description == "Brainstorming"


async def test_s5_02_lsp_the_current_session_is_remembered_for_each_project(
    fresh_home: Home, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with fresh_home.editor(project) as one, fresh_home.editor(other) as two:
        for editor in (one, two):
            for session_id in ("a", "b"):
                await editor.call("session/create", sessionId=session_id)
        await one.call("session/use", sessionId="a")
    fresh_home.kill()
    async with fresh_home.editor(project) as one, fresh_home.editor(other) as two:
        assert (await one.call("session/open"))["session"]["sessionId"] == "a"
        assert (await two.call("session/open"))["session"]["sessionId"] == "b"


def test_s5_02_py_the_current_session_is_remembered_or_made(fresh_home: Home, project: Path, model: FakeModel) -> None:
    with program(fresh_home, project, model=model) as client:
        made = client.open()
        assert made.info.current and client.open().session_id == made.session_id
        client.session("later")
        made.use()
    fresh_home.kill()
    with program(fresh_home, project, model=model) as client:
        assert client.open().session_id == made.session_id == client.chat("Hello?").session_id


def test_s5_03_py_a_session_is_found_by_id_prefix_or_name(home: Home, project: Path) -> None:
    with program(home, project) as client:
        for session_id, name in [("alpha-1", "Plans"), ("alpha-2", "Notes"), ("c3e7f4a1", "Plans")]:
            client.session(session_id, name=name)
        assert [client.open(ref).session_id for ref in ("alpha-1", "c3e7", "Notes")] == [
            "alpha-1",
            "c3e7f4a1",
            "alpha-2",
        ]
        for ref, fitting in [("alph", ["alpha-1", "alpha-2"]), ("Plans", ["alpha-1", "c3e7f4a1"])]:
            with pytest.raises(errors.Ambiguous) as caught:
                client.open(ref)
            assert sorted(each["sessionId"] for each in caught.value.candidates) == fitting
        for ref in ("alp", "nothing"):
            with pytest.raises(errors.SessionNotFound):
                client.open(ref)


async def test_s5_04_lsp_a_list_of_sessions_reads_no_message_file(fresh_home: Home, project: Path) -> None:
    with program(fresh_home, project) as client:
        for number in range(40):
            client.session(f"s{number}", messages=[Message.user("a"), Message.assistant("b")])
    fresh_home.kill(signal.SIGTERM)
    files = list(fresh_home.data.rglob("messages*.jsonl"))
    assert len(files) == 40
    for file in files:
        # of the same size: by that the store knows at its start what has changed while it was away
        file.write_bytes(b"?" * file.stat().st_size)
    async with fresh_home.editor(project, options={"retrieve": False}) as editor:
        listed = (await editor.call("session/list"))["sessions"]
        assert [session["messageCount"] for session in listed] == [2] * 40
        assert [session["sessionId"] for session in listed] == [f"s{number}" for number in reversed(range(40))]
    assert all(set(file.read_bytes()) == set(b"?") for file in files)


def test_s5_04_py_count_and_time_are_kept_with_the_session(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s")
        seen = [(session.info.message_count, session.last_activity)]
        for act in (lambda: session.run("Hello?"), lambda: session.add(Message.user("a")), session.clear):
            act()
            (info,) = client.sessions.list()
            session.refresh()
            assert (info.message_count, info.updated_at) == (len(session.messages), session.info.updated_at)
            seen.append((session.info.message_count, session.last_activity))
        assert [count for count, _ in seen] == [0, 2, 3, 0]
        assert [time for _, time in seen] == sorted(time for _, time in seen) and seen[0][1] < seen[2][1]


async def test_s5_05_lsp_deleting_the_current_session_moves_to_the_most_recently_updated(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        for session_id in ("one", "two", "three"):
            await editor.call("session/create", sessionId=session_id)
        await editor.call("chat", text="Hello?", sessionId="one")
        await editor.call("session/use", sessionId="three")
        await editor.call("session/delete", sessionId="three")
        assert (await editor.call("session/open"))["session"]["sessionId"] == "one"
        await editor.call("session/delete", sessionId="two")
        assert (await editor.call("session/open"))["session"]["sessionId"] == "one"


def test_s5_05_py_deleting_the_current_session_moves_to_the_most_recently_updated(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model) as client:
        for session_id in ("one", "two", "three"):
            client.session(session_id)
        client.chat("Hello?", session_id="one")
        client.existing("three").use()
        client.sessions.delete("three", permanent=True)
        assert [info.session_id for info in client.sessions.list() if info.current] == ["one"]


async def test_s5_06_lsp_deleting_removes_everything_of_a_session(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="kept", messages=messages("bilby"))
        (kept,) = fresh_home.data.glob("projects/*/sessions/*")
        attached = {"uri": "note:quoll", "text": "quoll spots"}
        await editor.call("chat", text="numbats eat termites", sessionId="s", attachments=[attached])
        await editor.call("session/state/set", sessionId="s", state={"potoroo": 1})
        assert len(list(fresh_home.data.glob("projects/*/sessions/*"))) == 2
        hits = await editor.call("search", query="numbats termites", sources=["message"])
        assert [hit["sessionId"] for hit in hits["hits"]][:1] == ["s"]
        await editor.call("session/delete", sessionId="s", permanent=True)
        assert list(fresh_home.data.glob("projects/*/sessions/*")) == [kept]
        hits = await editor.call("search", query="numbats termites", sources=["message"])
        assert "s" not in [hit.get("sessionId") for hit in hits["hits"]]
    fresh_home.kill()
    written = fresh_home.everything_written()
    assert [word for word in (b"numbats", b"quoll", b"potoroo", b"bilby") if word in written] == [b"bilby"]


def test_s5_06_py_deleting_removes_everything_of_a_session(fresh_home: Home, project: Path, model: FakeModel) -> None:
    with program(fresh_home, project, model=model) as client:
        attached = [note("quoll spots")]
        session = client.session("s", messages=[Message("user", "A quokka smiles", attachments=attached)])
        session.save_state({"potoroo": 1})
        assert client.search("quokka", sources=["message"])[0].session_id == "s"
        session.delete()
        assert client.search("quokka", sources=["message"]) == []
        assert client.sessions.delete("s", permanent=True)
        assert not list(fresh_home.data.glob("projects/*/sessions/*"))
    fresh_home.kill()
    written = fresh_home.everything_written()
    assert not [part for part in (b"quokka", b"potoroo", b"quoll") if part in written]


def test_s5_07_py_a_quick_chat_leaves_no_trace(fresh_home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="quokka answer"))
    with program(fresh_home, project, model=model) as client:
        session = client.session("s", messages=[Message.user("Before"), Message.assistant("After")])
        info = session.info
        assert client.chat("wombat question", session_id="s", ephemeral=True).text == "quokka answer"
        assert "Before" in sent_texts(model.requests[0])
        assert (texts(session.messages), session.refresh()) == (["Before", "After"], info)
        client.ask("wombat question", ephemeral=True)
        assert [found.session_id for found in client.sessions.list()] == ["s"]
    written = fresh_home.everything_written()
    assert b"wombat" not in written and b"quokka" not in written


async def test_s5_08_lsp_trace_metrics_and_extra_context(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        question = "How does the ConnectionPool check a connection?"
        params = {"text": question, "sessionId": "s", "retrieve": True}
        extra = {"attachments": [{"uri": "note:deadline", "text": "The deadline is on Friday."}]}
        preview = await editor.call("preview", of="chat", **params, **extra)
        answer = await editor.call("chat", **params, **extra)
        (told,) = [update["update"] for update in editor.taken() if update["update"]["type"] == "context"]
        assert [hit["uri"] for hit in told["hits"]] == [(project / "pool.py").as_uri()]
        origins = [message["origin"]["uri"] for message in preview["messages"] if "origin" in message]
        assert (project / "pool.py").as_uri() in origins
        sent = "\n".join(sent_texts(await model.next_request()))
        assert "connection.ping()" in sent and "The deadline is on Friday." in sent
        assert answer["usage"]["inputTokens"] > 0 and answer["usage"]["seconds"] > 0


def test_s5_08_py_trace_metrics_and_extra_context(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s")
        question = "How does the ConnectionPool check a connection?"
        extra = [note("The deadline is on Friday.", name="deadline")]
        preview = session.preview(question, retrieve=True, attachments=extra)
        assert any(message.origin is not None for message in preview.messages)
        events = list(session.stream(question, retrieve=True, attachments=extra))
        (told,) = [event for event in events if isinstance(event, Context)]
        assert [hit.uri for hit in told.hits] == [(project / "pool.py").as_uri()]
        sent = "\n".join(sent_texts(model.requests[0]))
        assert "connection.ping()" in sent and "The deadline is on Friday." in sent
        usage = events[-1].usage
        assert usage.input_tokens > 0 and usage.output_tokens > 0 and usage.seconds > 0
        assert session.refresh().usage.input_tokens == usage.input_tokens
        assert texts(session.messages) == [question, DEFAULT_TEXT]
