"""The terminal command as a process, with a real engine behind it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fake_model import FakeModel, Reply
from rejoinder_client import Client

REJOINDER = [sys.executable, "-m", "rejoinder"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project, with the engine running."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "calc.py").write_text('def add(a, b):\n    """Add two numbers."""\n    return a + b\n')
    with Client(folders=[folder]):
        yield folder


@pytest.fixture
def rejoinder(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([*REJOINDER, *arguments], cwd=project, input=text, capture_output=True, text=True)

    return run


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


def test_ask_answers_with_file_and_line_and_is_remembered(rejoinder) -> None:
    asked = rejoinder("ask", "where", "is", "add", "defined?")
    assert asked.returncode == 0
    assert "def add(a, b):" in asked.stdout
    assert asked.stdout.endswith("Sources:\n  calc.py:1\n")
    (session,) = json.loads(rejoinder("session", "list", "--json").stdout)["sessions"]
    shown = json.loads(rejoinder("session", "show", session["sessionId"][:8], "--json").stdout)
    assert [message["role"] for message in shown["messages"]] == ["user", "assistant"]
    assert shown["messages"][0]["content"] == "where is add defined?"


def test_ask_takes_the_question_or_more_text_from_a_pipe(rejoinder, model: FakeModel) -> None:
    how = ("--model", "openai-compatible:any", "--base-url", model.url)
    answer = json.loads(rejoinder("ask", "--json", *how, "-", text="what is it? é").stdout)
    assert answer["text"].startswith("This answer comes from the fake model")
    rejoinder("ask", *how, "--file", "calc.py:2-3", "what is this?", text="piped in")
    first, second = (json.dumps(request.json, ensure_ascii=False) for request in model.requests)
    assert "what is it? é" in first
    assert "piped in" in second
    assert "return a + b" in second


def test_chat_reads_lines_until_it_is_told_to_end(rejoinder) -> None:
    chatted = rejoinder("chat", "--new", "Sums", text="where is add?\n\nand what does it do?\nexit\nnot read\n")
    assert chatted.returncode == 0
    (session,) = json.loads(rejoinder("session", "list", "--json").stdout)["sessions"]
    assert (session["name"], session["messageCount"]) == ("Sums", 4)
    rejoinder("chat", "--session", "Sums", text="once more\n")
    assert rejoinder("session", "show", "Sums").stdout.count("[user,") == 3


def test_ctrl_c_stops_an_answer_and_not_the_chat(project: Path, model: FakeModel) -> None:
    model.script(Reply(text="one two three", hangs_after=2), Reply(text="the end"))
    arguments = ["chat", "--model", "openai-compatible:any", "--base-url", model.url]
    with started(arguments, project) as process:
        say(process, "first\n")
        read_until(process, "one")
        process.send_signal(signal.SIGINT)
        say(process, "second\n")
        read_until(process, "the end")
        process.stdin.close()
        assert process.wait() == 0
        assert "(stopped)" in process.stderr.read().decode()
    assert model.requests[0].disconnected.is_set()


def test_ctrl_c_ends_ask(project: Path, model: FakeModel) -> None:
    model.script(Reply(text="one two three", hangs_after=2))
    arguments = ["ask", "why?", "--model", "openai-compatible:any", "--base-url", model.url]
    with started(arguments, project) as process:
        process.stdin.close()
        read_until(process, "one")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert b"Traceback" not in process.stderr.read()


def test_the_index_is_looked_into_and_searched(rejoinder, project: Path) -> None:
    (project / "logo.png").write_bytes(b"\x89PNG\0\0")
    found = rejoinder("index", "search", "add two numbers", "--parts")
    assert found.returncode == 0
    assert "calc.py:1  in def add\n" in found.stdout
    assert "bm25 " in found.stdout
    assert json.loads(rejoinder("index", "search", "add", "--json").stdout)["hits"][0]["uri"].endswith("/calc.py")
    assert rejoinder("index", "search", "add", "--source", "message").stdout == "Nothing was found.\n"
    assert rejoinder("index", "explain", "calc.py").stdout.startswith("in: ")
    assert rejoinder("index", "explain", "logo.png").stdout.startswith("out: ")
    shown = rejoinder("index", "status").stdout
    assert shown.startswith("state     ready\nfiles     ")
    assert "model     builtin" in shown
    assert rejoinder("index", "rebuild", "calc.py").returncode == 0


def test_session_list_is_a_table(rejoinder) -> None:
    assert rejoinder("session", "list").stdout == "No sessions found.\n"
    for name in ("Plain", "広い文字"):
        rejoinder("chat", "--new", name, text="hello\n")
    header, current, other = rejoinder("session", "list").stdout.splitlines()
    assert header.split() == ["ID", "NAME", "MESSAGES", "UPDATED"]
    assert current.startswith("●")
    assert current.split()[2:4] == ["広い文字", "2"]
    assert other.split()[1:3] == ["Plain", "2"]


def test_session_delete_asks_first(rejoinder) -> None:
    rejoinder("chat", "--new", "Old", text="hello\n")
    refused = rejoinder("session", "delete", "Old")
    assert (refused.returncode, refused.stderr) == (2, "error: Nobody is there to be asked.\nhint: Say --yes.\n")
    assert rejoinder("session", "delete", "Old", "--yes").stdout.startswith("Moved to the trash: Old")
    assert rejoinder("session", "list").stdout == "No sessions found.\n"


def test_a_reference_that_fits_none_or_several(rejoinder) -> None:
    missing = rejoinder("session", "show", "nothing")
    assert missing.returncode == 3
    assert missing.stderr.startswith("error: ")
    assert "\nhint: " in missing.stderr
    for _ in range(2):
        rejoinder("chat", "--new", "Twice", text="hello\n")
    ambiguous = rejoinder("session", "show", "Twice")
    assert ambiguous.returncode == 3
    assert ambiguous.stderr.count("  Twice\n") == 2


@pytest.mark.parametrize(
    "arguments", [["ask"], ["session"], ["ask", "-"], ["ask", "x", "--project", "nowhere"], ["no"]]
)
def test_wrong_usage(rejoinder, arguments: list[str]) -> None:
    assert rejoinder(*arguments).returncode == 2


def test_a_failing_model_is_an_error_with_a_hint(rejoinder, model: FakeModel) -> None:
    model.script(Reply(status=401))
    failed = rejoinder("ask", "why?", "--model", "openai-compatible:any", "--base-url", model.url)
    assert failed.returncode == 1
    assert "error: " in failed.stderr
    assert "hint: " in failed.stderr


def test_doctor_says_what_is_there_and_what_to_do_next(rejoinder) -> None:
    looked = rejoinder("doctor")
    assert looked.returncode == 0
    for text in ("python ", "hnswlib ", "engine ", "model             extractive", "index ", "No model is set"):
        assert text in looked.stdout


def test_a_reader_that_leaves_is_no_error(project: Path) -> None:
    with started(["session", "list"], project) as process:
        process.stdout.close()
        assert process.wait() == 0
        assert process.stderr.read() == b""


def test_output_is_utf_8_whatever_the_locale_says(project: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    asked = subprocess.run(
        [*REJOINDER, "chat", "--new", "Größe"], cwd=project, env=environment, input="ä\n".encode(), capture_output=True
    )
    assert asked.returncode == 0
    listed = subprocess.run([*REJOINDER, "session", "list"], cwd=project, env=environment, capture_output=True)
    assert "Größe" in listed.stdout.decode()


def test_nothing_heavy_is_imported(project: Path) -> None:
    program = (
        "import sys; from rejoinder_client.cli import main; main(['session', 'list']);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True)
    loaded = set(ran.stdout.split())
    assert "attrs" in loaded
    assert not loaded & {
        "pygls",
        "lsprotocol",
        "pydantic",
        "pydantic_ai",
        "httpx",
        "openai",
        "tinydb",
        "numpy",
        "hnswlib",
    }


def started(arguments: list[str], project: Path) -> "subprocess.Popen[bytes]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*REJOINDER, *arguments], cwd=project, bufsize=0, **pipes)


def say(process: "subprocess.Popen[bytes]", text: str) -> None:
    process.stdin.write(text.encode())


def read_until(process: "subprocess.Popen[bytes]", text: str) -> None:
    seen = b""
    while text.encode() not in seen:
        chunk = process.stdout.read(4096)
        assert chunk, (seen, process.stderr.read())
        seen += chunk
