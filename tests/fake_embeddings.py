"""A server of embeddings in OpenAI's protocol, on this machine: words by what they mean, as long as a model's name."""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MEANINGS = {"canine": 0, "dog": 0, "hound": 0, "feline": 1, "cat": 1, "kitten": 1}


class EmbeddingServer(ThreadingHTTPServer):
    """`texts` counts what was embedded by each model; while `gate` is clear, passages wait and questions do not."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.texts: Counter[tuple[str, str]] = Counter()
        self.keys: set[str | None] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        """Set with the first passage that waits at the gate."""

    @property
    def url(self) -> str:
        """What the setting `baseUrl` is to be."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Answering(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        request: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model, texts = request["model"], request["input"]
        self.server.keys.add(self.headers["Authorization"])
        if not self.server.gate.is_set() and not texts[0].endswith("?"):
            self.server.asked.set()
            self.server.gate.wait()
        self.server.texts.update((model, text) for text in texts)
        data = [{"index": at, "embedding": vector(text, len(model))} for at, text in enumerate(texts)]
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def vector(text: str, dimension: int) -> list[float]:
    """What a model whose name is so long makes of a text."""
    made = [0.05] * dimension
    for word, meaning in MEANINGS.items():
        made[meaning] += 5.0 * text.lower().count(word)
    return made


@contextlib.contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    """A server that runs within the block."""
    server = EmbeddingServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
