"""What the end-to-end tests share: a home with an engine of its own, and editors that are real pipe processes."""

import contextlib
import fcntl
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fake_model import FakeModel
from raw_client import RawClient, spawned
from rejoinder.engine.claim import read_holder

HANDSHAKE = {"protocolVersion": 1, "ui": True}
SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


class Failed(AssertionError):
    """A request that was to succeed was answered with an error."""


class Editor(RawClient):
    """A client that answers the server's own requests as an editor does, and sends requests by their short names."""

    def __init__(self, raw: RawClient, settings: Any) -> None:
        super().__init__(raw.reader, raw.writer)
        self.process = raw.process
        self.settings = settings
        """What `workspace/configuration` is answered with."""
        self.shown: Any = None
        """What `editor/context` is answered with; None: it is not answered."""
        self.asked: list[Any] = []
        """The server's requests so far."""
        self.result: Any = None
        """The reply to `initialize`."""

    def send_for(self, method: str, /, **params: Any) -> Any:
        """Send a request of Rejoinder without waiting; answers its ID."""
        return self.request(f"rejoinder/{method}", params)

    async def result_of(self, request: Any) -> Any:
        """The result of a request that was sent."""
        reply = await self.reply(request)
        if "error" in reply:
            raise Failed(reply["error"])
        return reply["result"]

    async def error_of(self, request: Any) -> Any:
        """The error of a request that was sent; every one has a hint and none a traceback."""
        reply = await self.reply(request)
        assert "result" not in reply, reply["result"]
        error = reply["error"]
        assert error["data"]["hint"] and "Traceback" not in str(error) and 'File "' not in str(error)
        return error

    async def call(self, method: str, /, **params: Any) -> Any:
        """The result of a request."""
        return await self.result_of(self.send_for(method, **params))

    async def refused(self, method: str, /, **params: Any) -> Any:
        """The error of a request that must not succeed."""
        return await self.error_of(self.send_for(method, **params))

    async def run(self, method: str, /, **params: Any) -> Any:
        """The result of the same as a command."""
        reply = await self.execute("rejoinder." + method.replace("/", "."), params)
        if "error" in reply:
            raise Failed(reply["error"])
        return reply["result"]

    async def contents(self, session_id: str, **params: Any) -> list[str]:
        """The texts of a session's active path."""
        page = await self.call("session/history", sessionId=session_id, **params)
        return [message["content"] for message in page["messages"]]

    def taken(self, method: str = "rejoinder/chat/update") -> list[Any]:
        """The params of the notifications of a method that came aside so far; they count as read."""
        found = [message["params"] for message in self.aside if message.get("method") == method]
        self.aside[:] = [message for message in self.aside if message.get("method") != method]
        return found

    async def update(self, kind: str) -> Any:
        """The next update of a kind, as soon as it is there."""
        message = await self.message(
            lambda message: (
                message.get("method") == "rejoinder/chat/update" and message["params"]["update"]["type"] == kind
            )
        )
        return message["params"]

    def open_buffer(self, uri: str, text: str, *, version: int = 1) -> None:
        """Open a document that need not be on disk."""
        document = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    async def _read(self) -> Any:
        while True:
            message = await super()._read()
            if "id" not in message or "method" not in message:
                return message
            result = None
            self.asked.append(message)
            if message["method"] == "rejoinder/editor/context" and self.shown is None:
                continue  # an editor that does not answer
            if message["method"] == "rejoinder/editor/context":
                result = self.shown
            if message["method"] == "workspace/configuration":
                result = [self.settings for _ in message["params"]["items"]]
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})


class Home:
    """A user's own folders, and the one engine that serves them."""

    def __init__(self, root: Path, runtime: Path, *, idle_seconds: float) -> None:
        self.root = root
        self.data = root / "data" / "rejoinder"
        self.config = root / "config" / "rejoinder" / "config.toml"
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
            "HOME": str(root),
            "XDG_DATA_HOME": str(root / "data"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_STATE_HOME": str(root / "state"),
            "XDG_RUNTIME_DIR": str(runtime),
            "REJOINDER_IDLE_SECONDS": str(idle_seconds),
        }

    @contextlib.asynccontextmanager
    async def process(self, *arguments: str, umask: int = -1, **environment: str) -> AsyncIterator[RawClient]:
        """`rejoinder serve` before the handshake."""
        command = [sys.executable, "-m", "rejoinder", "serve", *arguments]
        if umask >= 0:
            command = ["sh", "-c", f'umask {umask:03o}; exec "$@"', "sh", *command]
        async with spawned(command, env={**self.environment, **environment}) as raw:
            yield raw

    @contextlib.asynccontextmanager
    async def editor(
        self,
        *folders: Path,
        model: FakeModel | None = None,
        options: Mapping[str, Any] | None = None,
        settings: Any = None,
        capabilities: Mapping[str, Any] | None = None,
        handshake: Any = HANDSHAKE,
        arguments: Sequence[str] = (),
        umask: int = -1,
        **environment: str,
    ) -> AsyncIterator[Editor]:
        """An editor that has these workspace folders open. With `model` its answers come from there.

        `settings` is what it answers to `workspace/configuration`; None: it cannot be asked.
        """
        async with self.process(*arguments, umask=umask, **environment) as raw:
            editor = Editor(raw, settings)
            editor.result = await editor.initialize(
                {
                    "workspace": {"configuration": settings is not None, "workspaceFolders": True},
                    "experimental": {"rejoinder": handshake} if handshake else {},
                    **(capabilities or {}),
                },
                workspaceFolders=[folder_of(folder) for folder in folders],
                initializationOptions=(options_for(model) if model else {}) | dict(options or {}),
            )
            yield editor

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the running engine a signal, and wait until the data folder is free."""
        holder = read_holder(self.data)
        if holder is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(holder.pid, number)
        self.wait_until_free()

    def wait_until_free(self) -> None:
        """Wait until no process has the data folder."""
        with contextlib.suppress(FileNotFoundError), (self.data / "engine.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def everything_written(self) -> bytes:
        """The bytes of every file below the home: data, indexes, logs."""
        return b"\n".join(path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file())


@contextlib.contextmanager
def home_in(root: Path, *, idle_seconds: float = 600.0) -> Iterator[Home]:
    """A home whose engine ends with the block."""
    # a socket's path has to be short
    with tempfile.TemporaryDirectory(prefix="rj") as runtime:
        home = Home(root, Path(runtime), idle_seconds=idle_seconds)
        try:
            yield home
        finally:
            home.kill()


def options_for(model: FakeModel) -> dict[str, Any]:
    """The initialization options that make a fake model answer."""
    return {"trusted": True, "model": "openai-compatible:fake", "baseUrl": model.url, "retrieve": False}


def messages(*texts: str) -> list[dict[str, str]]:
    """Texts as messages of user and assistant in turn."""
    return [{"role": "assistant" if at % 2 else "user", "content": text} for at, text in enumerate(texts)]


def folder_of(path: Path) -> dict[str, str]:
    """A workspace folder on the wire."""
    return {"uri": path.as_uri(), "name": path.name}


def types_of(updates: Sequence[Any]) -> list[str]:
    """The types of a turn's updates in their order."""
    return [update["update"]["type"] for update in updates]


def text_of(updates: Sequence[Any]) -> str:
    """The answer as it was streamed."""
    return "".join(update["update"]["text"] for update in updates if update["update"]["type"] == "text")


def sent_texts(request: Any) -> list[str]:
    """The contents of the messages that reached a model."""
    return [message["content"] for message in request.json["messages"]]
