"""Embedders that a setting names, in real worker processes: their server, their package, and a change of mind."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rejoinder.adapters.worker_search import WorkerSearch, WorkerSearchProvider
from rejoinder.domain.retrieval import IndexOptions

PATIENCE = 60.0
BUILTIN = IndexOptions()
WORKER = [sys.executable, "-P", "-m", "rejoinder.index.worker"]
PACKAGE = """
import numpy as np

class Colours:
    quick = True

    def __init__(self, name):
        if name == "broken":
            raise RuntimeError("no such colour")
        self.identity = f"colours {name}"

    def embed(self, texts):
        rows = np.array([[0.1 + text.count("crimson") + text.count("red_"), 0.1] for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
"""


class Server(ThreadingHTTPServer):
    """Speaks OpenAI's protocol for embeddings; dogs and canines are alike to its models."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.models: set[str] = set()
        self.keys: set[str | None] = set()
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Answering(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.may_answer.wait(PATIENCE)
        self.server.models.add(request["model"])
        self.server.keys.add(self.headers["Authorization"])
        rows = [[1.0 + 5 * (text.count("dog") + text.count("canine")), 1.0, 0.5] for text in request["input"]]
        body = json.dumps({"data": [{"index": at, "embedding": row} for at, row in enumerate(rows)]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()


class World:
    def __init__(self, base: Path) -> None:
        self.base, self.folder = base, base / "project"
        self.folder.mkdir()
        for name in ("dog", "cat", *(f"plain{number}" for number in range(20))):
            (self.folder / f"{name}.py").write_text(f"def {name}():\n    return {name}\n")
        self._searches: list[WorkerSearch] = []

    def open(self, options: IndexOptions) -> WorkerSearch:
        search = WorkerSearchProvider(self.base / "cache", command=WORKER).open("p", self.folder, (), options)
        self._searches.append(search)
        return search

    async def best(self, search: WorkerSearch, query: str) -> str | None:
        hits = await search.search(query, limit=1, wait=PATIENCE)
        return Path(hits[0].uri).stem if hits else None

    async def until_best(self, search: WorkerSearch, query: str, wanted: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.best(search, query) != wanted:
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        for search in self._searches:
            await search.close()
        self._searches.clear()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    await world.close()


@pytest.mark.parametrize("kind", ["openai-compatible", "ollama"])
async def test_a_server_makes_the_vectors(
    world: World, server: Server, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    options = IndexOptions(embedder=f"{kind}:small", base_url=server.url, api_key_env="MY_KEY")
    search = world.open(options)
    await world.until_best(search, "canine", "dog")
    async with asyncio.timeout(PATIENCE):
        while search.status().dimension != 3:
            await asyncio.sleep(0.02)
    assert search.status().model == f"{server.url}/embeddings small"
    assert (server.models, server.keys) == ({"small"}, {"Bearer secret"})


async def test_answers_are_right_all_through_a_change_of_the_embedder(world: World, server: Server) -> None:
    assert await world.best(world.open(BUILTIN), "def dog") == "dog"
    await world.close()
    server.may_answer.clear()
    search = world.open(IndexOptions(embedder="openai-compatible:small", base_url=server.url))
    # the new vectors are not there: words answer, and nothing of the old ones counts
    assert await world.best(search, "def dog") == "dog"
    assert await world.best(search, "canine") is None
    server.may_answer.set()
    await world.until_best(search, "canine", "dog")
    assert await world.best(search, "def cat") == "cat"
    await world.close()
    search = world.open(BUILTIN)
    assert await world.best(search, "def dog") == "dog"
    assert search.status().model.startswith("builtin-")


async def test_a_package_offers_an_embedder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = world.base / "packages"
    (packages / "colours-1.0.dist-info").mkdir(parents=True)
    (packages / "colours.py").write_text(PACKAGE)
    (packages / "colours-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: colours\nVersion: 1.0\n")
    entry_points = "[rejoinder.embedders]\ncolours = colours:Colours\n"
    (packages / "colours-1.0.dist-info" / "entry_points.txt").write_text(entry_points)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    )
    (world.folder / "paint.py").write_text("def paint():\n    return red_paint\n")
    search = world.open(IndexOptions(embedder="colours:warm"))
    assert await world.best(search, "crimson") == "paint"
    assert (search.status().model, search.status().dimension) == ("colours warm", 2)
    await world.close()
    search = world.open(IndexOptions(embedder="colours:broken"))
    assert await world.best(search, "def dog") == "dog"
    reasons = [fault.reason for fault in search.status().faults]
    assert reasons == ["no such colour; the built-in one is used"]
