"""What of a session can be recalled, and how little is looked at when it has grown."""

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest

from fakes import message, session
from rejoinder.domain.conversation import Attachment, Citation, Message, Place, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.services.recalled_messages import LONGEST_PASSAGE, RecalledMessages
from rejoinder.services.store_thread import StoreThread

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Store:
    """As much of a store as is asked."""

    def __init__(self, *messages: Message) -> None:
        self.stored: list[Message] | None = list(messages)
        self.uri: str | None = None

    def session(self, project_id: str, session_id: str) -> Session:
        """As the port says."""
        if self.stored is None:
            raise SessionNotFound(session_id)
        return attrs.evolve(session(session_id), uri=self.uri)

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """As the port says."""
        if self.stored is None:
            raise SessionNotFound(session_id)
        return self.stored


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def source(store: Store) -> RecalledMessages:
    return RecalledMessages(store, StoreThread())  # type: ignore[arg-type]


async def texts(source: RecalledMessages) -> list[str]:
    return [passage.text for passage in await source.passages("p", "s")]


async def test_what_somebody_said_can_be_recalled_and_nothing_else(store: Store, source: RecalledMessages) -> None:
    store.stored = [
        message("m1", content="a question"),
        message("m2", role="assistant", content="an answer"),
        message("m3", role="system", content="a rule"),
        message("m4", role="tool", content="an output"),
        message("m5", content=" \n"),
        attrs.evolve(message("m6", role="assistant", content="quotes"), model=EXTRACTIVE),
        attrs.evolve(message("m7", content="/remember tea"), turn_id="t7"),
        attrs.evolve(message("m8", role="assistant", content="Noted."), turn_id="t7", model="memory"),
    ]
    assert await texts(source) == ["a question", "an answer"]


async def test_a_passage_names_its_message(store: Store, source: RecalledMessages) -> None:
    store.stored = [attrs.evolve(message("m2", role="assistant", content="one\ntwo"), user_id="ann", model="any")]
    (passage,) = await source.passages("p", "s")
    assert (passage.session_id, passage.message_id, passage.user_id) == ("s", "m2", "ann")
    assert (passage.role, passage.scope, passage.model) == ("assistant", "assistant", "any")
    assert passage.uri == "rejoinder:/session/s#m2" and passage.place.end_line == 2


async def test_a_long_message_is_cut_where_lines_end_and_nothing_is_lost(
    store: Store, source: RecalledMessages
) -> None:
    content = "".join(f"line {number} of many\n" for number in range(1000)) + "x" * 3 * LONGEST_PASSAGE
    store.stored = [message("m1", content=content)]
    passages = await source.passages("p", "s")
    assert "".join(passage.text for passage in passages) == content
    assert all(len(passage.text) <= LONGEST_PASSAGE for passage in passages)
    assert len({passage.passage_id for passage in passages}) == len(passages)
    for passage in passages[:5]:
        assert passage.text.startswith(content.splitlines()[passage.place.start_line])


async def test_only_what_came_since_is_shown(store: Store, source: RecalledMessages) -> None:
    store.stored = [message("m1"), message("m2")]
    first = await source.growth("p", "s", "")
    store.stored += [message("m3", content="new")]
    second = await source.growth("p", "s", first.mark)
    assert (first.whole, second.whole, [passage.text for passage in second.passages]) == (True, False, ["new"])
    assert (await source.growth("p", "s", second.mark)).passages == []


@pytest.mark.parametrize("left", [["m2"], ["m1", "m3"], []])
async def test_everything_is_shown_when_something_is_gone(
    store: Store, source: RecalledMessages, left: list[str]
) -> None:
    store.stored = [message("m1"), message("m2")]
    mark = (await source.growth("p", "s", "")).mark
    store.stored = [message(name, content=name) for name in left]
    growth = await source.growth("p", "s", mark)
    assert growth.whole and [passage.message_id for passage in growth.passages] == left


async def test_of_a_session_that_is_gone_nothing_is_left(store: Store, source: RecalledMessages) -> None:
    store.stored = None
    assert await source.growth("p", "s", "2 m2") == attrs.evolve(await source.growth("p", "s", ""), whole=True)
    assert await texts(source) == []


async def test_a_message_is_about_the_files_that_it_its_question_and_its_session_name(
    store: Store, source: RecalledMessages
) -> None:
    store.stored = [
        attrs.evolve(message("m1"), attachments=(Attachment("file:///p/a%62c.py"), Attachment("git:diff"))),
        attrs.evolve(
            message("m2", role="assistant", parent_id="m1"),
            citations=(Citation("file:///p/b.py", Place(0, 0, 1, 0), "b"),),
        ),
        message("m3", parent_id="m2"),
    ]
    first = await source.growth("p", "s", "")
    question, answer, other = (passage.files for passage in first.passages)
    assert (question, answer, other) == (("file:///p/abc.py",), ("file:///p/b.py", "file:///p/abc.py"), ())
    # an answer that is given anew comes long after its question
    store.stored += [message("m4", role="assistant", parent_id="m1")]
    (again,) = (await source.growth("p", "s", first.mark)).passages
    assert again.files == ("file:///p/abc.py",)


async def test_all_of_a_session_is_shown_when_its_file_has_another_name(store: Store, source: RecalledMessages) -> None:
    store.stored, store.uri = [message("m1")], "file:///p/old.py"
    first = await source.growth("p", "s", "")
    store.uri = "file:///p/new.py"
    second = await source.growth("p", "s", first.mark)
    assert [(each.whole, each.passages[0].files) for each in (first, second)] == [
        (True, ("file:///p/old.py",)),
        (True, ("file:///p/new.py",)),
    ]
    assert (await source.growth("p", "s", second.mark)).passages == []
