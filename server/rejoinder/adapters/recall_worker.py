"""The port `RecallIndex` by a process of its own, one for all projects."""

import asyncio
import itertools
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import attrs

from rejoinder.adapters.worker_link import Manner, WorkerLink
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import GrownGroup, KnownGroup, KnownGroups, RecallKind, RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit, IndexOptions
from rejoinder.index.recall.folders import folder_of
from rejoinder.index.recall.messages import (
    Ask,
    Count,
    Counted,
    Done,
    Failed,
    Found,
    FromRecall,
    Groups,
    Known,
    Piece,
    Put,
    Remove,
    Use,
    decode_reply,
    encode,
)

_COMMAND = (sys.executable, "-P", "-m", "rejoinder.index.recall.worker")
_MANNER = Manner("recall index", hint="Go on without; `rejoinder doctor` tells more.", tries_again=True)
_ANSWER_SECONDS = 30.0
_AT_ONCE = 100
"""Passages that are sent at once and kept in one transaction: a question waits for one of those at most. Twice as many
would take in no more of them in a second."""

_Answer = TypeVar("_Answer", Groups, Found, Counted, Done)


class WorkerRecallIndex:
    """Asks the process, which is started at the first need."""

    def __init__(
        self, folder: Path, *, command: Sequence[str] = _COMMAND, now: Callable[[], float] = time.time
    ) -> None:
        """The index lies in `folder`, which may not be there yet."""
        self._folder = folder
        self._now = now
        self._uses: dict[str, Use] = {}
        self._ids = itertools.count(1)
        self._anew = 0
        self._link = WorkerLink[FromRecall](
            [*command, str(folder)],
            decode_reply,
            _MANNER,
            greeting=self._greeting,
            told=self._listen,
        )

    @property
    def life(self) -> int:
        """As the port says."""
        return self._link.lives + self._anew

    @property
    def pid(self) -> int | None:
        """The process's ID while it runs."""
        return self._link.pid

    def exists(self, project_id: str) -> bool:
        """As the port says."""
        return folder_of(self._folder, project_id).exists()

    async def use(self, project_id: str, options: IndexOptions) -> None:
        """As the port says."""
        use = Use(project_id, options.embedder, options.base_url, options.api_key_env)
        if self._uses.get(project_id) != use:
            self._uses[project_id] = use
            if self._link.pid is not None:
                await self._link.send(encode(use))

    async def known(self, project_id: str) -> KnownGroups:
        """As the port says."""
        answer = await self._ask(Known(next(self._ids), project_id), Groups)
        groups: dict[RecallKind, dict[str, KnownGroup]] = defaultdict(dict)
        for kind, name, version, mark in answer.groups:
            groups[kind][name] = KnownGroup(version, mark)  # type: ignore[index]
        return groups

    async def put(self, project_id: str, groups: Sequence[GrownGroup]) -> None:
        """As the port says."""
        for pieces in _together(piece for each in groups for piece in _pieces(each)):
            await self._ask(Put(next(self._ids), project_id, pieces), Done)

    async def remove(self, project_id: str, kind: RecallKind, groups: Sequence[str]) -> None:
        """As the port says. When there is no process to do it, the project's index goes as a whole."""
        try:
            await self._ask(Remove(next(self._ids), project_id, kind, tuple(groups)), Done)
        except IndexUnavailable:
            await self._link.stop()
            await asyncio.to_thread(shutil.rmtree, folder_of(self._folder, project_id), ignore_errors=True)
            self._anew += 1

    async def search(self, project_ids: Sequence[str], query: RecallQuery, *, wait: float) -> list[Hit]:
        """As the port says."""
        ask = Ask(next(self._ids), tuple(project_ids), query, self._now(), wait)
        return list((await self._ask(ask, Found)).hits)

    async def status(self, project_id: str) -> RecallStatus:
        """As the port says."""
        status = (await self._ask(Count(next(self._ids), project_id), Counted)).status
        crash = self._link.last_crash
        return status if crash is None else attrs.evolve(status, faults=(*status.faults, crash))

    async def close(self) -> None:
        """As the port says."""
        await self._link.close()

    async def _ask(self, request: Known | Put | Remove | Ask | Count, expected: type[_Answer]) -> _Answer:
        answer = await self._link.ask(request.id, _encoded(request), timeout=_ANSWER_SECONDS)
        if isinstance(answer, expected):
            return answer
        raise self._link.unavailable(answer.reason if isinstance(answer, Failed) else "It answered something else.")

    def _greeting(self) -> Iterable[bytes]:
        return map(encode, self._uses.values())

    def _listen(self, answer: FromRecall) -> None:
        if isinstance(answer, Failed) and answer.anew:
            self._anew += 1


def _pieces(grown: GrownGroup) -> Iterator[Piece]:
    """What came of a group, in pieces that may be sent at once."""
    growth, passages = grown.growth, grown.growth.passages
    for at in range(0, len(passages), _AT_ONCE) or (0,):
        first, last = at == 0, at + _AT_ONCE >= len(passages)
        held = tuple(passages[at : at + _AT_ONCE])
        yield Piece(grown.kind, grown.group, held, growth.whole, first, last, grown.version, growth.mark)


def _together(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, ...]]:
    """As many pieces each time as may be sent at once."""
    held: list[Piece] = []
    size = 0
    for piece in pieces:
        cost = max(1, len(piece.passages))
        if size + cost > _AT_ONCE and held:
            yield tuple(held)
            held, size = [], 0
        held.append(piece)
        size += cost
    if held:
        yield tuple(held)


def _encoded(request: Known | Put | Remove | Ask | Count) -> bytes:
    try:
        return encode(request)
    except TypeError:
        return encode(_without_surrogates(request))


def _without_surrogates(request: Known | Put | Remove | Ask | Count) -> Known | Put | Remove | Ask | Count:
    """The same with texts that JSON can hold: lone surrogates come from programs that cut texts in the middle."""
    if isinstance(request, Put):
        return attrs.evolve(request, pieces=tuple(map(_clean_piece, request.pieces)))
    if isinstance(request, Ask):
        return attrs.evolve(request, query=attrs.evolve(request.query, text=_clean(request.query.text)))
    return request


def _clean_piece(piece: Piece) -> Piece:
    passages = tuple(attrs.evolve(passage, text=_clean(passage.text)) for passage in piece.passages)
    return attrs.evolve(piece, passages=passages)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
