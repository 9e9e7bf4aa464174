"""Recalling by providers: who is asked what, who is told, and what becomes of failures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import Core
from fake_recall import FakeRecallIndex
from rejoinder.domain.conversation import Place, Project
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import Recallable, RecallKind, RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.provided_recalling import ProvidedRecalling
from rejoinder.services.recall_ports import RecallIndex

OWN = RecallConfig(provider="own")


class Source:
    """Passages of a kind, each a group."""

    def __init__(self, kind: RecallKind, texts: Mapping[str, str]) -> None:
        self.kind: RecallKind = kind
        self.texts = dict(texts)

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port says."""
        return self.texts

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port says."""
        text, now = self.texts[group], datetime(2024, 1, 1, tzinfo=UTC)
        return [Recallable(passage_id="0", text=text, uri=group, place=Place(0, 0, 0, 0), created_at=now)]


class Recalled:
    """Recalling over two kinds, with providers that are fakes."""

    def __init__(self, core: Core) -> None:
        self.memory = Source("memory", {"m": "zebras sleep"})
        self.knowledge = Source("knowledge", {"k": "zebras stand"})
        self.builtin = FakeRecallIndex()
        self.opened: dict[tuple[RecallKind, str, Path | None], FakeRecallIndex] = {}
        self._core = core
        self.recalling = self.begin()

    def begin(self) -> ProvidedRecalling:
        """What another engine has."""
        store = self._core.conversations.store
        return ProvidedRecalling([self.memory, self.knowledge], self.builtin, self._open, store, self._core.io)

    def _open(self, kind: RecallKind, name: str, path: Path | None) -> RecallIndex:
        if name == "missing":
            raise IndexUnavailable("It is not installed.", hint="Install it.")
        return self.opened.setdefault((kind, name, path), FakeRecallIndex())


def query(**how: RecallConfig) -> RecallQuery:
    """What is asked of both kinds."""
    kinds: frozenset[RecallKind] = frozenset(("memory", "knowledge"))
    return RecallQuery(text="zebras", user_id="default", kinds=kinds, how={**how})  # type: ignore[dict-item]


async def test_each_kind_is_asked_of_its_provider(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    hits = await recalled.recalling.search(project.project_id, query(memory=OWN))
    assert {hit.text for hit in hits} == {"zebras sleep", "zebras stand"}
    ((key, own),) = recalled.opened.items()
    assert key == ("memory", "own", None)
    assert [each.kinds for each in own.queries] == [{"memory"}]
    assert [each.kinds for each in recalled.builtin.queries] == [{"knowledge"}]
    assert all(each.how == {} for each in (*own.queries, *recalled.builtin.queries))


async def test_vectors_are_compared_as_each_kind_says(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    words = RecallConfig(vector_store="none")
    await recalled.recalling.search(project.project_id, query(memory=words, knowledge=RecallConfig()))
    assert {(each.vector_store, *each.kinds) for each in recalled.builtin.queries} == {
        ("none", "memory"),
        ("exact", "knowledge"),
    }


async def test_what_is_off_is_asked_of_nobody(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    off = RecallConfig(provider="none")
    assert await recalled.recalling.search(project.project_id, query(memory=off, knowledge=off)) == []
    assert (recalled.builtin.queries, recalled.opened) == ([], {})


async def test_a_provider_is_told_of_changes(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    await recalled.recalling.search(project.project_id, query(memory=OWN))
    recalled.memory.texts["n"] = "zebras graze"
    recalled.recalling.changed(project.project_id, "memory", "n")
    hits = await recalled.recalling.search(project.project_id, query(memory=OWN))
    assert "zebras graze" in {hit.text for hit in hits}


async def test_an_engine_that_asked_a_provider_nothing_has_it_forget(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    await recalled.recalling.search(project.project_id, query(memory=OWN))
    later = recalled.begin()
    await later.forget(project.project_id, "memory", ["m"])
    await later.forget(project.project_id, "knowledge", ["k"])
    (own,) = recalled.opened.values()
    assert own.removed == [(project.project_id, "memory", "m")]


async def test_what_one_provider_cannot_find_the_others_still_do(core: Core, project: Project) -> None:
    recalled = Recalled(core)
    missing = RecallConfig(provider="missing")
    (hit,) = await recalled.recalling.search(project.project_id, query(memory=missing))
    assert hit.text == "zebras stand"
    with pytest.raises(IndexUnavailable, match="not installed"):
        await recalled.recalling.search(project.project_id, query(memory=missing, knowledge=missing))
