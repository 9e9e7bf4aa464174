"""Fuzzes the framing and the params of a live engine: `python tests/faults/fuzz.py --seconds 600 [--seed N]`.

Whatever is sent, every request with an ID has one reply, none says -32603 or shows a traceback, what is sent back can
be read, the engine stays the same process, and a conversation that nobody touches stays as it was.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import typing
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

if __name__ == "__main__":
    # without pytest's settings
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "tests"), str(root / "server"), str(root / "clients")]

from e2e.kit import Home, home_in
from raw_client import RawClient
from rejoinder import __version__
from rejoinder.engine.claim import read_holder
from rejoinder.engine.greeting import Greeting
from rejoinder.engine.locate import connect
from rejoinder.protocol.converter import camel
from rejoinder.protocol.methods import METHODS
from rejoinder.protocol.settings import Settings

BATCH = 25
"""Requests that are sent before their replies are read."""
STANDARD = (
    *("initialize", "shutdown", "workspace/executeCommand", "textDocument/hover", "$/nonsense", ""),
    *("workspace/symbol", "workspace/willRenameFiles", "textDocument/completion", "rejoinder/chat/update"),
)
NOTIFICATIONS = (
    *("initialized", "$/cancelRequest", "$/setTrace", "$/progress", "window/workDoneProgress/cancel"),
    *("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave"),
    *("workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "rejoinder/chat/cancel"),
    *("workspace/didChangeWorkspaceFolders", "nonsense"),
)
TEXTS = (
    *("", "s", "s1", "s2", "../up", "a/b", "nul\0", "x" * 129, "x" * 10_240, "é😀𝔘", "\u2028", "\ufffd", "NaN"),
    *("/explain", "/review x", "@file:pool.py#L1-2", "@file:../x", "@diff", "@selection", "#session:s1", "@symbol:x"),
    *("file:///etc/passwd", "file:///%ff", "untitled:1", "http://x", "json", "markdown", "workspace", "file", "none"),
    *("user", "assistant", "system", "chat", "ask", "extractive", "ollama:x", "[", "[]", '{"format":"x"}', "0 0 s"),
    *("2024-01-01T00:00:00Z", "yesterday", "0001-01-01T00:00:00+14:00", "rejoinder.chat", "rejoinder.session.get"),
)
NUMBERS = (0, 1, -1, 2, 50, 201, 2**31, -(2**31), 2**53, 2**63, 2**64, 10**30, 0.5, -0.0, 1e308, 1e-320)
HEADERS = (
    *(b"", b"\r\n", b"\n", b"Content-Length: 5\r\n\r\n", b"Content-Length: x\r\n\r\n", b"content-length:2\n\n{}"),
    *(b"Content-Length: -1\r\n\r\n", b"Content-Length: 4294967295\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n"),
    *(b"Content-Type: x\r\n\r\n", b"A" * 9000, b"\xff" * 100, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: 2\r\n\r\n[]", b"Content-Length: 0\r\n\r\n", b"\0\r\n\r\n"),
)


class Found(AssertionError):
    """The engine did what it must not do; the text has what was sent."""


class Fuzzer:
    """One engine under fire."""

    def __init__(self, home: Home, folder: Path, seed: int) -> None:
        self.home = home
        self.folder = folder
        self.random = random.Random(seed)
        self.sent: Counter[str] = Counter()
        """What was done how often, by kind."""
        self._known: list[str] = ["s1", "s2"]
        """IDs that came back, so that some of what is sent means something."""

    async def run(self, seconds: float) -> None:
        """Go on for so long. Raises Found."""
        kept = self.folder / "kept"
        kept.mkdir()
        async with self.home.editor(kept, options={"retrieve": False}) as watcher:
            said = [{"role": "user", "content": "precious"}]
            await watcher.call("session/create", sessionId="kept", messages=said)
            holder = read_holder(self.home.data)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await self.random.choice((self.params, self.params, self.framing))()
                if await watcher.contents("kept") != ["precious"] or read_holder(self.home.data) != holder:
                    raise Found("the engine has died, or has lost what nobody touched")
                watcher.aside.clear()

    async def params(self) -> None:
        """Requests and notifications that are well framed and have any content."""
        client = await self._connect()
        try:
            await self._initialize(client)
            messages = [self._message(number) for number in range(BATCH)]
            for message in messages:
                client.send_body(self._encoded(message))
            for message in messages:
                if "id" in message:
                    await self._reply_to(client, message)
            self.sent["requests"] += sum("id" in message for message in messages)
        finally:
            client.hang_up()

    async def framing(self) -> None:
        """Bytes that are no frames, among some that are."""
        client = await self._connect()
        try:
            await self._initialize(client)
            data = b"".join(self._bytes() for _ in range(self.random.randrange(1, 12)))
            for start in range(0, len(data), cut := self.random.randrange(1, 5000)):
                client.write(data[start : start + cut])
            client.writer.write_eof()
            while True:
                self._inspect(await client.receive(), data)
        except (EOFError, ConnectionError):
            self.sent["streams of bytes"] += 1
        finally:
            client.hang_up()

    async def _connect(self) -> RawClient:
        data_dir = self.home.data.resolve()
        connection = await asyncio.to_thread(
            connect, data_dir, greeting=Greeting(__version__, str(data_dir)), start=None
        )
        return RawClient(*await asyncio.open_connection(sock=connection.socket, limit=2**26))

    async def _initialize(self, client: RawClient) -> None:
        folder = {"uri": self.folder.as_uri(), "name": "fuzzed"}
        experimental = {"rejoinder": {"protocolVersion": 1}} if self.random.random() < 0.5 else self._value(2)
        params = {
            "processId": None,
            "capabilities": {"experimental": experimental},
            "workspaceFolders": [folder],
            "initializationOptions": self._settings(),
        }
        message = {"jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params}
        client.send(message)
        await self._reply_to(client, message)
        client.notify("initialized", {})

    def _settings(self) -> dict[str, Any]:
        """Settings of which few make sense; without a model, which would be a server that is not there."""
        keys = [camel(field.name) for field in attrs.fields(Settings) if field.name != "model"]
        return {self.random.choice(keys): self._value(2) for _ in range(3)} | {"retrieve": False}

    async def _reply_to(self, client: RawClient, message: dict[str, Any]) -> None:
        try:
            reply = await client.reply(message["id"])
        except (TimeoutError, EOFError) as error:
            raise Found(f"no reply ({error!r}) to {message!r}"[:3000]) from error
        self._inspect(reply, message)
        for key in ("sessionId", "messageId", "turnId", "projectId"):
            found = reply.get("result", {}).get(key) if isinstance(reply.get("result"), dict) else None
            if isinstance(found, str) and len(self._known) < 200:
                self._known.append(found)

    def _inspect(self, reply: Any, cause: object) -> None:
        text = json.dumps(reply)
        error = reply.get("error") if isinstance(reply, dict) else None
        if "Traceback (most" in text or (error and (error["code"] == -32603 or not error["data"]["hint"])):
            log = self.home.root / "state" / "rejoinder" / "log" / "engine.log"
            raise Found(f"{text[:500]} is the answer to {cause!r}"[:2500] + "\n" + log.read_text()[-2500:])

    def _message(self, number: int) -> dict[str, Any]:
        """A request, or now and then a notification."""
        if self.random.random() < 0.2:
            return {"jsonrpc": "2.0", "method": self.random.choice(NOTIFICATIONS), "params": self._value(3)}
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": self.random.choice((f"id-{number}", 1000 + number))}
        if self.random.random() < 0.1:
            # a goodbye would end the batch
            names = [name for name in STANDARD if name != "shutdown"]
            return {**request, "method": self.random.choice(names), "params": self._value(3)}
        method = self.random.choice(METHODS)
        params = self._params_of(method.params)
        if self.random.random() < 0.3:
            arguments = {"command": method.command, "arguments": [params]}
            return {**request, "method": "workspace/executeCommand", "params": arguments}
        return {**request, "method": method.wire, "params": params}

    def _params_of(self, cls: type) -> Any:
        """Params that are nearly right, or not at all."""
        if self.random.random() < 0.05:
            return self._value(3)
        hints = typing.get_type_hints(cls)
        return {
            camel(field.name): self._fitting(hints[field.name])
            for field in attrs.fields(cls)
            if field.default is attrs.NOTHING or self.random.random() < 0.3
        }

    def _fitting(self, declared: Any) -> Any:
        """A value of a declared type, unless chance has it otherwise."""
        if self.random.random() < 0.08:
            return self._value(3)
        origin, inner = typing.get_origin(declared), typing.get_args(declared)
        if attrs.has(declared):
            return self._params_of(declared)
        if origin is typing.Literal:
            return self.random.choice(inner)
        if origin is list:
            return [self._fitting(inner[0]) for _ in range(self.random.randrange(4))]
        if origin is not dict and inner:
            return self._fitting(self.random.choice(inner))
        if declared is str:
            return self.random.choice(self._known if self.random.random() < 0.5 else TEXTS)
        if declared is bool:
            return self.random.random() < 0.5
        if declared in (int, float):
            return self.random.choice(NUMBERS[:10])
        return {self.random.choice(TEXTS): self._value(2)} if origin is dict else self._value(3)

    def _value(self, depth: int) -> Any:
        """Any JSON value."""
        kind = self.random.randrange(8 if depth else 5)
        if kind < 2:
            return self.random.choice(TEXTS)
        if kind == 2:
            return self.random.choice(NUMBERS)
        if kind < 5:
            return self.random.choice((None, True, False))
        if kind == 5:
            return [self._value(depth - 1) for _ in range(self.random.randrange(4))]
        keys = ("jsonrpc", "id", "text", "sessionId", "command", "uri", "token", "textDocument", "class", "_", "")
        return {self.random.choice(keys): self._value(depth - 1) for _ in range(self.random.randrange(4))}

    def _encoded(self, message: dict[str, Any]) -> bytes:
        body = json.dumps(message).encode()
        # what Python does not write: surrogates alone, numbers beyond all bounds
        if self.random.random() < 0.1:
            body = body.replace(b'"s1"', self.random.choice((b'"\\ud800"', b'"\\udc00x"', b'"\\u0000"')))
        return body

    def _bytes(self) -> bytes:
        choice = self.random.random()
        if choice < 0.4:
            return self.random.choice(HEADERS)
        if choice < 0.5:
            return self.random.randbytes(self.random.randrange(200))
        body = bytearray(self._encoded(self._message(self.random.randrange(1000))))
        frame = bytearray(b"Content-Length: %d\r\n\r\n" % len(body)) + body
        for _ in range(self.random.choice((0, 0, 1, 3))):
            at = self.random.randrange(len(frame))
            frame[at : at + self.random.randrange(3)] = self.random.randbytes(self.random.randrange(3))
        return bytes(frame)


async def fuzz(root: Path, seconds: float, seed: int) -> Counter[str]:
    """Fuzz an engine with a data folder below `root`; answers what was sent. Raises Found."""
    folder = root / "fuzzed"
    folder.mkdir()
    (folder / "pool.py").write_text("def check(): ...\n" * 3)
    with home_in(root / "user") as home:
        fuzzer = Fuzzer(home, folder, seed)
        await fuzzer.run(seconds)
        return fuzzer.sent


def main() -> int:
    """Fuzz until the time is over or something is found."""
    parser = argparse.ArgumentParser(description="Fuzzes framing and params of a live engine.")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fuzz") as root:
        try:
            sent = asyncio.run(fuzz(Path(root), options.seconds, options.seed))
        except Found as found:
            print(f"found: {found}")
            return 1
    print(", ".join(f"{count} {kind}" for kind, count in sent.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
