"""Long sessions stay within the budget, and a turn that fails leaves no trace but a draft."""

import contextlib
from pathlib import Path

import pytest

from e2e.kit import Home, sent_texts
from e2e.python_kit import async_program, program, texts
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder_client import Client, End, Message, RejoinderError, Text, errors

TURNS = 1000
CONTEXT = 4000
FACT = "The zebra cache expires after nine minutes."


def long_history() -> list[Message]:
    """A thousand turns, the third of which holds a fact."""
    said = [Message.user(f"Question {number}? " + "word " * 20) for number in range(TURNS)]
    answers = [Message.assistant(f"Answer {number}. " + "text " * 20) for number in range(TURNS)]
    said[2] = Message.user(f"Remember: {FACT}")
    return [message for turn in zip(said, answers, strict=True) for message in turn]


def test_s3_09_py_a_thousand_turns_stay_within_the_budget(home: Home, project: Path, model: FakeModel) -> None:
    options = {"contextTokens": CONTEXT, "retrieve": True}
    with program(home, project, model=model, options=options) as client:
        session = client.session("s", messages=long_history())
        previewed = session.preview("When does the zebra cache expire?")
        assert previewed.tokens <= previewed.budget <= CONTEXT
        session.run("When does the zebra cache expire?", retrieve=True)
        sent = "\n".join(sent_texts(model.requests[-1]))
        assert FACT in sent and len(sent.encode()) / 3.5 < CONTEXT
        assert session.refresh().message_count == len(session.messages) == 2 * TURNS + 2


def test_s3_09_py_a_new_session_starts_from_a_summary(home: Home, project: Path) -> None:
    with program(home, project) as client:
        said = [Message.user(FACT), Message.assistant("Noted."), Message.user("Thanks."), Message.assistant("Welcome.")]
        session = client.session("s", messages=said)
        other = session.fork("next", summarize=True)
        (summary,) = other.messages
        assert summary.role == "system" and "nine minutes" in summary.content
        assert len(session.messages) == 4 and session.summarize().covers


def test_s3_10_py_a_failed_turn_leaves_history_and_a_draft(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s")
        session.run("Before")
        said = session.messages
        model.script(Reply(dies_after=3), Reply(status=401))
        with pytest.raises(errors.ModelUnavailable) as caught:
            session.run("Hello?")
        assert caught.value.hint and isinstance(caught.value, errors.RejoinderError)
        assert (session.messages, session.refresh().draft) == (said, "Hello?")
        received: list[str] = []
        with pytest.raises(errors.ModelAuth):
            received += [event.text for event in session.stream("Hello again?") if isinstance(event, Text)]
        assert (received, session.messages, session.refresh().draft) == ([], said, "Hello again?")
        session.run("Hello again?")
        assert texts(session.messages)[-2:] == ["Hello again?", DEFAULT_TEXT] and session.refresh().draft is None


async def test_s3_10_py_a_cancelled_stream_keeps_its_part_and_marks_it(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="one two three", hangs_after=2))
    async with async_program(home, project, model=model) as client:
        session = await client.session("s")
        async with contextlib.aclosing(session.stream("Count")) as events:
            async for event in events:
                if isinstance(event, Text):
                    await session.cancel()
                if isinstance(event, End):
                    assert event.stop_reason == "cancelled"
        await model.requests[0].disconnect()
        assert (await session.messages)[-1].stop_reason == "cancelled"


def test_s3_10_py_all_errors_share_one_base_and_have_a_hint(home: Home, project: Path, model: FakeModel) -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(classes) > 25 and all(issubclass(each, RejoinderError) for each in classes)
    with program(home, project, model=model) as client:
        client.session("alpha-1")
        client.session("alpha-2")
        attempts = {
            errors.SessionNotFound: lambda: client.existing("nobody"),
            errors.Ambiguous: lambda: client.open("alpha"),
            errors.InvalidParams: lambda: client.session("no id"),
            errors.NotFound: lambda: client.existing("alpha-1").rollback("nothing"),
            errors.ModelNotConfigured: lambda: client.chat("x", model="openai-compatible:"),
        }
        for expected, attempt in attempts.items():
            with pytest.raises(RejoinderError) as caught:
                attempt()
            assert type(caught.value) is expected and caught.value.hint and caught.value.code is not None
    with pytest.raises(errors.ConnectionLost) as lost:
        closed(client)
    assert lost.value.hint


def closed(client: Client) -> None:
    """Use a client after its end."""
    client.sessions.list()
