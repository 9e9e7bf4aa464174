"""What is told while a project is read for the first time."""

import asyncio
from typing import Any, cast

import pytest

from rejoinder.adapters.extractive_model import ExtractiveModel
from rejoinder.domain.prompt import ModelSettings, Prompt, TextDelta
from rejoinder.domain.retrieval import IndexState, IndexStatus
from rejoinder.protocol.types import Usage
from rejoinder.protocol.updates import End, Status, Text
from rejoinder.services.ports import ProjectSearch
from rejoinder.services.reading import unread, while_reading
from rejoinder_client.cli.output import print_stream


class Search:
    """A search whose status is set by the test."""

    def __init__(self, state: IndexState, done: int = 0, total: int = 0) -> None:
        self.now = IndexStatus(state=state, done=done, total=total)

    def status(self) -> IndexStatus:
        return self.now


def as_search(search: Search) -> ProjectSearch:
    return cast(ProjectSearch, search)


async def test_how_far_the_project_is_read_is_told_until_it_is_searched() -> None:
    search, told, over = Search("starting"), [], asyncio.Event()

    async def found() -> str:
        search.now = IndexStatus(state="indexing", done=1200, total=2400)
        await over.wait()
        return "a passage"

    def tell(text: str) -> None:
        told.append(text)
        if "of" in text:
            over.set()

    assert await while_reading(as_search(search), found(), tell, every=0.01) == "a passage"
    assert told[:2] == ["Reading the project…", "Reading the project, 1,200 of 2,400 files…"]


async def test_nothing_is_told_of_a_project_that_is_read() -> None:
    async def found() -> int:
        return 1

    assert await while_reading(as_search(Search("ready")), found(), pytest.fail) == 1


def test_files_that_are_left_out_are_told_of_when_they_are_many() -> None:
    assert unread(as_search(Search("indexing", 412, 1346))).startswith("Only 412 of 1,346 files are read so far")
    assert not unread(as_search(Search("indexing", 1340, 1346)))
    assert not unread(as_search(Search("ready", 0, 1346)))
    assert not unread(None)


async def test_an_answer_without_a_model_says_what_is_not_read_yet() -> None:
    prompt = Prompt(messages=(), question="Where?", unread="Only 1 of 99 files are read so far.")
    first: Any = await anext(ExtractiveModel().stream(prompt, ModelSettings()))
    assert isinstance(first, TextDelta) and first.text.endswith(" Only 1 of 99 files are read so far.\n\n")


def test_a_pipe_is_told_once_how_far_something_is(capsys: pytest.CaptureFixture[str]) -> None:
    updates = [Status("Reading…"), *(Status(f"Reading {done:,} of 2,400…") for done in (3, 1200)), Text("Here.")]
    print_stream([*updates, End("end_turn", Usage(), [])], None)
    shown = capsys.readouterr()
    assert shown.out == "Here.\n"
    assert shown.err == "Reading…\nReading 3 of 2,400…\n"
