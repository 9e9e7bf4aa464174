"""Recalling by the real process of the index: in step with its sources, kept on disk, gone when it is forgotten."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fake_embeddings import EmbeddingServer, embedding_server
from rejoinder.adapters.recall_worker import WorkerRecallIndex
from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import GrownGroup, Growth, KnownGroup, Recallable, RecallKind, RecallQuery
from rejoinder.domain.retrieval import Hit, IndexOptions
from rejoinder.services.recalling import Recalling

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Entries:
    """A source of entries by their IDs, whose versions are their texts."""

    def __init__(self, kind: RecallKind = "memory", **texts: str) -> None:
        self.kind: RecallKind = kind
        self.texts = dict(texts)
        self.read: list[str] = []

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port says."""
        return dict(self.texts)

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port says."""
        self.read.append(group)
        return [passage(group, self.texts[group])] if group in self.texts else []


class Growing(Entries):
    """One group whose passages come at its end."""

    def __init__(self, *lines: str) -> None:
        super().__init__("message")
        self.lines = list(lines)
        self.shown: list[int] = []

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port says."""
        return {"session": str(len(self.lines))}

    async def growth(self, project_id: str, group: str, mark: str) -> Growth:
        """As the port says."""
        known = int(mark or 0)
        new = [passage(str(at), line, session_id=group) for at, line in enumerate(self.lines)][known:]
        self.shown.append(len(new))
        return Growth(new, str(len(self.lines)), whole=not known)


def passage(name: str, text: str, **fields: str) -> Recallable:
    return Recallable(
        passage_id=name, text=text, uri=f"rejoinder:/{name}", place=Place(0, 0, 1, 0), created_at=NOW, **fields
    )


class World:
    """A cache folder, and the indexes that a test opens over it, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = WorkerRecallIndex(folder)
        self.recalling: Recalling | None = None

    async def open(
        self, *sources: Entries, options: IndexOptions | None = None, command: Sequence[str] = ()
    ) -> Recalling:
        await self.close()
        self.index = WorkerRecallIndex(self.folder, **({"command": command} if command else {}))
        self.recalling = Recalling(sources, self.index)
        if options is not None:
            await self.recalling.use("p", options)
        return self.recalling

    async def close(self) -> None:
        if self.recalling is not None:
            await self.recalling.close()

    def written(self) -> bytes:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "recall")
    yield world
    await world.close()


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as server:
        yield server


async def found(recalling: Recalling, text: str, **fields: object) -> list[str]:
    return [hit.text for hit in await hits(recalling, text, **fields)]


async def hits(recalling: Recalling, text: str, **fields: object) -> list[Hit]:
    return await recalling.search("p", RecallQuery(text=text, user_id="default", **fields))  # type: ignore[arg-type]


async def embedded(recalling: Recalling, dimension: int) -> None:
    """Wait until every passage has a vector of this length."""
    while True:
        status = await recalling.status("p")
        if status.dimension == dimension and status.embedded == status.passages:
            return
        await asyncio.sleep(0.01)


async def test_nothing_is_started_or_written_before_there_is_something(world: World) -> None:
    recalling = await world.open(Entries())
    assert await found(recalling, "pool") == []
    recalling.changed("p", "memory", "m1")
    assert await found(recalling, "pool") == []
    await recalling.forget("p", "memory", "m1")
    assert (world.index.pid, world.folder.exists()) == (None, False)


async def test_what_changed_is_found_by_the_next_search(world: World) -> None:
    entries = Entries(m1="the pool lends connections")
    recalling = await world.open(entries)
    assert await found(recalling, "pool") == ["the pool lends connections"]
    entries.texts |= {"m1": "the pool is closed", "m2": "another pool"}
    recalling.changed("p", "memory", "m1")
    recalling.changed("p", "memory", "m2")
    assert set(await found(recalling, "pool")) == {"the pool is closed", "another pool"}
    del entries.texts["m1"]
    recalling.changed("p", "memory", "m1")
    assert await found(recalling, "pool") == ["another pool"]
    assert b"is closed" not in world.written()


async def test_of_what_grew_only_the_end_is_looked_at(world: World) -> None:
    source = Growing(*(f"line {number} about the harbour" for number in range(450)))
    recalling = await world.open(source)
    assert len(await found(recalling, "harbour", limit=200)) == 200
    source.lines += ["the lighthouse", "of the lighthouse keeper"]
    recalling.changed("p", "message", "session")
    assert len(await found(recalling, "lighthouse")) == 2
    assert source.shown == [450, 2]
    again = Growing(*source.lines, "a third lighthouse")
    assert len(await found(await world.open(again), "lighthouse")) == 3
    assert again.shown == [1]


async def test_large_and_small_groups_come_in_together(world: World) -> None:
    index = world.index
    sizes = {"a": 30, "b": 0, "c": 250, "d": 60, "e": 41, "f": 100, "g": 1}
    groups = [
        GrownGroup("knowledge", name, Growth([passage(f"{n}", f"{name} harbour") for n in range(size)], "", True), "1")
        for name, size in sizes.items()
    ]
    await index.put("p", groups)
    assert (await index.known("p"))["knowledge"] == dict.fromkeys(sizes, KnownGroup("1"))
    assert (await index.status("p")).passages == sum(sizes.values())
    smaller = Growth([passage("7", "c harbour")], "", True)
    await index.put("p", [GrownGroup("knowledge", "c", smaller, "2"), *groups[3:]])
    assert (await index.status("p")).passages == sum(sizes.values()) - 249
    assert (await index.known("p"))["knowledge"]["c"] == KnownGroup("2")
    await index.close()


async def test_it_is_kept_and_compared_at_the_next_start(world: World) -> None:
    await found(await world.open(Entries(m1="old pool", m2="same pool", m3="lost pool")), "pool")
    entries = Entries(m1="new pool", m2="same pool")
    assert set(await found(await world.open(entries), "pool")) == {"new pool", "same pool"}
    assert entries.read == ["m1"]
    assert b"lost" not in world.written()


async def test_each_passage_is_embedded_once_for_each_model(world: World, server: EmbeddingServer) -> None:
    first = IndexOptions(embedder="openai-compatible:abc", base_url=server.url)
    second = IndexOptions(embedder="openai-compatible:abcd", base_url=server.url)
    entries = Entries(m1="a dog", m2="a cat")
    recalling = await world.open(entries, options=first)
    assert await found(recalling, "a canine?") == []  # no word of it, and no vectors yet
    await embedded(recalling, 3)
    assert (await found(recalling, "a canine?"))[0] == "a dog"
    await recalling.use("p", second)
    await embedded(recalling, 4)
    assert (await recalling.status("p")).model == f"{server.url}/embeddings abcd"
    assert (await found(recalling, "a canine?"))[0] == "a dog"
    recalling = await world.open(entries, options=first)
    await found(recalling, "a canine?")
    await embedded(recalling, 3)
    assert (await found(recalling, "a canine?"))[0] == "a dog"
    assert {pair: count for pair, count in server.texts.items() if not pair[1].endswith("?")} == {
        (model, text): 1 for model in ("abc", "abcd") for text in ("a dog", "a cat")
    }


async def test_while_a_model_changes_words_answer_and_vectors_are_not_mixed(
    world: World, server: EmbeddingServer
) -> None:
    recalling = await world.open(
        Entries(m1="a dog sleeps", m2="a cat sleeps"),
        options=IndexOptions(embedder="openai-compatible:abc", base_url=server.url),
    )
    await found(recalling, "sleeps?")
    await embedded(recalling, 3)
    server.gate.clear()
    await recalling.use("p", IndexOptions(embedder="openai-compatible:xyz", base_url=server.url))
    await asyncio.to_thread(server.asked.wait)
    status = await recalling.status("p")
    assert (status.passages, status.embedded, status.dimension) == (2, 0, 0)
    by_words = await hits(recalling, "who is a canine and sleeps?")
    assert {hit.text for hit in by_words} == {"a dog sleeps", "a cat sleeps"}
    assert all(hit.parts["dense"] == 0 for hit in by_words)
    server.gate.set()
    await embedded(recalling, 3)
    assert (await hits(recalling, "a canine?"))[0].parts["dense"] > 0.9


async def test_without_its_server_words_answer_and_the_reason_is_told(world: World, server: EmbeddingServer) -> None:
    url = server.url
    server.server_close()
    options = IndexOptions(embedder="openai-compatible:abc", base_url=url.replace("v1", "nowhere"))
    server.shutdown()
    recalling = await world.open(Entries(m1="a dog"), options=options)
    assert await recalling.search("p", RecallQuery(text="dog", user_id="default"))
    while not (status := await recalling.status("p")).faults:
        await asyncio.sleep(0.01)
    assert "Words answer meanwhile" in status.faults[0]


async def test_a_key_is_read_from_its_variable(
    world: World, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "the key")
    options = IndexOptions(embedder="openai-compatible:abc", base_url=server.url, api_key_env="MY_KEY")
    recalling = await world.open(Entries(m1="a dog"), options=options)
    await found(recalling, "dog")
    await embedded(recalling, 3)
    assert server.keys == {"Bearer the key"}


async def test_a_process_that_dies_costs_no_answer(world: World) -> None:
    recalling = await world.open(Entries(m1="the pool lends"))
    await found(recalling, "pool")
    before = world.index.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    while world.index.pid == before:
        await asyncio.sleep(0.01)
    assert await found(recalling, "pool") == ["the pool lends"]
    assert world.index.pid not in (None, before)


async def test_without_a_process_searching_fails_and_forgetting_does_not(world: World) -> None:
    entries = Entries(m1="the xylograph", m2="the pool")
    await found(await world.open(entries), "pool")
    recalling = await world.open(entries, command=("/nonexistent/python",))
    with pytest.raises(IndexUnavailable):
        await found(recalling, "pool")
    assert (await recalling.status("p")).faults
    assert b"xylograph" in world.written()
    await recalling.forget("p", "memory", "m1")
    assert b"xylograph" not in world.written()
    del entries.texts["m1"]
    assert await found(await world.open(entries), "the pool xylograph") == ["the pool"]


async def test_what_is_forgotten_is_gone_before_the_answer(world: World) -> None:
    entries = Entries(m1="the xylograph", m2="the pool")
    await found(await world.open(entries), "pool")
    recalling = await world.open(entries)
    await recalling.forget("p", "memory", ["m1"])
    assert b"xylograph" not in world.written()
    await recalling.forget("p", "memory", "m3")
    del entries.texts["m1"]
    assert await found(recalling, "the pool xylograph") == ["the pool"]


async def test_a_damaged_index_is_made_anew_and_told_of(world: World) -> None:
    entries = Entries(m1="the pool lends")
    recalling = await world.open(entries)
    await found(recalling, "pool")
    await world.close()
    (file,) = world.folder.rglob("*.sqlite")
    file.write_bytes(b"\xff" * 5000 + file.read_bytes()[5000:])
    recalling = await world.open(entries)
    assert await found(recalling, "pool") == ["the pool lends"]
    assert any("damaged" in fault for fault in (await recalling.status("p")).faults)


async def test_damage_that_is_met_later_is_mended_too(world: World) -> None:
    entries = Entries(**{f"m{n}": f"the pool number{n} lends" for n in range(400)})
    recalling = await world.open(entries)
    await found(recalling, "pool")
    await world.close()
    (file,) = world.folder.rglob("*.sqlite")
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    recalling = await world.open(entries)
    assert (await found(recalling, "number7"))[0] == "the pool number7 lends"
    assert any("damaged" in fault for fault in (await recalling.status("p")).faults)


async def test_projects_are_searched_one_by_one_or_together(world: World) -> None:
    recalling = await world.open(Entries(m1="the pool lends"))
    query = RecallQuery(text="pool", user_id="default")
    together = await recalling.search_all(["p", "q"], query)
    assert {hit.project_id for hit in together} == {"p", "q"}
    assert [hit.project_id for hit in await recalling.search("p", query)] == [None]
    await recalling.forget("q", "memory", "m1")
    assert {hit.project_id for hit in await recalling.search_all(["p", "q"], query)} == {"p"}
