"""A model server over real HTTP, whose behaviour and faults are scripted: OpenAI-compatible, Anthropic's, Google's.

Within a test:

    with FakeModel() as server:
        server.script(Reply(status=500), Reply(text="All is well."))
        ...  # a client talks to server.url
        assert server.requests[1].json["model"] == "any"

As a process of its own, so that what it costs is not counted: `python tests/fake_model.py [--port N]` prints its
address and serves until its input ends. There the model's name chooses the reply (see `reply_for`), and
`GET /requests` tells what arrived.
"""

import argparse
import asyncio
import contextlib
import queue
import re
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import attrs
import orjson

from fake_formats import Counts, Sent, format_of, model_list

PATIENCE = 60.0
"""Seconds that a waiting test gives before it fails; nothing takes that long."""

DEFAULT_TEXT = "This answer comes from the fake model, one word at a time."


class Gate:
    """Holds a reply's pieces back until the test lets them go. Usable from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._permits = asyncio.Semaphore(0)
        self._open = False

    def release(self, pieces: int = 1) -> None:
        """Let so many more pieces go; the status line and headers are the first one."""
        for _ in range(pieces):
            self._loop.call_soon_threadsafe(self._permits.release)

    def open(self) -> None:
        """Hold nothing back any more."""
        self._open = True
        self.release()

    async def passed(self) -> None:
        """Return when the next piece may go."""
        if not self._open:
            await self._permits.acquire()


@attrs.frozen
class Call:
    """A call of a tool. `args` are JSON, or what pretends to be."""

    name: str
    args: str = "{}"
    call_id: str = "call_1"


@attrs.frozen(kw_only=True)
class Reply:
    """What one request gets.

    `text` goes out word by word, `tokens` as they are, `echo` repeats the last user message. `interval` is in seconds
    between tokens, `first_delay` before the first byte. `dies_after` and `hangs_after` count tokens, the thoughts
    among them. `body` replaces the whole event stream.
    """

    text: str = DEFAULT_TEXT
    tokens: tuple[str, ...] | None = None
    thoughts: tuple[str, ...] = ()
    echo: bool = False
    calls: tuple[Call, ...] = ()
    """The tools that it calls, after its text; the answer then ends for that reason."""
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes | None = None
    gate: Gate | None = None
    first_delay: float = 0.0
    interval: float = 0.0
    dies_after: int | None = None
    hangs_after: int | None = None
    finish: str | None = "stop"
    usage: bool = True
    cached: int = 0
    """How many of the prompt's tokens were in a cache."""
    done: bool = True
    late_end: bool = False
    """Whether the gate also holds back what ends the body, after the event that ends the answer."""

    def words(self, question: str) -> tuple[str, ...]:
        """The answer's tokens."""
        if self.tokens is not None and not self.echo:
            return self.tokens
        return tuple(re.findall(r"\S+\s*|\s+", question if self.echo else self.text))


@attrs.define(kw_only=True)
class Request:
    """A request as it arrived. Times are of the monotonic clock, in seconds."""

    method: str
    path: str
    headers: dict[str, str]
    json: Any
    body: bytes
    arrived: float
    connection: int
    first_sent: float | None = None
    disconnected: threading.Event = attrs.field(factory=threading.Event, repr=False)
    """Set when the client closed the connection before the reply was whole."""

    async def disconnect(self) -> None:
        """Return when the client has closed the connection; TimeoutError when it does not."""
        if not await asyncio.to_thread(self.disconnected.wait, PATIENCE):
            raise TimeoutError("the client kept its connection")


def error_body(message: str, *, code: str | None = None, type: str = "invalid_request_error") -> bytes:
    """An error in the form of the OpenAI API."""
    return orjson.dumps({"error": {"message": message, "type": type, "param": None, "code": code}})


def reply_for(model: str) -> Reply:
    """The reply that a model's name asks for, such as `tokens-500`, `tokens-500-2` (2 ms apart), `status-429`."""
    name, *numbers = model.split("-")
    count = [int(number) for number in numbers if number.isdigit()]
    match name:
        case "tokens" if count:
            words = tuple(f" word{number}" for number in range(count[0]))
            return Reply(tokens=words, interval=count[1] / 1000 if len(count) > 1 else 0.0)
        case "status" if count:
            return Reply(status=count[0], body=error_body("as the model's name asks"))
        case "dies":
            return Reply(dies_after=count[0] if count else 2)
        case "hangs":
            return Reply(hangs_after=count[0] if count else 0)
        case "nonsense":
            return Reply(body=b"<html>It works!</html>", headers={"content-type": "text/html"})
        case "echo":
            return Reply(echo=True)
        case "thinks":
            return Reply(thoughts=("Let me ", "think."))
        case _:
            return Reply()


class FakeModel:
    """The server, in a thread of its own, on a free port of the loopback address unless told otherwise."""

    def __init__(self, *, port: int = 0, models: tuple[str, ...] = (), tls: ssl.SSLContext | None = None) -> None:
        """`models` are the names that it lists for those who ask."""
        self._wanted_port = port
        self._tls = tls
        self.models = models
        self.listings: list[Request] = []
        """The requests for its list of models and for `facts`, which are not among `requests`."""
        self.facts: dict[str, Any] = {}
        """What it answers at other paths; None: nothing, until the client goes."""
        self._script: deque[Reply] = deque()
        self._arrivals: queue.Queue[Request] = queue.Queue()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-model", daemon=True)
        self._connections = 0
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        """The address without the version of an API."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def script(self, *replies: Reply) -> None:
        """What the next requests get, one each; after them the model's name decides again."""
        self._script.extend(replies)

    def gate(self) -> Gate:
        """A closed gate for replies of this server."""
        return Gate(self._loop)

    async def next_request(self) -> Request:
        """The next request that this method has not told of yet, as soon as it is there."""
        return await asyncio.to_thread(self._arrivals.get, timeout=PATIENCE)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise TimeoutError("the fake model does not start")

    def stop(self) -> None:
        """Close all connections and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def __enter__(self) -> "FakeModel":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = asyncio.start_server(self._accept, "127.0.0.1", self._wanted_port, ssl=self._tls)
        server = self._loop.run_until_complete(listening)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*self._serving, return_exceptions=True))
            self._loop.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        task = self._loop.create_task(self._serve(reader, writer, self._connections))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        try:
            while (request := await read_request(reader, connection)) is not None:
                if request.path == "/requests":
                    send_whole(writer, 200, {"content-type": "application/json"}, self._told())
                    continue
                path = request.path.partition("?")[0]
                if path in self.facts:
                    self.listings.append(request)
                    if not await self._tell(self.facts[path], reader, writer, request):
                        return
                    continue
                if request.method == "GET" and path.endswith("/models"):
                    self.listings.append(request)
                    body = model_list(request.path, self.models)
                    send_whole(writer, 200 if self.models else 404, {"content-type": "application/json"}, body)
                    continue
                self.requests.append(request)
                self._arrivals.put(request)
                if not await self._answer(request, reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _tell(
        self, fact: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request
    ) -> bool:
        """Tell a fact; False when the connection is over."""
        if fact is None:
            self._arrivals.put(request)
            await reader.read(1)
            request.disconnected.set()
            return False
        send_whole(writer, 200, {"content-type": "application/json"}, orjson.dumps(fact))
        return True

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is over."""
        model = request.json.get("model", "") if isinstance(request.json, dict) else ""
        reply = self._script.popleft() if self._script else reply_for(model)
        sending = self._loop.create_task(send(reply, request, writer))
        # A client sends nothing while it waits for its answer, so what can be read now is the connection's end.
        watching = self._loop.create_task(reader.read(1))
        try:
            await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
            # whoever writes may see the connection's end before the one who reads
            if not sending.done() or isinstance(sending.exception(), ConnectionError):
                request.disconnected.set()
                return False
            return sending.result()
        finally:
            for task in (sending, watching):
                task.cancel()
            await asyncio.wait({sending, watching})

    def _told(self) -> bytes:
        told = [
            {
                "path": request.path,
                "json": request.json,
                "arrived": request.arrived,
                "firstSent": request.first_sent,
                "connection": request.connection,
                "disconnected": request.disconnected.is_set(),
            }
            for request in self.requests
        ]
        return orjson.dumps(told)


async def read_request(reader: asyncio.StreamReader, connection: int) -> Request | None:
    """The next request of a connection; None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split(" ", 2)
    try:
        json = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        json = None
    return Request(
        method=method, path=path, headers=headers, json=json, body=body, arrived=time.monotonic(), connection=connection
    )


async def send(reply: Reply, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Send a reply; False when the connection must be closed after it."""
    if reply.first_delay:
        await asyncio.sleep(reply.first_delay)
    if reply.gate:
        await reply.gate.passed()
    if reply.body is not None:
        send_whole(writer, reply.status, {"content-type": "application/json", **reply.headers}, reply.body)
        request.first_sent = time.monotonic()
        return True
    if reply.status != 200:
        body = format_of(request.path).error(f"status {reply.status}, as the test asks", reply.status)
        send_whole(writer, reply.status, {"content-type": "application/json", **reply.headers}, body)
        return True
    writer.write(_head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **reply.headers}))
    return await _send_stream(reply, request, writer)


async def _send_stream(reply: Reply, request: Request, writer: asyncio.StreamWriter) -> bool:
    question, wire = last_user_text(request.json), format_of(request.path)
    pieces = [(True, thought) for thought in reply.thoughts]
    pieces += [(False, word) for word in reply.words(question)]
    counts = Counts(len(orjson.dumps(request.json)) // 4, len(pieces), reply.cached)
    _events(writer, wire.begin(counts))
    started = time.monotonic()
    for number, (thought, text) in enumerate(pieces):
        if reply.hangs_after == number:
            await asyncio.Event().wait()
        if reply.dies_after == number:
            writer.transport.abort()
            return False
        if reply.gate:
            await reply.gate.passed()
        wait = started + number * reply.interval - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        _events(writer, wire.piece(text, thought=thought))
        request.first_sent = request.first_sent or time.monotonic()
        await writer.drain()
    for index, call in enumerate(reply.calls):
        _events(writer, wire.call(index, call.call_id, call.name, call.args))
    if reply.finish:
        _events(writer, wire.finish("tool_calls" if reply.calls else reply.finish))
    if reply.usage:
        _events(writer, wire.usage(counts))
    if reply.done:
        _events(writer, wire.done())
    if reply.late_end and reply.gate:
        await reply.gate.passed()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def send_whole(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Send a reply that is no stream."""
    writer.write(_head(status, {**headers, "content-length": str(len(body))}) + body)


def last_user_text(request: Any) -> str:
    """The text of the last user message of a request; empty when there is none."""
    messages = request.get("messages", []) if isinstance(request, dict) else []
    contents = [message.get("content") or "" for message in messages if message.get("role") == "user"]
    last = contents[-1] if contents else ""
    if isinstance(last, list):
        return " ".join(part["text"] for part in last if isinstance(part, dict) and isinstance(part.get("text"), str))
    return last if isinstance(last, str) else ""


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _events(writer: asyncio.StreamWriter, events: list[Sent]) -> None:
    for name, data in events:
        event = (b"event: " + name.encode() + b"\n" if name else b"") + b"data: " + data + b"\n\n"
        writer.write(b"%x\r\n%b\r\n" % (len(event), event))


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server with scripted answers.")
    parser.add_argument("--port", type=int, default=0)
    with FakeModel(port=parser.parse_args().port) as server, contextlib.suppress(KeyboardInterrupt):
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
