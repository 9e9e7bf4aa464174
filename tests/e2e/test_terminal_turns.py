"""Questions from the terminal: what goes along, who answers, and what is shown beside the answer."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from e2e.command import REJOINDER, Command, asking
from e2e.kit import Home
from fake_model import FakeModel, Reply
from terminal import Terminal


@pytest.fixture
def rejoinder(home: Home, project: Path) -> Command:
    return Command(home, project)


def sent(model: FakeModel, number: int = -1) -> str:
    """All that a request brought to the model."""
    return json.dumps(model.requests[number].json, ensure_ascii=False)


async def test_s1_08_cli_four_answers_stream_at_once_into_four_sessions(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "Are you there?", "--quick", *asking(model))
    await model.next_request()
    gate = model.gate()
    model.script(*(Reply(echo=True, gate=gate) for _ in range(4)))
    questions = [f"question number {number} of several" for number in range(4)]
    running = [
        rejoinder.start("ask", question, "--session", f"side{number}", *asking(model))
        for number, question in enumerate(questions)
    ]
    try:
        for _ in running:
            await model.next_request()
        gate.release(len(running))
        gate.open()
        for process, question in zip(running, questions, strict=True):
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            assert question in out
    finally:
        for process in running:
            process.kill()
    for number, question in enumerate(questions):
        messages = rejoinder.json("session", "show", f"side{number}")["messages"]
        assert messages[0]["content"] == question
        assert len(messages) == 2 and question in messages[1]["content"]


def test_s3_10_cli_a_failed_turn_leaves_history_and_keeps_the_text(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "works", "--session", "s", *asking(model))
    model.script(Reply(dies_after=2), Reply(dies_after=2), Reply(dies_after=2), Reply(dies_after=2))
    failed = rejoinder("ask", "is lost?", "--session", "s", *asking(model), code=1)
    assert "error: " in failed.err and "hint: " in failed.err and "Traceback" not in failed.err
    shown = rejoinder.json("session", "show", "s")
    assert [message["content"] for message in shown["messages"] if message["role"] == "user"] == ["works"]
    assert shown["session"]["draft"] == "is lost?"


def test_s5_07_cli_a_quick_question_leaves_no_trace(rejoinder: Command, model: FakeModel) -> None:
    for call in (("ask", "--quick", "a riddle of kumquats"), ("chat", "--quick", "a riddle of kumquats")):
        assert "fake model" in rejoinder(*call, *asking(model)).out
        assert "kumquats" in sent(model)
    assert rejoinder("session", "list").out == "No sessions found.\n"
    assert b"kumquats" not in rejoinder.home.everything_written()


def test_s5_08_cli_trace_metrics_and_context(rejoinder: Command, model: FakeModel, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("The pool holds nine connections.")
    how = ("--model", "openai-compatible:fake", "--base-url", model.url, "--context", "It is Monday.")
    asked = rejoinder("ask", "ConnectionPool check", "--trace", "--metrics", "--context", str(notes), *how)
    assert "It is Monday." in sent(model) and "nine connections" in sent(model)
    assert "It is Monday." not in asked.out
    assert "Looked up:" in asked.err and "pool.py:1" in asked.err
    assert "Sent: " in asked.err and "It is Monday." in asked.err
    assert "openai-compatible:fake · " in asked.err and " tokens · " in asked.err
    answer = json.loads(rejoinder("ask", "ConnectionPool check", "--trace", "--json", *how).out)
    assert answer["trace"]["hits"] and answer["usage"]["inputTokens"]
    assert "It is Monday." in json.dumps(answer["trace"]["messages"])
    chatted = rejoinder("chat", "--trace", "--metrics", *how, text="ConnectionPool check\n")
    assert "Sent: " in chatted.err and " tokens · " in chatted.err


def test_settings_of_one_call_reach_the_model(rejoinder: Command, model: FakeModel) -> None:
    how = ("--temperature", "0.25", "--max-tokens", "77", "--system", "Speak like a pirate.")
    rejoinder("ask", "hello", *how, *asking(model))
    request = model.requests[0].json
    assert request["temperature"] == 0.25
    assert 77 in (request.get("max_tokens"), request.get("max_completion_tokens"))
    assert "Speak like a pirate." in sent(model)


def test_a_session_goes_on(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "My name is Alice.", *asking(model))
    rejoinder("ask", "What is my name?", "--continue", *asking(model))
    assert "My name is Alice." in sent(model)
    assert [session["messageCount"] for session in rejoinder.sessions().values()] == [4]


def test_a_diff_is_piped_in_or_taken_from_git(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "/review", *asking(model), text="-old line\n+new line\n")
    assert "+new line" in sent(model) and "Review this change" in sent(model)
    git(rejoinder.project, "init", "-q")
    git(rejoinder.project, "add", ".")
    git(rejoinder.project, "commit", "-qm", "Begin")
    (rejoinder.project / "pool.py").write_text("class Pond:\n    pass\n")
    rejoinder("ask", "/commit", *asking(model))
    assert "+class Pond:" in sent(model) and "commit message" in sent(model)


def test_the_question_itself_is_piped_in(rejoinder: Command, model: FakeModel) -> None:
    assert "fake model" in rejoinder("ask", *asking(model), text="what is it?").out
    assert "what is it?" in sent(model)
    rejoinder("ask", code=2)


def test_the_model_of_a_call_counts_more_than_that_of_the_session(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("session", "create", "--id", "other", "--model", "openai-compatible:usual")
    rejoinder("ask", "hello", "--session", "other", *asking(model, "special"))
    assert model.requests[-1].json["model"] == "special"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments], cwd=folder, check=True)


def test_models_are_listed_and_chosen_and_their_use_is_told(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "hello", *asking(model))
    (day,) = (each for each in rejoinder.json("usage", "--days", "1")["days"] if each["model"].endswith("fake"))
    assert day["turns"] >= 1 and day["usage"]["inputTokens"] > 0
    header = rejoinder("usage").out.splitlines()[0].split()
    assert header[:5] == ["DAY", "MODEL", "TURNS", "IN", "OUT"]
    assert rejoinder("models").out.splitlines()[1].startswith("●  extractive")
    assert rejoinder("models", "use", "ollama:chosen").out == "In use: ollama:chosen\n"
    assert rejoinder("models", "use", "--none").out == "In use: extractive\n"
    rejoinder("models", "use", code=2)


def test_no_color_is_heeded_on_a_terminal(rejoinder: Command, model: FakeModel) -> None:
    model.script(*2 * [Reply(text="```python\nreturn 1\n```\n")])
    coloured = []
    for environment in ({}, {"NO_COLOR": "1"}):
        call = [*REJOINDER, "ask", "show it", "--quick", *asking(model)]
        variables = {**rejoinder.home.environment, **environment}
        with Terminal(call, folder=rejoinder.project, environment=variables) as terminal:
            assert terminal.wait_for_end() == 0
            assert "return 1" in terminal.text
            coloured.append(re.search(rb"\x1b\[[0-9;]*\b(3[0-7]|9[0-7]|4[0-7])[;m]", terminal.seen) is not None)
    assert coloured == [True, False]
