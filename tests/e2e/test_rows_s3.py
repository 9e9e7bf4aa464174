"""A session as an object: configured, run, streamed, forked, turned into a value and back."""

import asyncio
import json
from pathlib import Path

import pytest

from e2e.kit import Home, messages, sent_texts
from e2e.python_kit import async_program, program, texts
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder_client import AsyncSession, End, Message, RejoinderError, Session, Started, Text, UserMessage
from rejoinder_client.errors import InvalidParams, NotFound, SessionBusy

HISTORY = [Message.user("What is the capital of France?"), Message.assistant("The capital of France is Paris.")]


async def test_s3_01_lsp_a_session_with_its_own_id_prompt_and_messages(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        begun = messages("What is the capital of France?", "Paris.")
        await editor.call("session/create", sessionId="user-123", system="Answer in French.", messages=begun)
        await editor.call("chat", text="What about Germany?", sessionId="user-123")
        first, *rest = sent_texts(await model.next_request())
        assert "Answer in French." in first
        assert rest[-3:] == ["What is the capital of France?", "Paris.", "What about Germany?"]


def test_s3_01_py_a_session_with_its_own_id_prompt_and_messages(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("user-123", system="Answer in French.", messages=HISTORY)
        assert (session.session_id, session.info.system) == ("user-123", "Answer in French.")
        session.run("What about Germany?")
        first, *rest = sent_texts(model.requests[0])
        assert "Answer in French." in first
        assert rest[-3:] == [HISTORY[0].content, HISTORY[1].content, "What about Germany?"]
        assert client.session().session_id != client.session().session_id


def test_s3_02_py_run_sends_the_settings_of_the_call(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        answer = client.session("s").run(
            "Explain", temperature=0.7, max_tokens=500, top_p=0.5, seed=7, stop=["END"], effort="low"
        )
        sent = model.requests[0].json
        assert (sent["temperature"], sent["top_p"], sent["seed"], sent["stop"]) == (0.7, 0.5, 7, ["END"])
        assert 500 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
        assert sent["reasoning_effort"] == "low"
        assert (answer.text, str(answer), answer.stop_reason) == (DEFAULT_TEXT, DEFAULT_TEXT, "end_turn")
        assert answer.usage.output_tokens > 0 and answer.model == "openai-compatible:fake"
        client.session("s").run("Once more")
        assert "temperature" not in model.requests[1].json


def test_s3_02_py_a_stream_is_of_typed_events(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s")
        events = list(session.stream("Write a story", temperature=0.5))
        assert [type(event) for event in events[:2]] == [Started, UserMessage] and isinstance(events[-1], End)
        assert "".join(event.text for event in events if event.type == "text") == DEFAULT_TEXT
        assert model.requests[0].json["temperature"] == 0.5
        assert texts(session.messages) == ["Write a story", DEFAULT_TEXT]


async def test_s3_02_py_run_and_stream_with_an_event_loop(home: Home, project: Path, model: FakeModel) -> None:
    async with async_program(home, project, model=model) as client:
        session = await client.session("s")
        assert (await session.run("Explain", max_tokens=9)).text == DEFAULT_TEXT
        sent = model.requests[0].json
        assert 9 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
        pieces = [event.text async for event in session.stream("Write a poem") if isinstance(event, Text)]
        assert "".join(pieces) == DEFAULT_TEXT and len(await session.messages) == 4


async def test_s3_02_py_two_turns_at_once_are_refused_or_queued(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="1", gate=gate), Reply(text="2"))
    async with async_program(home, project, model=model) as client:
        session = await client.session("s")
        first = asyncio.create_task(session.run("One"))
        await model.next_request()
        with pytest.raises(SessionBusy) as caught:
            await session.run("Two")
        assert caught.value.turn_id
        second = asyncio.create_task(session.run("Two", queue=True))
        gate.open()
        assert [(await first).text, (await second).text] == ["1", "2"]


def test_s3_04_py_messages_are_a_copy_and_history_is_managed(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", messages=HISTORY)
        copy = session.messages
        copy.clear()
        assert [(message.role, message.content) for message in session.messages] == [
            *[("user", HISTORY[0].content), ("assistant", HISTORY[1].content)]
        ]
        added = session.add(Message.user("Custom question"), Message.assistant("Custom answer"))
        assert [message.message_id for message in session.messages][2:] == added
        session.rollback(added[0])
        assert texts(session.messages)[2:] == ["Custom question"]
        session.clear()
        assert len(session.messages) == 0


def test_s3_05_py_a_fork_goes_its_own_way(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="Tokyo and Kyoto."), Reply(text="Osaka."))
    with program(home, project, model=model) as client:
        session = client.session("trip", system="Plan trips.")
        session.run("I want to visit Tokyo and Kyoto")
        before = session.messages
        other = session.fork(session_id="alternative-plan", name="Osaka")
        other.run("Let's rather visit Osaka")
        assert (other.session_id, other.info.name, other.info.system) == ("alternative-plan", "Osaka", "Plan trips.")
        assert session.messages == before
        assert texts(other.messages) == [*texts(before), "Let's rather visit Osaka", "Osaka."]
        first = session.fork(message_id=before[0].message_id)
        assert texts(first.messages) == ["I want to visit Tokyo and Kyoto"]
        origin = first.info.forked_from
        assert origin is not None and (origin.session_id, origin.message_id) == ("trip", before[0].message_id)


def test_s3_06_py_a_session_becomes_a_dict_and_a_session_again(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s", system="Be brief.", metadata={"a": 1})
        session.run("Hello?")
        data, said = json.loads(json.dumps(session.to_dict())), session.messages
        copy = Session.from_dict(data, client, session_id="copy")
        assert (copy.session_id, copy.messages, copy.info.system, copy.metadata) == (
            "copy",
            said,
            "Be brief.",
            {"a": 1},
        )
        session.run("And then?")
        with pytest.raises(InvalidParams, match="already") as caught:
            Session.from_dict(data, client)
        assert "replace=True" in caught.value.hint and len(session.messages) == 4
        assert Session.from_dict(data, client, replace=True).messages == said == session.messages
        session.delete(permanent=True)
        restored = Session.from_dict(data, client)
        restored.run("Where were we?")
        assert sent_texts(model.requests[-1])[-3:] == ["Hello?", DEFAULT_TEXT, "Where were we?"]


def test_s3_06_py_a_session_becomes_a_file_and_a_session_again(home: Home, project: Path, tmp_path: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", messages=HISTORY)
        session.to_file(tmp_path / "session.json")
        session.to_file(tmp_path / "session.json")
        session.delete(permanent=True)
        restored = Session.from_file(str(tmp_path / "session.json"), client)
        assert texts(restored.messages) == [message.content for message in HISTORY]
        assert (tmp_path / "session.json").stat().st_mode & 0o777 == 0o600
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["session.json"]
        (tmp_path / "broken.json").write_text("{")
        with pytest.raises(InvalidParams):
            Session.from_file(tmp_path / "broken.json", client)
        with pytest.raises(NotFound):
            Session.from_file(tmp_path / "nothing.json", client)


@pytest.mark.parametrize("data", [{}, {"sessions": []}, {"sessions": [{"session": {}}]}, {"sessions": [5]}, []])
async def test_s3_06_py_what_is_no_session_is_refused(home: Home, project: Path, data) -> None:
    async with async_program(home, project) as client:
        with pytest.raises(RejoinderError) as caught:
            await AsyncSession.from_dict(data, client)
        assert caught.value.hint and await client.sessions.list() == []
