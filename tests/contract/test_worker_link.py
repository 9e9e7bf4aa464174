"""The talk with a worker of any kind, on real processes that say again what they are told."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import attrs
import pytest

from rejoinder.adapters.worker_link import Manner, WorkerLink
from rejoinder.domain.errors import IndexUnavailable

ECHO = """
import sys, time
for line in sys.stdin:
    if "die" in line:
        sys.exit(3)
    print(line, end="", flush=True)
time.sleep(0.2)
"""


@attrs.frozen
class Said:
    """A line of a number and a word."""

    id: int
    word: str


def said(line: bytes) -> Said:
    number, word = line.decode().split()
    return Said(int(number), word)


class World:
    """A link to one worker, and what was heard of it."""

    def __init__(self) -> None:
        self.greeted = 0
        self.ends: list[tuple[str, bool]] = []
        self.link = WorkerLink[Said](
            [sys.executable, "-c", ECHO],
            said,
            Manner("echo", hint="Shout.", tries_again=True),
            greeting=self._greet,
            told=lambda answer: None,
            ended=lambda reason, again: self.ends.append((reason, again)),
        )

    async def ask(self, word: str) -> str:
        return (await self.link.ask(7, f"7 {word}\n".encode(), timeout=30.0)).word

    def _greet(self) -> list[bytes]:
        self.greeted += 1
        return [b"0 hello\n"]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.link.close()


async def test_the_first_request_starts_it_and_the_one_after_an_end_another(world: World) -> None:
    assert world.link.pid is None
    assert await world.ask("first") == "first"
    await world.link.stop()
    assert world.link.pid is None
    assert await world.ask("second") == "second"
    assert (world.link.lives, world.greeted, world.ends) == (2, 2, [])


async def test_one_that_dies_is_started_again_a_few_times_and_then_given_up(world: World) -> None:
    for _ in range(4):
        with pytest.raises(IndexUnavailable, match="The echo ended with status 3"):
            await world.ask("die")
    assert [again for _, again in world.ends] == [True, True, True, False]
    with pytest.raises(IndexUnavailable, match="cannot be kept running") as caught:
        await world.ask("word")
    assert caught.value.hint == "Shout."
    world.link.start()
    assert await world.ask("word") == "word"


async def test_a_question_while_it_is_ended_does_not_keep_the_next_one_from_an_answer(world: World) -> None:
    await world.ask("word")
    stopping = asyncio.create_task(world.link.stop())
    await asyncio.sleep(0)
    with contextlib.suppress(IndexUnavailable):
        await world.ask("meanwhile")
    await asyncio.gather(stopping, world.link.stop())
    assert await world.ask("after") == "after"


async def test_one_that_is_closed_before_it_began_leaves_nobody_waiting(world: World) -> None:
    world.link.start()
    await world.link.close()
    with pytest.raises(IndexUnavailable, match="The echo was closed"):
        await world.ask("word")
    assert world.link.lives == 0
