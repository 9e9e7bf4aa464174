"""The fake model as a process of its own, and a reader that nothing stands in front of."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

_PROGRAM = Path(__file__).resolve().parents[1] / "fake_model.py"
_PATIENCE = 30.0


class Model:
    """An OpenAI-compatible server. A model's name says what it answers: `tokens-100-5` is 100 tokens 5 ms apart."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "PYTHONPATH": ""},
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().decode().strip()
        self._known = 0

    def news(self) -> list[dict[str, Any]]:
        """The requests since the last call, with the monotonic times of their arrival and of their first token."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/requests", timeout=_PATIENCE) as reply:
            requests: list[dict[str, Any]] = orjson.loads(reply.read())
        known, self._known = self._known, len(requests)
        return requests[known:]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(_PATIENCE)
        self._process.stdout.close()


class DirectReader:
    """A kept connection to the model, read as soon as something is there."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        assert address.hostname
        assert address.port
        self._connection = socket.create_connection((address.hostname, address.port), _PATIENCE)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._path = address.path + "/chat/completions"

    def first_token(self, model: str, text: str) -> float:
        """Ask, read the whole answer, and tell when its first token was there, by the monotonic clock."""
        body = orjson.dumps({"model": model, "stream": True, "messages": [{"role": "user", "content": text}]})
        head = f"POST {self._path} HTTP/1.1\r\nhost: model\r\ncontent-length: {len(body)}\r\n\r\n"
        self._connection.sendall(head.encode() + body)
        received, first = b"", 0.0
        while not received.endswith(b"0\r\n\r\n"):
            received += self._connection.recv(1 << 16)
            first = first or (time.monotonic() if b'"content"' in received else 0.0)
        return first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
