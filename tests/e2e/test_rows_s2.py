"""A collection of sessions: save, load, list, delete, exists; their fields; a folder of one's own; many in one loop."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e2e.kit import Home, messages
from e2e.python_kit import async_program, program, texts
from fake_model import DEFAULT_TEXT, FakeModel
from rejoinder_client import Client, Message, NewMessage, RejoinderError, open_pipe


async def test_s2_01_lsp_save_load_list_exists_and_delete(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a", "b"))
        await editor.call("session/add", sessionId="s", messages=messages("c"))
        assert await editor.contents("s") == ["a", "b", "c"]
        assert [session["sessionId"] for session in (await editor.call("session/list"))["sessions"]] == ["s"]
        assert (await editor.call("session/get", sessionId="s"))["messageCount"] == 3
        await editor.call("session/delete", sessionId="s")
        assert (await editor.refused("session/get", sessionId="s"))["code"] == -31001
        assert (await editor.call("session/list"))["sessions"] == []


def test_s2_01_py_save_load_list_exists_and_delete(home: Home, project: Path) -> None:
    with program(home, project) as client:
        sessions = client.sessions
        assert (sessions.load("s"), sessions.exists("s"), sessions.delete("s")) == (None, False, False)
        sessions.save("s", [Message.user("a"), {"role": "assistant", "content": "b"}])
        assert sessions.exists("s") and texts(sessions.load("s") or []) == ["a", "b"]
        assert [(info.session_id, info.message_count) for info in sessions.list()] == [("s", 2)]
        assert sessions.delete("s") and not sessions.exists("s")
        sessions.restore("s")
        assert texts(sessions.load("s") or []) == ["a", "b"]


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_s2_01_py_saving_again_keeps_what_both_begin_with(home: Home, project: Path, kept: int) -> None:
    with program(home, project) as client:
        session = client.session("s", system="Be brief.", messages=[Message.user(text) for text in "abc"])
        before = session.messages
        wanted: list[NewMessage] = [Message.user(message.content) for message in before[:kept]]
        client.sessions.save("s", [*wanted, Message.user("d")])
        after = session.messages
        assert texts(after) == [*"abc"[:kept], "d"]
        assert [m.message_id for m in after[:kept]] == [m.message_id for m in before[:kept]]
        assert session.refresh().system == "Be brief."


def test_s2_01_py_a_save_that_fails_leaves_the_messages_as_they_were(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", messages=[Message.user("a"), Message.assistant("b")])
        for wrong in ([{"role": "user"}], [Message("user", "x", created_at="yesterday")]):
            with pytest.raises(RejoinderError) as caught:
                client.sessions.save("s", wrong)
            assert caught.value.hint and texts(session.messages) == ["a", "b"]


async def test_s2_02_lsp_a_session_has_id_messages_metadata_created_and_last_activity(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        made = await editor.call("session/create", sessionId="s", metadata={"ticket": [7, None]})
        await editor.call("chat", text="Hello?", sessionId="s")
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        session = await editor.call("session/get", sessionId="s")
    assert (session["metadata"], session["messageCount"]) == ({"ticket": [7, None]}, 2)
    assert session["createdAt"] == made["createdAt"] < session["updatedAt"]


def test_s2_02_py_a_session_has_id_messages_metadata_created_and_last_activity(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s", metadata={"ticket": 7})
        created, metadata = session.created_at, session.metadata
        metadata["ticket"] = 8
        assert (session.session_id, session.metadata) == ("s", {"ticket": 7})
        assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
        session.run("Hello?")
        session.refresh()
        assert session.last_activity > created == session.created_at
        session.update(metadata=metadata, description="About pools")
        again = client.existing("s")
        assert (again.metadata, again.info.description, len(again.messages)) == ({"ticket": 8}, "About pools", 2)


def test_s2_04_py_sessions_lie_in_a_folder_of_the_users_choice(project: Path, tmp_path: Path, model: FakeModel) -> None:
    settings = {"model": "openai-compatible:fake", "baseUrl": model.url, "retrieve": False}
    for text in ("First", "Second"):
        with Client(folders=[project], data_dir=tmp_path / "my_sessions", settings=settings) as client:
            assert client.server.data_dir == str(tmp_path / "my_sessions")
            client.chat(text, session_id="s")
    assert texts(client_messages(project, tmp_path / "my_sessions")) == ["First", DEFAULT_TEXT, "Second", DEFAULT_TEXT]
    assert client_messages(project, tmp_path / "others") is None
    files = list((tmp_path / "my_sessions").rglob("messages*.jsonl"))
    assert len(files) == 1 and b"First" in files[0].read_bytes()


def client_messages(project: Path, data_dir: Path):
    with Client(folders=[project], data_dir=data_dir) as client:
        return client.sessions.load("s")


def test_s2_04_py_a_transport_has_its_folder_already(tmp_path: Path) -> None:
    transport = open_pipe()
    with pytest.raises(TypeError, match="one of the two"):
        Client(transport, data_dir=tmp_path)
    transport.close()


async def test_s2_04_setting_the_users_file_names_the_folder(fresh_home: Home, project: Path, tmp_path: Path) -> None:
    fresh_home.config.parent.mkdir(parents=True)
    fresh_home.config.write_text(f"dataDir = {json.dumps(str(tmp_path / 'mine'))}\n")
    try:
        async with fresh_home.editor(project) as editor:
            await editor.call("session/create", sessionId="s", messages=messages("quokka"))
            named = {setting["key"]: setting for setting in (await editor.call("config"))["settings"]}["dataDir"]
            assert (named["value"], named["source"]) == (str(tmp_path / "mine"), "file")
        written = b"".join(path.read_bytes() for path in (tmp_path / "mine").rglob("*.jsonl"))
        assert b"quokka" in written and not list(fresh_home.data.rglob("*.jsonl"))
    finally:
        fresh_home.data = tmp_path / "mine"


def test_s2_07_py_clear_keeps_the_system_prompt_and_messages_are_added_by_hand(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s", system="Answer in French.", messages=[Message.system("Be brief.")])
        ids = session.add(Message.user("Custom question"), Message.assistant("Custom answer"))
        assert [(m.role, m.source) for m in session.messages if m.message_id in ids] == [
            *[("user", "manual"), ("assistant", "manual")]
        ]
        session.run("And then?")
        assert [message["content"] for message in model.requests[0].json["messages"]][-3:] == [
            "Custom question",
            "Custom answer",
            "And then?",
        ]
        session.clear()
        assert (texts(session.messages), session.info.system) == (["Be brief."], "Answer in French.")
        session.clear(keep_system=False)
        assert (session.messages, session.refresh().system) == ([], None)


async def test_s2_09_py_many_sessions_in_one_loop(home: Home, project: Path, model: FakeModel) -> None:
    names = [f"project_{number}" for number in range(12)]
    async with async_program(home, project, model=model) as client:
        for name in names:
            session = await client.session(name)
            await session.add(Message.user(f"This is {name}."))
            await session.run("Status update?")
        found = await client.sessions.list(query="project_")
        assert {info.session_id: info.message_count for info in found} == dict.fromkeys(names, 3)
        for info in found:
            said = await (await client.existing(info.session_id)).messages
            assert texts(said) == [f"This is {info.session_id}.", "Status update?", DEFAULT_TEXT]
