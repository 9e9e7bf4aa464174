"""Many processes that find, start, end and replace one folder's engine at the same time."""

import asyncio
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_kit import Desk, open_desk, until
from rejoinder.engine.claim import read_holder
from rejoinder.engine.greeting import Greeting, Reply
from rejoinder.engine.reception import Limits, Reception
from toy_engine import Toy


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="rj") as runtime, open_desk(tmp_path, Path(runtime)) as desk:
        yield desk


def ask_all(desk: Desk, count: int, **options: object) -> set[int]:
    """Start so many pipes at once; answers the processes that served them."""
    clients = [desk.pipe(**options) for _ in range(count)]
    return {client.ask()["pid"] for client in clients}


def sockets(desk: Desk) -> list[str]:
    return [str(path) for path in desk.runtime.rglob("*.sock")]


def test_eight_pipes_on_an_empty_folder_get_one_engine(desk: Desk) -> None:
    assert len(ask_all(desk, 8)) == 1
    assert desk.events() == ["opened"]
    assert sockets(desk) == [desk.address()]


def test_eight_pipes_after_a_kill_get_one_engine_and_no_dead_socket_stays(desk: Desk) -> None:
    desk.pipe().ask()
    killed = desk.kill_engine(signal.SIGKILL)
    (pid,) = ask_all(desk, 8)
    assert pid != killed
    assert desk.events() == ["opened", "opened"]
    assert sockets(desk) == [desk.address()]


def test_eight_newer_pipes_get_one_newer_engine(desk: Desk) -> None:
    old = desk.pipe()
    before = old.ask()["pid"]
    (pid,) = ask_all(desk, 8, version="1.1")
    assert pid != before
    assert old.wait()[0] == 1
    assert desk.events() == ["opened", "draining", "drained", "client gone", "stopped", "opened"]


def test_nobody_fails_while_engines_come_and_leave(desk: Desk) -> None:
    """With no idle time, each client that leaves may take the engine along while the next one knocks."""
    answered = []

    def come_and_go() -> None:
        for _ in range(12):
            client = desk.pipe()
            answered.append(client.ask("echo", "a")["echo"])
            assert client.hang_up() == 0

    threads = [threading.Thread(target=come_and_go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.wait_until_free()
    assert answered == ["a"] * 36
    lives = [event for event in desk.events() if event != "client gone"]
    assert lives == ["opened", "stopped"] * (len(lives) // 2)  # never two at a time
    assert sockets(desk) == []


@pytest.fixture
def slow_stop(desk: Desk) -> Iterator[Path]:
    """A FIFO that holds up the engine while it stops, until it is read."""
    desk.data_dir.mkdir()
    fifo = desk.data_dir / "stopping"
    os.mkfifo(fifo)
    yield fifo
    os.close(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
    fifo.unlink()


def test_a_client_that_comes_during_the_leaving_waits_for_the_next_engine(desk: Desk, slow_stop: Path) -> None:
    first = desk.pipe()
    before = first.ask()["pid"]
    first.hang_up()
    until(lambda: read_holder(desk.data_dir).leaving)
    address = desk.address()
    second = desk.pipe()
    second.send("initialize")
    until(lambda: desk.address() != address)
    assert desk.events() == ["opened", "client gone"]  # still at it, and the next one has not begun
    slow_stop.read_text()
    assert second.receive()["pid"] != before
    assert desk.events() == ["opened", "client gone", "stopped", "opened"]


def test_an_engine_whose_starter_was_killed_serves_the_next_one_or_leaves(desk: Desk) -> None:
    starter = desk.pipe(limits={"first_client": 0.0})
    until(lambda: desk.address() is not None)
    starter.process.kill()
    starter.process.wait()
    client = desk.pipe()
    client.ask()
    assert client.hang_up() == 0
    desk.wait_until_free()
    assert sockets(desk) == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0", b"/no/such/socket", b"a" * 5000, b"/"])
def test_an_address_that_leads_nowhere_is_replaced(desk: Desk, content: bytes) -> None:
    desk.data_dir.mkdir()
    (desk.data_dir / "engine.address").write_bytes(content)
    (desk.data_dir / "engine.lock").write_bytes(content)
    assert desk.pipe().ask()


def test_a_file_that_a_damaged_address_names_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    desk.data_dir.mkdir()
    (desk.data_dir / "engine.address").write_text(str(tmp_path / "precious"))
    assert desk.pipe().ask()
    assert (tmp_path / "precious").read_text() == "kept"


def test_folders_have_engines_of_their_own(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with open_desk(tmp_path / "other", desk.runtime) as other:
        assert desk.pipe().ask()["pid"] != other.pipe().ask()["pid"]


async def test_leaving_is_decided_only_while_nobody_is_there(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="rj") as runtime:
        service = Toy(tmp_path, "1.0")
        reception = Reception(service, data_dir=tmp_path, version="1.0", secret="", limits=Limits())
        path = f"{runtime}/socket"
        async with await asyncio.start_unix_server(reception.receive, path):
            reader, writer = await asyncio.open_unix_connection(path)
            await reception.occupied.wait()
            assert not reception.leave_if_vacant()
            writer.write(Greeting("1.0", str(tmp_path)).encode())
            assert Reply.decode(await reader.readline()).ok
            writer.close()
            await reception.vacant.wait()
            assert reception.leave_if_vacant()
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(Greeting("1.0", str(tmp_path)).encode())
            assert await reader.read() == b""
            writer.close()
            await reception.vacant.wait()
