"""An index whose vectors come from a server, on a real local server."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from rejoinder.index.database import Database
from rejoinder.index.embedders import BuiltinEmbedder, EmbedderUnavailable, chosen_embedder
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.remote_embedder import RemoteEmbedder
from rejoinder.index.walk import ProjectFiles

PATIENCE = 60.0
ALIKE = {"canine": 0, "dog": 0, "feline": 1, "cat": 1}
"""Words by what they mean to the server's model."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.broken = False
        self.asked: list[dict[str, object]] = []
        self.keys: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Answering(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request)
        self.server.keys.add(self.headers["Authorization"])
        vectors = [vector(text, len(request["model"])) for text in request["input"]]
        data = [{"index": at, "embedding": each} for at, each in enumerate(vectors)]
        body = b"no" if self.server.broken else json.dumps({"data": data[::-1]}).encode()
        self.send_response(500 if self.server.broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def vector(text: str, dimension: int) -> list[float]:
    made = np.full(dimension, 0.05)
    for word, meaning in ALIKE.items():
        made[meaning] += 5.0 * text.count(word)
    return [float(each) for each in made]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("dog", "cat", *(f"plain{number}" for number in range(30))):
        (folder / f"{name}.py").write_text(f"def {name}():\n    return {name}\n")
    return folder


def made(folder: Path, embedder: RemoteEmbedder) -> tuple[ProjectIndex, KeepingUp]:
    index = ProjectIndex(ProjectFiles(folder, ()), Database(folder.parent / "index"), embedder)
    return index, KeepingUp(index)


def caught_up(index: ProjectIndex, upkeep: KeepingUp) -> None:
    deadline = time.monotonic() + PATIENCE
    while upkeep.step() or index.waiting:
        index.catch_up()
        assert time.monotonic() < deadline
    index.commit()


def names(index: ProjectIndex, query: str) -> list[str]:
    return [Path(hit.uri).stem for hit in index.search(query, limit=3)]


def test_what_means_the_same_is_found_without_a_word_in_common(server: Server, folder: Path) -> None:
    embedder = chosen_embedder("openai-compatible:abc", BuiltinEmbedder(), base_url=server.url, api_key="k")
    index, upkeep = made(folder, embedder)
    caught_up(index, upkeep)
    assert names(index, "canine")[0] == "dog"
    assert names(index, "feline")[0] == "cat"
    assert (index.model, index.dimension, server.keys) == (f"{server.url}/embeddings abc", 3, {"Bearer k"})
    upkeep.close()
    asked = len(server.asked)
    index, upkeep = made(folder, embedder)
    caught_up(index, upkeep)
    assert len(server.asked) == asked
    assert names(index, "canine")[0] == "dog"
    upkeep.close()


def test_without_the_server_words_answer_and_the_reason_is_told(server: Server, folder: Path) -> None:
    server.broken = True
    index, upkeep = made(folder, RemoteEmbedder(server.url, "abc", None))
    deadline = time.monotonic() + PATIENCE
    while upkeep.step() or index.fault is None:
        index.catch_up()
        assert time.monotonic() < deadline
    assert names(index, "dog") == ["dog"]
    assert names(index, "canine") == []
    assert server.url in (index.fault or "")
    with pytest.raises(EmbedderUnavailable):
        RemoteEmbedder(server.url, "abc", None).embed(["text"])
    upkeep.close()


def test_another_model_embeds_anew_while_words_answer(server: Server, folder: Path) -> None:
    index, upkeep = made(folder, RemoteEmbedder(server.url, "abc", None))
    caught_up(index, upkeep)
    upkeep.close()
    index, upkeep = made(folder, RemoteEmbedder(server.url, "another", None))
    assert names(index, "dog") == ["dog"]
    assert names(index, "canine") == []
    caught_up(index, upkeep)
    assert names(index, "canine")[0] == "dog"
    assert index.dimension == len("another")
    models = index.database.connection.execute("SELECT DISTINCT model FROM vectors").fetchall()
    assert models == [(index.model,)]
    upkeep.close()


@pytest.mark.parametrize("setting", ["nonsense", "ollama:", "openai-compatible:", "openai-compatible:m"])
def test_a_setting_that_names_none_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="no embedder"):
        chosen_embedder(setting, BuiltinEmbedder(), base_url=None, api_key=None)
    assert chosen_embedder("ollama:m", BuiltinEmbedder(), base_url=None, api_key=None).identity.endswith(
        "/embeddings m"
    )
