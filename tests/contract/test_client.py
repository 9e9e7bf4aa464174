"""The Python client, asynchronous and blocking, against a peer that speaks the protocol and misbehaves on demand."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rejoinder.protocol import methods
from rejoinder_client import (
    AsyncClient,
    Client,
    ConnectionLost,
    End,
    Message,
    Session,
    Started,
    Streams,
    Text,
    attachment,
    errors,
    open_pipe,
    open_socket,
    open_streams,
)
from toy_server import Toy

TOY = [sys.executable, str(Path(__file__).parent.parent / "toy_server.py")]


class InProcess:
    """A toy in this process, and streams to it."""

    def __init__(self) -> None:
        self.toy: Toy | None = None

    async def open(self) -> Streams:
        ours, theirs = socket.socketpair()
        self.toy = Toy(*await asyncio.open_connection(sock=theirs))
        self._serving = asyncio.create_task(self.toy.serve())
        return await open_streams(*await asyncio.open_connection(sock=ours))

    def calls(self, method: str) -> list[dict]:
        return [call.get("params") for call in self.toy.calls if call.get("method") == method]


@pytest.fixture
def peer() -> InProcess:
    return InProcess()


@pytest.fixture
async def client(peer: InProcess) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(peer.open(), configuration={"rejoinder": {"retrieve": False}}) as client:
        yield client


@pytest.fixture
def blocking_client(peer: InProcess) -> Iterator[Client]:
    with Client(peer.open()) as client:
        yield client


async def drain(items: AsyncIterator) -> None:
    async for _ in items:
        pass


def texts(updates: list) -> list[str]:
    return [update.text for update in updates if isinstance(update, Text)]


# ways to a server


async def test_over_a_pipe() -> None:
    async with AsyncClient(open_pipe(TOY)) as client:
        await check_answer(client)


async def test_over_a_unix_socket_and_over_tcp(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Toy(reader, writer).serve()

    unix = await asyncio.start_unix_server(serve, tmp_path / "socket")
    tcp = await asyncio.start_server(serve, "127.0.0.1")
    port = tcp.sockets[0].getsockname()[1]
    async with unix, tcp:
        for address in (tmp_path / "socket", f"127.0.0.1:{port}"):
            async with AsyncClient(open_socket(address)) as client:
                await check_answer(client)


async def test_over_streams_in_this_process(client: AsyncClient) -> None:
    await check_answer(client)


async def check_answer(client: AsyncClient) -> None:
    session = await client.session("s1")
    answer = await session.run("hello")
    assert str(answer) == answer.text == "You said: hello."
    assert answer.session_id == "s1"
    assert answer.model == "toy"
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens == 5
    assert answer.citations[0].label == "a.py:10-20"
    assert [message.message_id for message in await session.messages][-1] == answer.message_id


async def test_the_handshake_names_workspace_settings_and_units(peer: InProcess, tmp_path: Path) -> None:
    async with AsyncClient(peer.open(), folders=[tmp_path], settings={"model": "extractive"}) as client:
        assert client.server.name == "Toy"
        assert client.server.position_encoding == "utf-32"
    (params,) = peer.calls("initialize")
    assert params["workspaceFolders"] == [{"uri": tmp_path.as_uri(), "name": tmp_path.name}]
    assert params["initializationOptions"] == {"trusted": True, "model": "extractive"}
    assert params["capabilities"]["experimental"]["rejoinder"]["ui"] is True
    assert [call["method"] for call in peer.toy.calls] == ["initialize", "initialized", "shutdown", "exit"]


async def test_the_servers_own_requests_are_answered(client: AsyncClient) -> None:
    session = await client.session()
    assert (await session.run("config")).text == '[{"retrieve": false}, null]'
    assert (await session.run("unknown")).text == "-32601"


# turns


async def test_a_stream_is_typed_and_in_order(client: AsyncClient) -> None:
    session = await client.session()
    updates = [update async for update in session.stream("hello")]
    assert isinstance(updates[0], Started)
    assert texts(updates) == ["You said: ", "hello", "."]
    assert isinstance(updates[-1], End)
    assert updates[-1].citations[0].label == "a.py:10-20"


async def test_options_of_a_turn(client: AsyncClient, peer: InProcess, tmp_path: Path) -> None:
    session = await client.session("s1")
    part = attachment(tmp_path / "a.py", lines=(10, 20))
    await session.run("hello", temperature=0.5, max_tokens=7, attachments=[part, tmp_path / "b.py"], turn_id="mine")
    (params,) = peer.calls("rejoinder/chat")
    assert params["settings"] == {"temperature": 0.5, "maxTokens": 7}
    assert params["turnId"] == "mine"
    assert params["attachments"][0]["range"] == {
        "start": {"line": 9, "character": 0},
        "end": {"line": 20, "character": 0},
    }
    assert params["attachments"][1] == {"uri": (tmp_path / "b.py").as_uri()}


async def test_closing_a_stream_early_cancels_the_turn(client: AsyncClient) -> None:
    session = await client.session()
    async with contextlib.aclosing(session.stream("slow")) as updates:
        async for update in updates:
            if isinstance(update, Text):
                break
    assert (await session.messages)[-1].stop_reason == "cancelled"


async def test_cancelling_the_caller_cancels_the_turn(client: AsyncClient) -> None:
    session = await client.session()
    running = asyncio.create_task(session.run("slow"))
    async with contextlib.aclosing(session.follow()) as following:
        async for update in following:
            if isinstance(update.update, Text):
                break
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await session.messages)[-1].stop_reason == "cancelled"


async def test_cancel_ends_a_turn_with_a_result(client: AsyncClient) -> None:
    session = await client.session()
    updates = []
    async for update in session.stream("slow"):
        updates.append(update)
        if isinstance(update, Text):
            await session.cancel()
    assert updates[-1].stop_reason == "cancelled"


async def test_a_gap_is_filled_by_asking(client: AsyncClient, peer: InProcess) -> None:
    session = await client.session("s1")
    updates = [update async for update in session.stream("gap")]
    assert texts(updates) == ["You said: ", "gap", "."]
    assert isinstance(updates[-1], End)
    (since,) = [params["since"] for params in peer.calls("rejoinder/session/open")]
    assert since["seq"] == 1
    assert len(peer.calls("rejoinder/session/close")) == 1


async def test_a_gap_that_nobody_can_fill_does_not_stop_the_rest(client: AsyncClient) -> None:
    session = await client.session()
    updates = [update async for update in session.stream("lost")]
    assert texts(updates) == ["You said: ", "."]
    assert isinstance(updates[-1], End)


async def test_a_reply_without_updates_becomes_updates(client: AsyncClient) -> None:
    session = await client.session()
    updates = [update async for update in session.stream("silent")]
    assert texts(updates) == ["You said: silent."]
    assert updates[-1].message_id is not None


async def test_a_failed_turn_raises_while_streaming(client: AsyncClient) -> None:
    session = await client.session()
    with pytest.raises(errors.ModelTimeout):
        async for _ in session.stream("fail -31008"):
            pass


async def test_asking_needs_no_session(client: AsyncClient, peer: InProcess) -> None:
    assert (await client.ask("what?")).session_id == "current"
    assert texts([update async for update in client.ask_stream("what?")]) == ["You said: ", "what?", "."]
    assert (await (await client.session("s1")).ask("why?")).session_id == "s1"
    assert [params.get("sessionId") for params in peer.calls("rejoinder/ask")] == [None, None, "s1"]


async def test_following_shows_every_turn_and_joins_a_running_one(client: AsyncClient) -> None:
    session = await client.session()
    running = asyncio.create_task(session.run("slow", turn_id="t1"))
    while not running.done():
        async with contextlib.aclosing(session.follow()) as following:
            async for update in following:
                if update.turn_id == "t1" and isinstance(update.update, Text):
                    await session.cancel()
                if isinstance(update.update, End):
                    break
        await running
    async with contextlib.aclosing(session.follow()) as following:
        other = asyncio.create_task(session.run("hello", turn_id="t2"))
        seen = [await anext(following) for _ in range(5)]
        await other
    assert [update.seq for update in seen] == [0, 1, 2, 3, 4]
    assert {update.turn_id for update in seen} == {"t2"}


async def test_news_of_sessions(client: AsyncClient) -> None:
    changes = client.changes()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await client.session("s1")
    change = await first
    await changes.aclose()
    assert (change.session_id, change.kind) == ("s1", "created")


# sessions


async def test_a_session_is_made_once_and_found_again(client: AsyncClient, peer: InProcess) -> None:
    begun = [Message.user("What is the capital of France?"), Message.assistant("Paris.")]
    made = await client.session("s1", system="Be brief.", messages=begun)
    again = await client.session("s1", system="Be long.", messages=begun)
    assert again.info.system == "Be brief."
    assert [(m.role, m.content) for m in await made.messages] == [(m.role, m.content) for m in begun]
    assert len(peer.calls("rejoinder/session/create")) == 1
    assert (await client.session()).session_id != (await client.session()).session_id


async def test_messages_are_all_messages_over_all_pages(client: AsyncClient) -> None:
    session = await client.session()
    ids = await session.add(*[Message.user(str(number)) for number in range(7)])
    ids += await session.add(Message.system("x"))
    assert [message.message_id for message in await session.messages] == ids
    page = await session.history(3)
    assert [message.message_id for message in page.messages] == ids[-3:]


async def test_sessions_are_listed_over_all_pages(client: AsyncClient) -> None:
    for number in range(5):
        await client.session(f"s{number}")
    assert [session.session_id for session in await client.sessions.list()] == ["s0", "s1", "s2", "s3", "s4"]


async def test_open_takes_references(client: AsyncClient) -> None:
    await client.session("alpha-1", name="first")
    await client.session("alpha-2", name="second")
    assert (await client.open("second")).session_id == "alpha-2"
    assert (await client.open()).session_id == "alpha-1"
    with pytest.raises(errors.Ambiguous) as caught:
        await client.open("alpha")
    assert [each["sessionId"] for each in caught.value.candidates] == ["alpha-1", "alpha-2"]
    with pytest.raises(errors.SessionNotFound):
        await client.open("beta")


async def test_what_else_a_session_does(client: AsyncClient) -> None:
    session = await client.session("s1")
    first = await session.run("one")
    await session.run("two")
    fork = await session.fork("s2", message_id=first.message_id)
    assert fork.session_id == "s2"
    await session.rollback(first.message_id)
    assert len(await session.messages) == 2
    await session.rename("Tokyo")
    assert (await fork.refresh()).name == "s2"
    assert session.info.name == "Tokyo"
    await fork.use()
    assert fork.info.current
    await session.set_state("a", 1)
    await session.update_state({"b": 2})
    assert await session.state == {"a": 1, "b": 2}
    await session.clear_state("a")
    assert await session.state == {"b": 2}
    assert (await session.preview("hello")).messages[0].content == "hello"
    await session.clear()
    assert await session.messages == []
    await session.delete()
    with pytest.raises(errors.SessionNotFound):
        await session.refresh()


async def test_models_projects_and_any_other_method(client: AsyncClient) -> None:
    assert (await client.models()).current == "toy"
    assert [project.name for project in await client.projects()] == ["toy"]
    assert (await client.request(methods.SESSION_LIST, methods.SessionListParams(limit=1))).sessions == []
    with pytest.raises(errors.MethodNotFound, match="memory/list"):
        await client.request(methods.MEMORY_LIST, methods.MemoryListParams())
    with pytest.raises(errors.ProtocolError, match="settings"):
        await client.request(methods.CONFIG)


# faults


async def test_an_error_reply_carries_hint_and_data(client: AsyncClient) -> None:
    session = await client.session()
    with pytest.raises(errors.ModelRateLimited) as caught:
        await session.run("fail -31006")
    assert caught.value.code == -31006
    assert caught.value.hint == "Try again."
    assert caught.value.retry_after == 2.5


async def test_a_dying_server_fails_all_that_wait_and_says_its_last_words() -> None:
    async with AsyncClient(open_pipe(TOY)) as client:
        doomed, other = await client.session("s1"), await client.session("s2")
        waiting = asyncio.create_task(other.run("slow"))
        following = asyncio.ensure_future(drain(other.follow()))
        changes = asyncio.ensure_future(drain(client.changes()))
        with pytest.raises(ConnectionLost, match="the toy dies") as caught:
            await doomed.run("die")
        assert caught.value.last_words == ["the toy dies"]
        for task in (waiting, following, changes):
            with pytest.raises(ConnectionLost):
                await task
        with pytest.raises(ConnectionLost):
            await client.sessions.list()


async def test_a_server_with_much_to_say_does_not_block() -> None:
    async with AsyncClient(open_pipe([*TOY, "noisy"])) as client:
        await check_answer(client)


@pytest.mark.parametrize(
    ("mode", "error", "text"),
    [("garbage", ConnectionLost, "Traceback"), ("foreign", errors.ProtocolError, "version 2")],
)
async def test_what_is_no_server_of_ours(mode: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        await AsyncClient(open_pipe([*TOY, mode])).start()


async def test_no_server_at_all(tmp_path: Path) -> None:
    with pytest.raises(errors.ServerNotStarted):
        await AsyncClient(open_pipe([str(tmp_path / "nothing")])).start()
    with pytest.raises(errors.ServerNotStarted):
        await AsyncClient(open_socket(tmp_path / "nothing")).start()
    with pytest.raises(ConnectionLost):
        await AsyncClient().sessions.list()


async def test_a_value_that_json_cannot_hold_fails_alone(client: AsyncClient) -> None:
    session = await client.session()
    await session.save_state({"a": 1})
    for value, told in (
        (object(), r"state\['a'\]: JSON knows no object"),
        ({1: 2}, "its key 1 is no text"),
        ([1.5, float("nan")], r"state\['a'\]\[1\]: nan is no JSON number"),
        (2**70, "64 bits"),
        ("\ud800", "surrogate"),
    ):
        for store in (session.set_state("a", value), session.save_state({"a": value})):
            with pytest.raises(errors.InvalidParams, match=told):
                await store
    assert await session.state == {"a": 1}


# blocking


def test_blocking_calls(blocking_client: Client) -> None:
    session = blocking_client.session(messages=[Message.user("hi")])
    assert session.run("hello").text == "You said: hello."
    assert texts(list(session.stream("hello"))) == ["You said: ", "hello", "."]
    assert [message.content for message in session.messages][:2] == ["hi", "hello"]
    fork = session.fork("other")
    assert isinstance(fork, Session)
    assert len(fork.messages) == len(session.messages)
    session.set_state("a", 1)
    assert session.state == session.restore_state() == {"a": 1}
    assert {each.session_id for each in blocking_client.sessions.list()} == {session.session_id, "other"}
    assert blocking_client.open("other").info.name == fork.info.name
    assert blocking_client.server.name == "Toy"
    with pytest.raises(errors.SessionNotFound):
        blocking_client.open("nothing")


def test_leaving_a_blocking_stream_cancels_the_turn(blocking_client: Client) -> None:
    session = blocking_client.session()
    for update in session.stream("slow"):
        if isinstance(update, Text):
            break
    assert session.messages[-1].stop_reason == "cancelled"


@pytest.mark.parametrize("way", ["run", "stream"])
def test_an_interrupt_cancels_the_turn_and_the_session_goes_on(blocking_client: Client, way: str) -> None:
    session = blocking_client.session("s1")
    # in another thread: waits for the turn's first text, then interrupts this one
    observer = blocking_client.session("s1")
    interrupting = threading.Thread(target=interrupt_at_first_text, args=(observer,))
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        if way == "run":
            session.run("slow")
        else:
            with contextlib.closing(session.stream("slow")) as updates:
                for _ in updates:
                    pass
    interrupting.join()
    assert session.messages[-1].stop_reason == "cancelled"
    assert session.run("hello").text == "You said: hello."


def interrupt_at_first_text(session: Session) -> None:
    with contextlib.closing(session.follow()) as following:
        for update in following:
            if isinstance(update.update, Text):
                os.kill(os.getpid(), signal.SIGINT)
                return


def test_threads_share_a_client(blocking_client: Client) -> None:
    def converse(number: int) -> list[str]:
        session = blocking_client.session(f"s{number}")
        return [session.run(f"{number} {turn}").text for turn in range(5)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(converse, range(16)))
    assert answers == [[f"You said: {number} {turn}." for turn in range(5)] for number in range(16)]


def test_a_closed_client_says_so(peer: InProcess) -> None:
    client = Client(peer.open())
    session = client.session()
    unfinished = session.stream("slow")
    next(unfinished)
    client.close()
    client.close()
    unfinished.close()
    with pytest.raises(ConnectionLost):
        session.run("hello")
    assert "rejoinder_client" not in [thread.name for thread in threading.enumerate()]
