"""What is not sent yet and the file that shows it stay in step, however close upon each other they are used."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core import Core
from rejoinder.adapters.transcript_files import DiskTranscriptFiles
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.transcript import transcript
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.forgotten_transcripts import ForgettingHistory
from rejoinder.services.transcripts import TranscriptAddress, Transcripts
from turns_kit import said

EMPTY = transcript(())


class Observed(Transcripts):
    """Notes when a session was read."""

    def __init__(self, core: Core, folder: Path) -> None:
        super().__init__(core.sessions, core.projects, DiskTranscriptFiles(folder), ChokePoint())
        self.core = core
        self.keeps: str | None = None
        """A draft that is to be kept the moment after a session was read."""

    async def read(self, address: TranscriptAddress) -> tuple[Session, list[Message]]:
        """As before."""
        found = await super().read(address)
        if (text := self.keeps) is not None:
            self.keeps = None
            self.keeping = asyncio.ensure_future(self.keep_draft(address, text))
            for _ in range(10):  # what takes its turn at the store's thread has had it often enough to be done
                await self.core.io(int)
        return found


class Window:
    """An editor that has a transcript open."""

    def type_in(self, text: str) -> None:
        """As the port `OpenTranscript` says."""


@pytest.fixture
async def transcripts(core: Core, tmp_path: Path) -> AsyncIterator[Observed]:
    """In a folder of the test's own."""
    found = Observed(core, tmp_path / "transcripts")
    yield found
    await found.close()


@pytest.fixture
async def address(core: Core) -> TranscriptAddress:
    """A session with nothing in it."""
    project = await core.project()
    return TranscriptAddress(project, (await core.sessions.create(project)).session_id)


async def test_a_draft_that_is_kept_while_it_is_compared_is_no_former_one(
    transcripts: Observed, address: TranscriptAddress
) -> None:
    transcripts.keeps = "Why?"
    assert await transcripts.compared(address, f"{EMPTY}Why?") == ("text", "")
    await transcripts.keeping
    assert await transcripts.compared(address, f"{EMPTY}Why?") == ("same", "Why?")


async def test_a_file_that_is_shown_at_once_after_it_was_closed_has_what_was_typed_last(
    transcripts: Observed, address: TranscriptAddress
) -> None:
    path, window = await transcripts.show(address), Window()
    transcripts.opened(path, window)
    transcripts.closed(path, window, "Why?", text="")
    shown = await asyncio.create_task(transcripts.show(address))  # as each request is one
    assert shown == path and path.read_text() == f"{EMPTY}Why?"


class Interrupted(DiskTranscriptFiles):
    """Files between whose reading and writing something else happens."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def write(self, path: Path, text: str) -> None:
        """As the port says."""
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        super().write(path, text)


@pytest.mark.parametrize("what", ["cleared", "deleted"])
async def test_what_is_forgotten_while_its_file_is_written_is_not_in_it(core: Core, tmp_path: Path, what: str) -> None:
    files, choke_point = Interrupted(tmp_path / "transcripts"), ChokePoint()
    core.conversations.store = ForgettingHistory(core.conversations.store, choke_point, files)
    project = await core.project()
    await said(core, "A quokka smiles.", session_id="s")
    transcripts = Transcripts(core.sessions, core.projects, files, choke_point)
    loop = asyncio.get_running_loop()
    forget = core.history.clear if what == "cleared" else core.history.delete
    files.meanwhile = lambda: asyncio.run_coroutine_threadsafe(forget(project.project_id, "s"), loop).result()
    address = TranscriptAddress(project, "s")
    if what == "cleared":
        path = await transcripts.show(address)
        assert path.read_text() == EMPTY
        return
    with pytest.raises(SessionNotFound):
        await transcripts.show(address)
    assert list((tmp_path / "transcripts").iterdir()) == []
