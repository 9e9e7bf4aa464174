"""The index is kept in step with its sources, whatever they do meanwhile; a turn never waits long and never fails."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from core import Core
from fake_recall import FakeRecallIndex
from fakes import hit
from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import GrownGroup, Recallable, RecallKind, RecallQuery
from rejoinder.domain.retrieval import Hit
from rejoinder.services import recap
from rejoinder.services.recalling import Recalling
from rejoinder.services.recap import Recap

NOW = datetime(2026, 1, 2, tzinfo=UTC)
QUERY = RecallQuery(text="pool", user_id="default")


class Entries:
    """A source whose reading a test can stop."""

    kind: RecallKind = "memory"

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.broken: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port says."""
        return dict(self.texts)

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port says."""
        text = self.texts.get(group)
        self.reading.set()
        await self.gate.wait()
        if group in self.broken:
            raise ValueError("unreadable")
        if text is None:
            return []
        return [Recallable(passage_id=group, text=text, uri="x:", place=Place(0, 0, 1, 0), created_at=NOW)]


async def found(recalling: Recalling, *, patience: float = 20.0) -> list[str]:
    return sorted(hit.text for hit in await recalling.search("p", QUERY, patience=patience))


async def test_what_changes_while_it_is_read_is_read_again() -> None:
    entries = Entries(m1="old pool")
    entries.gate.clear()
    recalling = Recalling([entries], FakeRecallIndex())
    searching = asyncio.create_task(found(recalling))
    await entries.reading.wait()
    entries.texts["m1"] = "new pool"
    recalling.changed("p", "memory", "m1")
    entries.gate.set()
    assert await searching == ["new pool"]
    await recalling.close()


async def test_a_search_answers_from_what_is_there_when_its_patience_ends() -> None:
    entries = Entries(m1="the pool")
    index = FakeRecallIndex()
    recalling = Recalling([entries], index)
    assert await found(recalling) == ["the pool"]
    entries.gate.clear()
    entries.texts["m2"] = "a second pool"
    recalling.changed("p", "memory", "m2")
    assert await found(recalling, patience=0.01) == ["the pool"]
    entries.gate.set()
    assert await found(recalling) == ["a second pool", "the pool"]
    await recalling.close()


async def test_what_changes_in_an_index_in_use_is_brought_in_before_anybody_asks() -> None:
    entries, index = Entries(m1="the pool"), FakeRecallIndex()
    recalling = Recalling([entries], index)
    recalling.changed("p", "memory", "m1")
    assert recalling.is_behind("p") and not entries.reading.is_set()  # nobody has asked for anything here
    assert await found(recalling) == ["the pool"]
    entries.reading.clear()
    entries.texts["m2"] = "a second pool"
    recalling.changed("p", "memory", "m2")
    assert recalling.is_behind("p")
    await entries.reading.wait()
    while recalling.is_behind("p"):
        await asyncio.sleep(0)
    assert len(index.queries) == 1 and {key[2] for key in index.groups} == {"m1", "m2"}
    await recalling.close()


async def test_one_that_cannot_be_read_does_not_keep_the_others_out() -> None:
    entries = Entries(m1="the pool", m2="a second pool")
    entries.broken.add("m1")
    recalling = Recalling([entries], FakeRecallIndex())
    assert await found(recalling) == ["a second pool"]
    assert recalling.waiting("p") == 0
    entries.broken.clear()
    recalling.changed("p", "memory", "m1")
    assert await found(recalling) == ["a second pool", "the pool"]
    await recalling.close()


async def test_what_is_forgotten_while_it_waits_does_not_come_in() -> None:
    entries = Entries(m1="the pool")
    index = FakeRecallIndex()
    recalling = Recalling([entries], index)
    await found(recalling)
    entries.texts |= {"m2": "a second pool"}
    recalling.changed("p", "memory", "m2")
    del entries.texts["m1"], entries.texts["m2"]
    await recalling.forget("p", "memory", ["m1", "m2"])
    assert await found(recalling) == [] and index.groups == {}
    await recalling.close()


async def test_everything_is_compared_again_in_another_life_of_the_index() -> None:
    entries = Entries(m1="the pool")
    index = FakeRecallIndex()
    recalling = Recalling([entries], index)
    await found(recalling)
    index.groups.clear()
    index.life += 1
    assert await found(recalling) == ["the pool"]
    await recalling.close()


class Counting(FakeRecallIndex):
    """Says how many groups came each time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    async def put(self, project_id: str, groups: Sequence[GrownGroup]) -> None:
        """As the port says."""
        self.sizes.append(len(groups))
        await super().put(project_id, groups)


async def test_small_groups_come_in_together() -> None:
    entries = Entries(**{f"m{number}": "the pool" for number in range(1200)})
    index = Counting()
    recalling = Recalling([entries], index)
    await recalling.search("p", QUERY)
    assert index.sizes == [500, 500, 200] and len(index.groups) == 1200
    for number in range(3):
        entries.texts[f"m{number}"] = "another pool"
        recalling.changed("p", "memory", f"m{number}")
    await recalling.search("p", QUERY)
    assert index.sizes[3:] == [3]
    await recalling.close()


async def test_what_changes_comes_before_what_was_never_looked_at() -> None:
    entries = Entries(**{f"m{number}": "the pool" for number in range(1200)})
    entries.gate.clear()
    index = Counting()
    recalling = Recalling([entries], index)
    searching = asyncio.create_task(found(recalling))
    await entries.reading.wait()
    entries.texts["m0"] = "another lake"
    recalling.changed("p", "memory", "m0")
    entries.gate.set()
    await searching
    assert index.sizes == [500, 1, 500, 199]
    await recalling.close()


async def test_what_is_forgotten_during_a_first_reading_does_not_come_in() -> None:
    entries = Entries(**{f"m{number}": "the pool" for number in range(1200)})
    entries.gate.clear()
    index = FakeRecallIndex()
    recalling = Recalling([entries], index)
    searching = asyncio.create_task(found(recalling))
    await entries.reading.wait()
    gone = ["m1199", "m0"]  # one of those that are being read, and one that waits
    for group in gone:
        del entries.texts[group]
    forgetting = asyncio.create_task(recalling.forget("p", "memory", gone))
    entries.gate.set()
    await forgetting
    assert not [key for key in index.groups if key[2] in gone]
    await searching
    assert {key[2] for key in index.groups} == set(entries.texts)
    await recalling.close()


class Slow(FakeRecallIndex):
    """An index that does not answer."""

    async def search(self, project_ids: Sequence[str], query: RecallQuery, *, wait: float) -> list[Hit]:
        """As the port says, in an hour."""
        await asyncio.sleep(3600)
        return []


async def test_a_turn_goes_on_without_what_takes_too_long(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recap, "SECONDS", 0.02)
    index = Slow()
    index.hits = [hit("said")]
    told: list[str] = []
    request = await core.request("pool")
    hits = await Recap(Recalling((), index)).hits(request, None, (), quoting=False, tell=told.append)
    assert hits == () and "takes too long" in told[0]


async def test_a_turn_goes_on_without_an_index(core: Core) -> None:
    core.recall_index.hits = [hit("said")]
    core.recall_index.failure = IndexUnavailable("It is broken.", hint="Mend it.")
    told: list[str] = []
    request = await core.request("pool")
    hits = await Recap(core.recalling).hits(request, None, (), quoting=False, tell=told.append)
    assert hits == () and told == ["It is broken. Answering without what was said and remembered."]


async def test_a_turn_tells_that_something_is_still_to_be_read(core: Core) -> None:
    entries = Entries(m1="the pool", m2="a second pool")
    recalling = Recalling([entries], FakeRecallIndex())
    request = await core.request("pool")
    project = request.project.project_id
    await recalling.search(project, QUERY)
    entries.gate.clear()
    for name in ("m1", "m2"):
        entries.texts[name] += " again"
        recalling.changed(project, "memory", name)
    told: list[str] = []
    hits = await Recap(recalling).hits(request, None, (), quoting=False, tell=told.append)
    assert len(hits) == 2 and "Still reading" in told[-1]
    entries.gate.set()
    await recalling.close()
