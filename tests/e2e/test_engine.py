"""One engine for each data folder, and the pipe to it, as processes."""

import contextlib
import itertools
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_kit import Desk, open_desk
from rejoinder import __version__
from rejoinder.engine.greeting import Greeting, Reply, is_newer
from rejoinder.engine.locate import EngineUnavailable, connect
from toy_engine import frame


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    # A folder with a short path: a socket's name may not be long.
    with tempfile.TemporaryDirectory(prefix="rj") as runtime, open_desk(tmp_path, Path(runtime)) as desk:
        yield desk


def test_the_first_pipe_starts_the_engine_and_the_second_finds_it(desk: Desk) -> None:
    first, second = desk.pipe(), desk.pipe()
    assert first.ask()["pid"] == second.ask()["pid"] not in (first.process.pid, second.process.pid)
    assert desk.events() == ["opened"]


def test_flags_reach_the_engine_with_each_connection(desk: Desk) -> None:
    first, second = desk.pipe(flags={"model": "a"}), desk.pipe(flags={"model": "b"})
    assert (first.ask()["flags"], second.ask()["flags"]) == ({"model": "a"}, {"model": "b"})


def test_a_conversation_that_the_client_ends_is_a_clean_exit(desk: Desk) -> None:
    client = desk.pipe()
    client.ask()
    client.notify("exit")
    assert client.wait() == (0, "")  # though its input is still open


def test_closed_input_is_a_clean_exit_after_the_last_answer(desk: Desk) -> None:
    client = desk.pipe()
    client.send("initialize", "a" * 300_000)
    client.process.stdin.close()
    assert client.receive()["echo"] == "a" * 300_000
    assert client.wait() == (0, "")


def test_much_goes_both_ways_at_once(desk: Desk) -> None:
    client = desk.pipe()
    payloads = [f"{number}" * 700_000 for number in range(1, 9)]
    sending = threading.Thread(target=lambda: [client.send("echo", payload) for payload in payloads])
    sending.start()
    assert [client.receive()["echo"] for _ in payloads] == payloads
    sending.join()


def test_a_pipe_ends_when_nobody_reads_it(desk: Desk) -> None:
    client = desk.pipe()
    client.ask()
    client.process.stdout.close()
    client.send("echo", "a")
    assert client.wait() == (0, "")


def test_the_engine_leaves_after_its_last_client(desk: Desk) -> None:
    first, second = desk.pipe(), desk.pipe()
    first.ask()
    second.ask()
    assert first.hang_up() == 0
    assert Path(desk.address()).exists()
    assert second.hang_up() == 0
    desk.wait_until_free()
    assert desk.events() == ["opened", "client gone", "client gone", "stopped"]
    assert not Path(desk.address()).exists()


def test_the_engine_stays_for_its_idle_time(desk: Desk) -> None:
    first = desk.pipe(idleSeconds=1000)
    pid = first.ask()["pid"]
    assert first.hang_up() == 0
    assert desk.pipe().ask()["pid"] == pid
    desk.kill_engine(signal.SIGTERM)


def test_the_engine_stays_while_a_turn_is_running(desk: Desk) -> None:
    first = desk.pipe()
    pid = first.ask("turn/begin")["pid"]
    assert first.hang_up() == 0
    second = desk.pipe()
    assert second.ask("turn/end")["pid"] == pid
    second.hang_up()
    desk.wait_until_free()
    assert desk.events()[-1] == "stopped"


@pytest.mark.parametrize("gone", ["socket", "address"])
def test_an_engine_that_cannot_be_found_any_more_puts_up_another_address(desk: Desk, gone: str) -> None:
    first = desk.pipe(limits={"look": 0.05})
    pid = first.ask()["pid"]
    former = desk.address()
    Path(former if gone == "socket" else desk.data_dir / "engine.address").unlink()
    while desk.address() in (former, None):
        first.ask()
    assert desk.pipe().ask()["pid"] == first.ask()["pid"] == pid
    last = Path(desk.address())
    desk.close()
    assert not last.exists()


def test_a_signal_ends_the_engine_in_order_and_its_pipes_with_an_error(desk: Desk) -> None:
    client = desk.pipe(idleSeconds=1000)
    client.ask()
    desk.kill_engine(signal.SIGTERM)
    status, said = client.wait()
    assert status == 1
    assert said.count("\n") == 1 and "engine has gone" in said
    desk.wait_until_free()
    assert desk.events() == ["opened", "draining", "drained", "client gone", "stopped"]


def test_a_killed_engine_ends_its_pipes_with_an_error_and_is_replaced(desk: Desk) -> None:
    client = desk.pipe(idleSeconds=1000)
    client.ask()
    killed = desk.kill_engine(signal.SIGKILL)
    status, said = client.wait()
    assert status == 1 and "engine has gone" in said
    dead = Path(desk.address())
    assert dead.exists()
    assert desk.pipe().ask()["pid"] != killed
    assert not dead.exists()


def test_an_engine_that_hangs_is_named(desk: Desk) -> None:
    client = desk.pipe()
    client.ask()
    pid = desk.kill_engine(signal.SIGSTOP)
    status, said, error = desk.pipe(patience=0.2).refused()
    desk.kill_engine(signal.SIGCONT)
    assert status == 1
    assert (
        said
        == f"rejoinder: The engine of version 1.0 (process {pid}) does not answer. End process {pid} and try again.\n"
    )
    assert error["code"] == -32603 and "does not answer" in error["message"]
    assert client.ask()["pid"] == pid


def test_an_engine_whose_socket_was_taken_away_is_named(desk: Desk) -> None:
    client = desk.pipe()
    pid = client.ask()["pid"]
    Path(desk.address()).unlink()
    status, said, error = desk.pipe().refused()
    assert status == 1 and f"in use by the engine of version 1.0 (process {pid})" in said
    assert (error["code"], error["data"]["holder"]) == (-31012, f"the engine of version 1.0 (process {pid})")
    assert client.ask()["pid"] == pid


def test_a_newer_pipe_makes_the_engine_finish_its_turns_and_hand_over(desk: Desk) -> None:
    old = desk.pipe(idleSeconds=1000)
    before = old.ask("turn/begin")
    new = desk.pipe(version="1.1")
    new.send("initialize")
    while "draining" not in desk.events():
        old.ask()  # still served
    old.ask("turn/end")
    assert old.wait()[0] == 1
    after = new.receive()
    assert (before["version"], after["version"]) == ("1.0", "1.1")
    assert desk.events() == ["opened", "draining", "drained", "client gone", "stopped", "opened"]


def test_a_turn_without_an_end_does_not_stop_the_hand_over(desk: Desk) -> None:
    old = desk.pipe(limits={"drain": 0.05})
    old.ask("turn/begin")
    assert desk.pipe(version="1.1").ask()["version"] == "1.1"
    assert desk.events() == ["opened", "draining", "client gone", "stopped", "opened"]


def test_an_older_pipe_is_served_by_the_newer_engine(desk: Desk) -> None:
    new = desk.pipe(version="1.1")
    pid = new.ask()["pid"]
    old = desk.pipe(version="1.0")
    assert old.ask()["pid"] == pid


def test_versions_are_ordered_by_their_numbers() -> None:
    ordered = ["0.9", "0.10.0.dev3", "0.10", "1.0rc1", "1.0", "1.0.1"]
    pairs = list(itertools.pairwise(ordered))
    assert [is_newer(later, than=earlier) for earlier, later in pairs] == [True] * 5
    assert [is_newer(earlier, than=later) for earlier, later in pairs] == [False] * 5
    assert not is_newer("1.0", than="1.0") and not is_newer("1.0+local", than="1.0")


def test_a_folder_that_another_process_keeps_is_refused_with_its_name(desk: Desk) -> None:
    alone = desk.standalone()
    pid = alone.ask()["pid"]
    status, said, error = desk.pipe().refused()
    assert status == 1
    assert f"in use by the standalone server of version 1.0 (process {pid})" in said and "choose another folder" in said
    assert (error["code"], error["data"]["holder"]) == (-31012, f"the standalone server of version 1.0 (process {pid})")
    status, said, again = desk.standalone().refused()
    assert status == 1 and f"(process {pid})" in said and again == error
    assert alone.hang_up() == 0


def test_an_engine_that_cannot_open_its_folder_tells_the_waiting_pipe_why(desk: Desk) -> None:
    handshake = {"capabilities": {"experimental": {"rejoinder": {"protocolVersion": 1}}}}
    status, said, error = desk.pipe(fail="told").refused(handshake)
    assert (status, said) == (
        1,
        "rejoinder: The disk is full; nothing was changed. Free some space and send it again.\n",
    )
    assert (error["code"], error["message"]) == (-31014, "The disk is full; nothing was changed.")
    assert error["data"] == {"path": "somewhere", "hint": "Free some space and send it again."}
    # who does not know of hints shows the message alone
    *_, error = desk.pipe(fail="told").refused({"capabilities": {"experimental": []}})
    assert error["message"] == "The disk is full; nothing was changed. Free some space and send it again."


def test_an_engine_that_crashes_at_its_start_is_told_with_its_log(desk: Desk) -> None:
    status, said, error = desk.pipe(fail="crash").refused()
    assert status == 1
    assert "exit status 7" in said and str(desk.data_dir / "engine.log") in said
    assert "exit status 7" in error["message"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no message\r\n\r\n",
        b"Content-Length: many\r\n\r\n",
        b"Content-Length: 100\r\n\r\n{}",
        b"Content-Length: 2\r\n\r\n[]",
        frame({"jsonrpc": "2.0", "method": "exit"}),
    ],
)
def test_who_asks_nothing_is_answered_nothing_where_there_is_no_engine(desk: Desk, sent: bytes) -> None:
    client = desk.pipe(fail="told")
    with contextlib.suppress(BrokenPipeError):
        client.process.stdin.write(sent)
        client.process.stdin.close()
    status, said = client.wait()
    assert (status, client.process.stdout.read()) == (1, b"")
    assert said == "rejoinder: The disk is full; nothing was changed. Free some space and send it again.\n"


def test_a_program_that_is_not_there_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from rejoinder.engine.locate import Start

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(desk.runtime))
    start = Start(["/no/such/program"], log=desk.data_dir / "engine.log")
    with pytest.raises(EngineUnavailable, match="/no/such/program"):
        connect(desk.data_dir, greeting=Greeting("1.0", str(desk.data_dir)), start=start)


def test_only_this_user_can_reach_the_engine_and_read_its_files(desk: Desk) -> None:
    desk.runtime.chmod(0o755)
    desk.pipe().ask()
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in [Path(desk.address()), *desk.data_dir.glob("engine.*")]
    }
    assert set(modes.values()) == {0o600}, modes
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (Path(desk.address()).parent, desk.data_dir)} == {0o700}


def raw(desk: Desk) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(desk.address())
    return connection


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"GET / HTTP/1.1\n", "no greeting"),
        (b'["list"]\n', "no greeting"),
        (b"[" * 60_000 + b"\n", "no greeting"),
        (b'{"rejoinder": 5, "dataDir": "/"}\n', "'rejoinder'"),
        (b'{"rejoinder": "1.0", "dataDir": "/", "want": "all"}\n', "'all'"),
        (b'{"rejoinder": "1.0", "dataDir": "/elsewhere"}\n', "data folder"),
        (b"a" * 1_000_000, "longer than"),
        (b"", ""),
    ],
)
def test_a_wrong_greeting_ends_that_connection_alone(desk: Desk, line: bytes, reason: str) -> None:
    client = desk.pipe(limits={"greeting": 0.1})
    client.ask()
    with raw(desk) as stranger, stranger.makefile("rb") as answers:
        try:
            stranger.sendall(line)
            answer = answers.read()  # to the end: the engine closes
        except ConnectionError:
            answer = b""
        assert not answer or reason in Reply.decode(answer).reason
    assert client.ask()


def test_status_tells_who_is_there_without_starting_anyone(desk: Desk) -> None:
    greeting = Greeting("9.9", str(desk.data_dir), want="status")
    with pytest.raises(EngineUnavailable):
        connect(desk.data_dir, greeting=greeting, start=None)
    client = desk.pipe()
    pid = client.ask()["pid"]
    connection = connect(desk.data_dir, greeting=greeting, start=None)
    connection.socket.close()
    assert connection.reply == Reply("1.0", str(desk.data_dir), pid)


def test_standalone_serves_one_client_and_keeps_stray_prints_from_it(desk: Desk) -> None:
    client = desk.standalone()
    assert client.ask()["pid"] == client.process.pid
    assert client.ask("stray", "a" * 300_000)["echo"] == "a" * 300_000
    assert client.hang_up() == 0
    assert "what a library prints" in client.process.stderr.read().decode()
    assert desk.events() == ["opened", "client gone", "stopped"]


def test_standalone_reads_and_writes_plain_files(desk: Desk, tmp_path: Path) -> None:
    questions, answers = tmp_path / "in", tmp_path / "out"
    questions.write_bytes(frame({"jsonrpc": "2.0", "id": 1, "method": "initialize"}))
    with questions.open("rb") as source, answers.open("wb") as sink:
        assert desk.standalone(stdin=source, stdout=sink).process.wait() == 0
    assert json.loads(answers.read_bytes().partition(b"\r\n\r\n")[2])["id"] == 1


def test_standalone_ends_in_order_on_a_signal(desk: Desk) -> None:
    client = desk.standalone()
    client.ask()
    client.process.terminate()
    assert client.process.wait() == 0
    assert desk.events() == ["opened", "client gone", "draining", "drained", "stopped"]


def test_the_pipe_imports_nothing_heavy(desk: Desk, tmp_path: Path) -> None:
    desk.pipe(idleSeconds=1000).ask()
    second = desk.pipe(modules=str(tmp_path / "modules"))
    second.ask()
    second.hang_up()
    desk.kill_engine(signal.SIGTERM)
    loaded = set((tmp_path / "modules").read_text().split())
    assert "rejoinder.engine.locate" in loaded
    assert not loaded & {
        "asyncio",
        "attr",
        "pygls",
        "orjson",
        "subprocess",
        "hashlib",
        "logging",
        "tomllib",
        "tempfile",
    }


def rejoinder(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "rejoinder", *arguments]
    return subprocess.run(command, env=desk.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_version_and_help(desk: Desk) -> None:
    assert rejoinder(desk, "--version").stdout == f"rejoinder {__version__}\n"
    helped = rejoinder(desk, "--help")
    assert helped.returncode == 0
    assert all(command in helped.stdout for command in ("serve", "ask", "chat", "session", "doctor"))
    assert rejoinder(desk).returncode == 2
    assert rejoinder(desk, "serve", "--set", "nonsense").returncode == 2
    assert "`rejoinder serve` starts the engine" in rejoinder(desk, "engine").stderr


@pytest.mark.parametrize(
    ("flag", "variable", "configured", "chosen"),
    [
        ("flag", "variable", '"configured"', "flag"),
        (None, "variable", '"configured"', "variable"),
        (None, None, '"configured"', "home/config/rejoinder/configured"),
        (None, None, "5", "home/data/rejoinder"),
        (None, None, "[", "home/data/rejoinder"),
        (None, None, None, "home/data/rejoinder"),
    ],
)
def test_the_data_folder_is_the_strongest_that_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flag: str | None,
    variable: str | None,
    configured: str | None,
    chosen: str,
) -> None:
    from rejoinder.engine.folders import data_folder

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home/data"))
    monkeypatch.delenv("REJOINDER_DATA_DIR", raising=False)
    if variable:
        monkeypatch.setenv("REJOINDER_DATA_DIR", variable)
    if configured:
        (tmp_path / "home/config/rejoinder").mkdir(parents=True)
        (tmp_path / "home/config/rejoinder/config.toml").write_text(f"dataDir = {configured}\n")
    assert data_folder(flag) == tmp_path / chosen


def test_a_data_folder_that_cannot_be_used_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    status, said, error = desk.pipe().refused()
    assert status == 1 and str(tmp_path / "data") in said and "choose another folder" in said
    assert str(tmp_path / "data") in error["message"]
    (tmp_path / "data").unlink()


def test_the_command_serves_from_the_engine_that_is_running(desk: Desk) -> None:
    pid = desk.pipe(version=__version__).ask()["pid"]
    command = [sys.executable, "-m", "rejoinder", "serve", "--data-dir", os.path.relpath(desk.data_dir)]
    client = desk.run([*command, "--model", "a", "--log-level", "debug", "--set", "trashDays=3", "--set", "embedder=b"])
    answer = client.ask()
    assert answer["pid"] == pid
    assert answer["flags"] == {"model": "a", "log.level": "debug", "trashDays": 3, "embedder": "b"}
