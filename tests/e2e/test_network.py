"""`rejoinder serve` for clients that come by TCP and by WebSocket: raw clients, the real server and its real engine."""

import asyncio
import contextlib
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from e2e.kit import HANDSHAKE, Editor, Home, folder_of, options_for
from fake_model import FakeModel
from raw_client import PATIENCE, RawClient

TOKEN = "correct-horse-battery-staple"
ENVIRONMENT = {"LSP_TOKEN": TOKEN}


class WebSocketStreams:
    """The two ends of a stream, made of a WebSocket's messages."""

    def __init__(self, socket: Any) -> None:
        self.reader = asyncio.StreamReader()
        self._socket = socket
        self._tasks = {asyncio.create_task(self._read())}

    def write(self, data: bytes) -> None:
        body = data.partition(b"\r\n\r\n")[2]
        self._tasks.add(asyncio.create_task(self._socket.send(body.decode())))

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._socket:
                assert isinstance(message, str)
                body = message.encode()
                self.reader.feed_data(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.reader.feed_eof()


class Listening:
    """A server that listens."""

    def __init__(self, process: asyncio.subprocess.Process, transport: str, port: int) -> None:
        self.process = process
        self.transport = transport
        self.port = port

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Editor]:
        """A connection before its handshake."""
        if self.transport == "tcp":
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                yield Editor(RawClient(reader, writer), None)
            finally:
                writer.close()
        else:
            async with connect(f"ws://127.0.0.1:{self.port}", max_size=None) as socket:
                streams: Any = WebSocketStreams(socket)
                yield Editor(RawClient(streams.reader, streams), None)

    @contextlib.asynccontextmanager
    async def editor(self, folder: Path, model: FakeModel, *encodings: str) -> AsyncIterator[Editor]:
        """A client with a project."""
        async with self.client() as client:
            client.result = await client.initialize(
                {"experimental": {"rejoinder": HANDSHAKE}, "general": {"positionEncodings": encodings or ["utf-16"]}},
                workspaceFolders=[folder_of(folder)],
                initializationOptions={**options_for(model), "token": TOKEN},
            )
            yield client


@contextlib.asynccontextmanager
async def listening(home: Home, transport: str) -> AsyncIterator[Listening]:
    """`rejoinder serve` at a port that the system chooses."""
    process = await serve(home, f"--{transport}", "127.0.0.1:0", "--token-env", "LSP_TOKEN")
    assert process.stderr
    try:
        line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        said = re.fullmatch(r"rejoinder: listening at (?:tcp|ws)://127\.0\.0\.1:(\d+)\n", line)
        assert said, line
        yield Listening(process, transport, int(said[1]))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), PATIENCE)


async def hung_up(client: Editor) -> None:
    """Wait until the server has closed the connection."""
    with pytest.raises(EOFError):
        while True:
            await client.receive()


async def serve(home: Home, *arguments: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "rejoinder", "serve", *arguments]
    environment = {**home.environment, **ENVIRONMENT}
    return await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment)


@pytest.fixture(params=["tcp", "websocket"])
async def server(request: pytest.FixtureRequest, home: Home) -> AsyncIterator[Listening]:
    async with listening(home, request.param) as found:
        yield found


async def test_clients_on_the_network_share_a_session_with_an_editor_on_a_pipe(
    server: Listening, home: Home, project: Path, model: FakeModel
) -> None:
    async with (
        home.editor(project) as at_home,
        server.editor(project, model, "utf-32") as one,
        server.editor(project, model, "utf-8") as other,
    ):
        encodings = [client.result["capabilities"]["positionEncoding"] for client in (one, other)]
        assert encodings == ["utf-32", "utf-8"]
        await other.call("session/create", sessionId="shared")
        for watching in (at_home, other):
            await watching.call("session/open", sessionId="shared")
        answer = await one.call("chat", text="é?", sessionId="shared")
        for watching in (at_home, other):
            assert (await watching.update("end"))["turnId"] == answer["turnId"]
        assert await at_home.contents("shared") == ["é?", answer["text"]]
        # mended RPC, here too: the next request is answered after what nobody could read
        assert (await one.reply(one.request("rejoinder/session/get", [5])))["error"]["code"] == -32602
        large = await one.call("session/create", sessionId="large", description="x" * 300_000)
        assert len(large["description"]) == 300_000
        assert (await one.reply(one.request("shutdown")))["result"] is None
        one.notify("exit")
        await hung_up(one)
        assert (await other.call("session/get", sessionId="shared"))["messageCount"] == 2


async def test_without_the_token_nobody_gets_to_the_engine(server: Listening) -> None:
    introductions: list[tuple[str, Any]] = [
        ("initialize", None),
        ("initialize", {}),
        *(("initialize", {"token": token}) for token in ("wrong-but-long-enough", 5, "\ud800")),
        ("rejoinder/session/list", {"token": TOKEN}),
    ]
    for method, options in introductions:
        async with server.client() as client:
            client.request(method, {"capabilities": {}, "initializationOptions": options}, id=7)
            refused = await client.receive()
            assert (refused["id"], refused["error"]["code"]) == (7, -31016)
            assert "initializationOptions.token" in refused["error"]["data"]["hint"]
            await hung_up(client)


async def test_the_token_is_kept_nowhere(server: Listening, home: Home, project: Path, model: FakeModel) -> None:
    async with server.editor(project, model) as client:
        await client.call("chat", text="hello", sessionId="kept")
    assert TOKEN.encode() not in home.everything_written()


async def test_a_signal_ends_it_and_its_clients(server: Listening, project: Path, model: FakeModel) -> None:
    async with server.editor(project, model) as client:
        server.process.send_signal(signal.SIGTERM)
        await hung_up(client)
        assert await asyncio.wait_for(server.process.wait(), PATIENCE) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tcp", "0.0.0.0:0", "--token-env", "LSP_TOKEN"], "--allow-remote"),
        (["--tcp", "127.0.0.1:0"], "--token-env"),
        (["--websocket", "127.0.0.1:0", "--token-env", "NOT_SET"], "--token-env"),
        (["--tcp", "here", "--token-env", "LSP_TOKEN"], "HOST:PORT"),
        (["--tcp", "127.0.0.1:0", "--websocket", "127.0.0.1:0"], "not allowed with"),
        (["--tcp", "127.0.0.1:0", "--standalone"], "--standalone"),
    ],
)
async def test_what_would_not_be_safe_is_refused(home: Home, arguments: list[str], said: str) -> None:
    process = await serve(home, *arguments)
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode in (1, 2) and said in errors.decode() and "Traceback" not in errors.decode()


async def test_a_port_that_is_taken_is_told(server: Listening, home: Home) -> None:
    process = await serve(home, "--tcp", f"127.0.0.1:{server.port}", "--token-env", "LSP_TOKEN")
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 1 and f":{server.port}" in errors.decode() and "Traceback" not in errors.decode()


async def test_garbage_on_tcp_ends_the_connection_alone(home: Home, project: Path, model: FakeModel) -> None:
    async with listening(home, "tcp") as server:
        broken = (b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: 99999999\r\n\r\n{", b"Content-Length: 2\r\n\r\n[]")
        for garbage in broken:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(garbage)
            said = await asyncio.wait_for(reader.read(), PATIENCE)
            assert not said or json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == -31016
            writer.close()
        async with server.editor(project, model) as client:
            assert (await client.call("session/list"))["sessions"] == []
