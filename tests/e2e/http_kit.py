"""`rejoinder serve --http` as a process of its own, and what stands in for servers that are not well."""

import contextlib
import http.client
import json
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from e2e.kit import Home
from fake_model import FakeModel
from rejoinder.http.keys import KeyFile
from rejoinder_client.remote_wire import Retries

PATIENCE = 60.0
AT_ONCE = Retries(2, first=0.0)
"""Attempts that nobody waits between."""


class Reply(NamedTuple):
    """What a request came to."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpServer:
    """The server, and the keys that it takes."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, keys: Mapping[str, str]) -> None:
        self.process = process
        self.port = port
        self.keys = keys
        """Each user's."""

    @property
    def place(self) -> str:
        """Where it is, as users write it."""
        return f"127.0.0.1:{self.port}"

    def request(self, method: str, path: str, *, body: Any = None, key: str | None = None, **headers: str) -> Reply:
        """Send a request without any client of ours; `body` may be bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if key is not None:
                sent["authorization"] = f"Bearer {key}"
            if body is not None:
                sent.setdefault("content-type", "application/json")
            content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            connection.request(method, path, content, sent)
            reply = connection.getresponse()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())

    def ask(self, text: str, *, user: str = "ann", session: str = "s", **headers: str) -> Reply:
        """The documented request."""
        body = {"messages": [{"role": "user", "content": text}], "context": {"session_id": session}}
        return self.request("POST", "/agent", body=body, key=self.keys[user], **headers)

    def begin(self, text: str, *, user: str = "ann", session: str = "s") -> socket.socket:
        """Send a request for a stream, and leave its reply in the socket."""
        body = json.dumps({"query": text, "session_id": session}).encode()
        head = (
            f"POST /agent HTTP/1.1\r\nHost: {self.place}\r\nAuthorization: Bearer {self.keys[user]}\r\n"
            f"Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        begun = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        begun.sendall(head.encode() + body)
        return begun

    def stop(self, number: int) -> int:
        """Send a signal; the process's exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def key_file(home: Home) -> KeyFile:
    """The home's own keys."""
    return KeyFile(home.config.with_name("http-keys.json"))


@contextlib.contextmanager
def http_server(
    home: Home,
    *arguments: str,
    model: FakeModel,
    users: tuple[str, ...] = ("ann", "bob"),
    project: Path | None = None,
    port: int = 0,
    name: str = "echo",
) -> Iterator[HttpServer]:
    """The server with a key for each user, at a port that the system chooses; its answers come from the fake model."""
    file = key_file(home)
    known = {key.name for key in file.keys()}  # noqa: SIM118
    for user in known & set(users):
        file.remove(user)
    keys = {user: file.add(user, user_id=user, project=project) for user in users}
    settings = ("--model", f"openai-compatible:{name}", "--set", f"baseUrl={model.url}", "--set", "retrieve=false")
    command = [sys.executable, "-m", "rejoinder", "serve", "--http", f"127.0.0.1:{port}", *settings, *arguments]
    process = subprocess.Popen(command, env=home.environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    reading: threading.Thread | None = None
    try:
        line = process.stderr.readline()
        said = re.fullmatch(r"rejoinder: listening at http://127\.0\.0\.1:(\d+)/agent\n", line)
        assert said, line + process.stderr.read()
        # what nobody reads fills the pipe
        reading = threading.Thread(target=process.stderr.read, daemon=True)
        reading.start()
        yield HttpServer(process, int(said[1]), keys)
    finally:
        process.kill()
        process.wait()
        if reading is not None:
            reading.join()
        process.stderr.close()


DONE = rb"event: done\n.*\n\n"
"""The end of an answer that is streamed."""


def read_until(stream: socket.socket, what: bytes) -> bytes:
    """What has come when the pattern `what` is in it; all of it when it never is."""
    received = b""
    while not re.search(what, received) and (chunk := stream.recv(1 << 16)):
        received += chunk
    return received


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers each connection as the test says; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def request_of(connection: socket.socket) -> bytes:
    """A whole request."""
    head = b""
    while b"\r\n\r\n" not in head and (chunk := connection.recv(1 << 16)):
        head += chunk
    length = re.search(rb"(?i)content-length: (\d+)", head)
    missing = (int(length[1]) if length else 0) - len(head.partition(b"\r\n\r\n")[2])
    while missing > 0 and (chunk := connection.recv(1 << 16)):
        head, missing = head + chunk, missing - len(chunk)
    return head


def passed_on(connection: socket.socket, port: int) -> None:
    """Pass one request on to another server, and what it answers back."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as other:
        other.sendall(request_of(connection).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        while chunk := other.recv(1 << 16):
            connection.sendall(chunk)


def mode_of(path: Path) -> int:
    """A file's permissions."""
    return path.stat().st_mode & 0o777
