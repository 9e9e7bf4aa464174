"""Recalling that asks each kind's provider: the built-in index, or one of the user's own."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

import attrs

from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import RecallKind, RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit
from rejoinder.services.provider_ports import OpenIndex
from rejoinder.services.recall_ports import RecallIndex, RecallSource
from rejoinder.services.recalling import PATIENCE_SECONDS, Recalling
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread

_RECORDS = "providers"
"""The kind of a project's records that name the providers which were told of it."""

_log = logging.getLogger(__name__)


class Provider(NamedTuple):
    """Who finds passages of a kind."""

    kind: RecallKind
    name: str
    path: str | None

    @property
    def record_id(self) -> str:
        """Under what a project notes it."""
        return f"{self.kind}:{self.name}"


class ProvidedRecalling(Recalling):
    """As Recalling, for queries that say how their kinds are configured.

    A provider is followed by a Recalling of its own. A project notes which ones were told of it, so that what is
    forgotten is taken out of them too, also by an engine that has asked them nothing.
    """

    def __init__(
        self,
        sources: Sequence[RecallSource],
        index: RecallIndex,
        open_index: OpenIndex,
        store: HistoryStore,
        io: StoreThread,
    ) -> None:
        super().__init__(sources, index)
        self._by_kind = {source.kind: source for source in sources}
        self._open_index = open_index
        self._store = store
        self._io = io
        self._provided: dict[Provider, Recalling] = {}

    async def search_all(
        self, project_ids: Sequence[str], query: RecallQuery, *, patience: float = PATIENCE_SECONDS
    ) -> list[Hit]:
        """As Recalling says, each kind by its provider. What one cannot find, the others still do."""
        searches = [self._ask_builtin(project_ids, asked, patience) for asked in _builtin(query)]
        searches += [
            self._ask_provider(provider, project_ids, asked, patience) for provider, asked in _provided(query).items()
        ]
        outcomes = await asyncio.gather(*searches, return_exceptions=True)
        rankings = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        for failure in outcomes:
            if isinstance(failure, BaseException) and not (rankings and isinstance(failure, IndexUnavailable)):
                raise failure
        return _in_turn(rankings)

    def changed(self, project_id: str, kind: RecallKind, group: str) -> None:
        """As Recalling says."""
        super().changed(project_id, kind, group)
        for provider, recalling in self._provided.items():
            if provider.kind == kind:
                recalling.changed(project_id, kind, group)

    def reloaded(self, project_id: str) -> None:
        """As Recalling says."""
        super().reloaded(project_id)
        for recalling in self._provided.values():
            recalling.reloaded(project_id)

    async def forget(self, project_id: str, kind: RecallKind, groups: str | Collection[str]) -> None:
        """As Recalling says, out of every provider that was told."""
        await super().forget(project_id, kind, groups)
        for provider in await self._providers_of(project_id):
            if provider.kind == kind:
                await self._forget_in(provider, project_id, groups)

    async def close(self) -> None:
        """As Recalling says."""
        for recalling in self._provided.values():
            await recalling.close()
        await super().close()

    async def _ask_builtin(self, project_ids: Sequence[str], query: RecallQuery, patience: float) -> list[Hit]:
        return await super().search_all(project_ids, query, patience=patience)

    async def _ask_provider(
        self, provider: Provider, project_ids: Sequence[str], query: RecallQuery, patience: float
    ) -> list[Hit]:
        recalling = self._opened(provider)
        for project_id in project_ids:
            if provider not in await self._providers_of(project_id):
                record = {provider.record_id: provider._asdict()}
                await self._io(self._store.put_records, project_id, _RECORDS, record)
        return await recalling.search_all(project_ids, query, patience=patience)

    async def _forget_in(self, provider: Provider, project_id: str, groups: str | Collection[str]) -> None:
        try:
            await self._opened(provider).forget(project_id, provider.kind, groups)
        except IndexUnavailable as exc:
            _log.warning("what was forgotten may still be with the provider %r: %s", provider.name, exc.message)

    def _opened(self, provider: Provider) -> Recalling:
        if provider not in self._provided:
            index = self._open_index(provider.kind, provider.name, Path(provider.path) if provider.path else None)
            self._provided[provider] = Recalling([self._by_kind[provider.kind]], index)
        return self._provided[provider]

    async def _providers_of(self, project_id: str) -> list[Provider]:
        records = await self._io(self._store.records, project_id, _RECORDS)
        return [Provider(record["kind"], record["name"], record["path"]) for record in records.values()]


def _builtin(query: RecallQuery) -> list[RecallQuery]:
    """What the built-in index is asked: once for each way in which vectors are compared."""
    ways: dict[str, set[RecallKind]] = {}
    for kind in query.kinds:
        config = query.how.get(kind, RecallConfig())
        if config.is_builtin:
            ways.setdefault(config.vector_store or query.vector_store, set()).add(kind)
    return [attrs.evolve(query, kinds=frozenset(kinds), vector_store=way, how={}) for way, kinds in ways.items()]


def _provided(query: RecallQuery) -> Mapping[Provider, RecallQuery]:
    """What providers are asked."""
    found = {}
    for kind in query.kinds:
        config = query.how.get(kind, RecallConfig())
        if not (config.is_builtin or config.is_off) and config.provider is not None:
            asked = attrs.evolve(query, kinds=frozenset((kind,)), how={})
            found[Provider(kind, config.provider, config.path)] = asked
    return found


def _in_turn(rankings: Sequence[list[Hit]]) -> list[Hit]:
    """Rankings whose scores cannot be compared: the first of each, the second of each, and so on."""
    if len(rankings) == 1:
        return rankings[0]
    return [hit for hit in chain.from_iterable(zip_longest(*rankings)) if hit is not None]
