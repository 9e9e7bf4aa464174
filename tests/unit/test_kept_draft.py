"""What is typed is kept as a draft: once it is known what the draft is, and as often as it takes."""

import asyncio

from rejoinder.domain.errors import StorageError
from rejoinder.lsp.kept_draft import KeptDraft


class Typing:
    """A text that its user changes, and a session that keeps it when it is let."""

    def __init__(self) -> None:
        self.text = ""
        self.kept: list[str] = []
        self.asked = asyncio.Semaphore(0)
        """Released whenever a text is to be kept."""
        self.let = asyncio.Semaphore(0)
        self.fails = False
        self.tasks: list[asyncio.Task[None]] = []
        self.draft = KeptDraft(self._begin, self._keep, lambda: self.text)

    def type(self, text: str) -> None:
        """The editor tells of a change."""
        self.text = text
        self.draft.edited()

    def _begin(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task

    async def _keep(self, text: str) -> None:
        self.asked.release()
        await self.let.acquire()
        if self.fails:
            raise StorageError("The disk is away.", hint="Look for it.")
        self.kept.append(text)


async def test_what_is_typed_while_a_draft_is_written_is_kept_next() -> None:
    typing = Typing()
    typing.draft.is_known("")
    typing.type("One")
    await typing.asked.acquire()
    typing.type("One, two")
    typing.let.release()
    await typing.asked.acquire()
    typing.let.release()
    await asyncio.wait(typing.tasks)
    assert typing.kept == ["One", "One, two"] and len(typing.tasks) == 1
    assert typing.draft.end() is None


async def test_what_was_not_kept_for_certain_is_handed_back() -> None:
    typing = Typing()
    typing.draft.is_known("")
    typing.type("One")
    await typing.asked.acquire()
    assert typing.draft.end() == "One"
    await asyncio.wait(typing.tasks)
    assert typing.kept == []

    failing = Typing()
    failing.fails = True
    failing.draft.is_known("")
    failing.type("Two")
    failing.let.release()
    await failing.asked.acquire()
    await asyncio.wait(failing.tasks)
    assert failing.draft.end() == "Two"


async def test_nothing_is_written_that_the_session_has_or_that_was_not_compared() -> None:
    typing = Typing()
    typing.type("There before\r\n")
    await asyncio.wait(typing.tasks)
    assert typing.draft.end() is None
    typing.draft.is_known("There\nbefore")
    typing.text = "There\r\nbefore\r\n"
    assert typing.draft.end() is None
    typing.text = "  "
    assert typing.draft.end() == ""


async def test_a_draft_that_is_sent_while_it_is_written_is_not_taken_for_the_sessions() -> None:
    typing = Typing()
    typing.draft.is_known("")
    typing.type("Sent")
    await typing.asked.acquire()
    typing.text = ""
    typing.draft.is_replaced()
    typing.let.release()
    await asyncio.wait(typing.tasks)
    # nothing clears the draft, which is whose turn runs
    assert typing.kept == ["Sent"] and typing.draft.end() is None
