"""Sessions by ID: made at first use, kept with everything that was said, several at once, and loops of one's own."""

import base64
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.kit import Home, messages, sent_texts
from e2e.python_kit import async_program, program, texts
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder_client import RejoinderError, Text


async def test_s1_01_lsp_a_new_id_makes_a_session_that_is_listed_with_its_label(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?", sessionId="research.2026:a@b")
        await editor.call("session/update", sessionId="research.2026:a@b", label="Research")
        (listed,) = (await editor.call("session/list"))["sessions"]
        assert (listed["sessionId"], listed["label"]) == ("research.2026:a@b", "Research")


def test_s1_01_py_a_new_id_makes_a_session_that_is_listed_with_its_label(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model) as client:
        assert client.chat("Hello?", session_id="research").session_id == "research"
        client.existing("research").update(label="Research")
        (listed,) = client.sessions.list()
        assert (listed.session_id, listed.label, listed.message_count) == ("research", "Research", 2)


def test_s1_01_py_outside_of_a_project_there_is_the_session_default(home: Home, model: FakeModel) -> None:
    with program(home, model=model) as client:
        assert client.chat("Hello?").session_id == "default"
        assert client.sessions.delete("default", permanent=True)


async def test_s1_02_lsp_every_message_is_kept_with_role_source_and_time(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    begun = datetime.now(UTC)
    async with fresh_home.editor(project, model=model) as editor:
        await editor.call("chat", text="One", sessionId="s")
        await editor.call("ask", text="Two", sessionId="s")
        shown = [{"role": "user", "content": "Three", "source": "image"}]
        await editor.call("session/add", sessionId="s", messages=shown)
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        history = (await editor.call("session/history", sessionId="s"))["messages"]
    assert [(message["role"], message["source"], message["content"]) for message in history] == [
        *[("user", "chat", "One"), ("assistant", "chat", DEFAULT_TEXT)],
        *[("user", "ask", "Two"), ("assistant", "ask", DEFAULT_TEXT), ("user", "image", "Three")],
    ]
    times = [datetime.fromisoformat(message["createdAt"]) for message in history]
    assert times == sorted(times) and (begun - times[0]).total_seconds() < 1 and times[-1] <= datetime.now(UTC)


def test_s1_02_py_every_message_is_kept_with_role_source_and_time(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    with program(fresh_home, project, model=model) as client:
        session = client.session("s")
        session.run("One")
        session.ask("Two")
        before = session.messages
    fresh_home.kill()
    with program(fresh_home, project) as client:
        after = client.existing("s").messages
    assert after == before
    assert [(message.role, message.source) for message in after] == [
        *[("user", "chat"), ("assistant", "chat")],
        *[("user", "ask"), ("assistant", "ask")],
    ]
    assert all(datetime.fromisoformat(message.created_at).tzinfo is not None for message in after)


async def test_s1_06_lsp_ask_chat_show_and_clear_in_a_session(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="first"), Reply(text="second"))
    async with home.editor(project, model=model) as editor:
        await editor.call("ask", text="One", sessionId="draft")
        await editor.call("chat", text="Two", sessionId="draft")
        assert await editor.contents("draft") == ["One", "first", "Two", "second"]
        await editor.call("session/clear", sessionId="draft")
        assert await editor.contents("draft") == []


async def test_s1_06_lsp_a_summary_names_the_messages_that_it_covers(home: Home, project: Path) -> None:
    said = messages("The zebra cache expires after nine minutes.", "Noted: nine minutes.", "Thanks.", "Welcome.")
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=said)
        made = await editor.call("session/summarize", sessionId="s")
        ids = [message["messageId"] for message in (await editor.call("session/history", sessionId="s"))["messages"]]
        assert "nine minutes" in made["summary"] and set(made["covers"]) <= set(ids) and made["covers"]
        assert len(await editor.contents("s")) == 4


def test_s1_06_py_ask_chat_show_summarize_and_clear_in_a_session(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("draft")
        session.ask("When does the zebra cache expire?", retrieve=False)
        client.chat("It expires after nine minutes.", session_id="draft", retrieve=False)
        assert texts(session.messages)[::2] == ["When does the zebra cache expire?", "It expires after nine minutes."]
        made = session.summarize()
        assert "zebra" in made.summary and made.covers[0] == session.messages[0].message_id
        for info in client.sessions.list():
            client.existing(info.session_id).clear()
        assert session.messages == []


async def test_s1_08_py_four_labelled_sessions_stream_at_once(home: Home, project: Path, model: FakeModel) -> None:
    gates = {name: model.gate() for name in ("a", "b", "c", "d")}
    async with async_program(home, project, model=model) as client:
        streams = {}
        for name, gate in gates.items():
            model.script(Reply(text=f"{name} and {name}", gate=gate))
            session = await client.session(name, label=name.upper())
            streams[name] = session.stream(f"Say {name}!")
            await anext(streams[name])
            await model.next_request()
        received: dict[str, str] = dict.fromkeys(gates, "")
        for gate in gates.values():
            gate.release(2)
        for name, stream in streams.items():
            while not isinstance(update := await anext(stream), Text):
                pass
            received[name] = update.text
        for name, stream in streams.items():
            gates[name].open()
            received[name] += "".join([update.text async for update in stream if isinstance(update, Text)])
        assert received == {name: f"{name} and {name}" for name in gates}
        assert {info.session_id: info.label for info in await client.sessions.list()} == {
            name: name.upper() for name in gates
        }


def test_s1_10_py_a_loop_of_questions_and_answers(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="My pleasure."), Reply(status=401), Reply(text="Here again."))
    lines = iter(["Thank you", "  ", "Too much", "And now?", "exit", "never read"])
    prompts: list[str] = []
    written: list[str] = []

    def read(prompt: str) -> str:
        prompts.append(prompt)
        return next(lines)

    with program(home, project, model=model) as client:
        client.chat_loop("long_chat", read=read, write=written.append, temperature=0.5)
        assert texts(client.existing("long_chat").messages) == ["Thank you", "My pleasure.", "And now?", "Here again."]
    answers = "".join(written).splitlines()
    assert (answers[0], answers[2]) == ("My pleasure.", "Here again.") and answers[1].startswith("Error: ")
    assert set(prompts) == {"[long_chat] You: "} and next(lines) == "never read"
    assert model.requests[0].json["temperature"] == 0.5


async def test_s1_10_py_the_loop_ends_with_its_input_and_goes_on_later(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with async_program(home, project, model=model) as client:
        for line in ("First", "Second"):
            lines = iter([line])

            def read(_: str, lines=lines) -> str:
                try:
                    return next(lines)
                except StopIteration:
                    raise EOFError from None

            await client.chat_loop("long_chat", read=read, write=lambda _: None)
            await model.next_request()
    assert sent_texts(model.requests[1])[-3:] == ["First", DEFAULT_TEXT, "Second"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of sessions, chunks and embeddings, as another program writes it."""
    path = tmp_path / "agent.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, label TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);"
            "CREATE TABLE chunks (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, source TEXT,"
            " created_at TIMESTAMP);"
            "CREATE TABLE embeddings (chunk_id INTEGER, model TEXT, dim INTEGER, embedding TEXT);"
            "INSERT INTO sessions VALUES ('research2', 'Research', '2025-11-22 20:30:15'),"
            " ('novel_draft1', NULL, '2025-11-23 08:00:00');"
            "INSERT INTO chunks VALUES (1, 'research2', 'user', 'Summarize this topic', 'ask', '2025-11-22 20:30:15'),"
            " (2, 'research2', 'agent', 'It is about quokkas.', 'ask', '2025-11-22 20:30:18'),"
            " (3, 'novel_draft1', 'user', 'Once upon a time', 'chat', '2025-11-23 08:00:00');"
            "INSERT INTO embeddings VALUES (1, 'e5', 2, '[0.1, 0.2]');"
        )
    return path


def test_s1_10_py_a_database_of_another_program_comes_in(home: Home, project: Path, database: Path) -> None:
    with program(home, project) as client:
        dry = client.sessions.import_path(database, dry_run=True)
        assert (dry.sessions, dry.messages, client.sessions.list()) == (2, 3, [])
        assert client.sessions.import_path(database) == dry
        research = client.existing("research2")
        assert (research.info.label, research.info.created_at) == ("Research", "2025-11-22T20:30:15.000Z")
        assert [(m.role, m.source, m.content, m.created_at) for m in research.messages] == [
            ("user", "ask", "Summarize this topic", "2025-11-22T20:30:15.000Z"),
            ("assistant", "ask", "It is about quokkas.", "2025-11-22T20:30:18.000Z"),
        ]
        assert client.sessions.import_path(database).skipped == 2


def test_s1_10_py_what_is_no_such_database_is_refused(home: Home, project: Path, tmp_path: Path) -> None:
    broken = base64.b64encode(b"SQLite format 3\0" + b"\0" * 100).decode()
    (tmp_path / "noise").write_bytes(b"\xff\xfe\xfd")
    with program(home, project) as client:
        for attempt in (
            lambda: client.sessions.import_(broken, format="sqlite"),
            lambda: client.sessions.import_path(tmp_path / "noise"),
            lambda: client.sessions.import_path(tmp_path / "nothing"),
        ):
            with pytest.raises(RejoinderError) as caught:
                attempt()
            assert caught.value.hint
        assert client.sessions.list() == []
