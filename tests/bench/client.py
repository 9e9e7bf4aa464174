"""A client that costs little: blocking reads of a server's standard output, plain JSON."""

import contextlib
import itertools
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import orjson

Message = dict[str, Any]
_CAPABILITIES = {"experimental": {"rejoinder": {"protocolVersion": 1, "ui": True}}}
_PATIENCE = 30.0


class Client:
    """A server's process with its standard streams; `started` is when it was, by the monotonic clock."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> None:
        self._ids = itertools.count(1)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=folder
        )
        assert self.process.stdin
        assert self.process.stdout
        self._input, self._output = self.process.stdin, self.process.stdout

    def initialize(self, folder: Path | None = None) -> float:
        """Shake hands; the seconds from the process's start to the reply."""
        folders = [{"uri": folder.as_uri(), "name": folder.name}] if folder else None
        params = {"processId": None, "rootUri": None, "workspaceFolders": folders, "capabilities": _CAPABILITIES}
        self.request("initialize", params)
        seconds = time.monotonic() - self.started
        self.send({"method": "initialized", "params": {}})
        return seconds

    def request(
        self, method: str, params: Any = None, *, told: Callable[[str, Any], object] = lambda method, params: None
    ) -> Any:
        """The result; `told` gets the notifications that come before it. RuntimeError for an error."""
        return self.wait(self.begin(method, params), told=told)

    def timed(self, method: str, params: Any) -> float:
        """The seconds that a request takes, its reply decoded."""
        began = time.monotonic()
        self.request(method, params)
        return time.monotonic() - began

    def begin(self, method: str, params: Any) -> int:
        """Send a request; answers its ID."""
        request_id = next(self._ids)
        self.send({"id": request_id, "method": method, "params": params})
        return request_id

    def wait(self, *ids: int, told: Callable[[str, Any], object] = lambda method, params: None) -> Any:
        """The last of the results of these requests, once all are there."""
        waiting = set(ids)
        result = None
        while waiting:
            message = self.receive()
            if "method" in message:
                told(message["method"], message.get("params"))
            elif "error" in message:
                raise RuntimeError(message["error"])
            else:
                waiting.discard(message["id"])
                result = message["result"]
        return result

    def send(self, message: Message) -> None:
        """Send one message."""
        body = orjson.dumps({"jsonrpc": "2.0", **message})
        self._input.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._input.flush()

    def receive(self) -> Message:
        """The next message that is no request to the client."""
        while True:
            length = 0
            while (line := self._output.readline()) != b"\r\n":
                if not line:
                    raise EOFError("the server has ended")
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            message: Message = orjson.loads(self._output.read(length))
            if "method" not in message or "id" not in message:
                return message
            self.send({"id": message["id"], "result": None})

    def close(self) -> None:
        """Take leave, and wait for the process's end; at once when that was done before."""
        if self._input.closed:
            return
        # one that failed to start is gone already, and said why on standard error
        with contextlib.suppress(EOFError, BrokenPipeError):
            self.request("shutdown")
            self.send({"method": "exit"})
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self.process.wait(_PATIENCE)
        self._output.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
