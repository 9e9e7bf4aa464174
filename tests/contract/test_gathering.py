from typing import Any

import pytest

from core import Core
from fakes import hit, message
from rejoinder.domain.assembly import Parts
from rejoinder.domain.conversation import Attachment, Place, Project, Session
from rejoinder.domain.editor_view import EditorView, Problem
from rejoinder.domain.errors import IndexUnavailable, InvalidInput, NotFound, SessionNotFound
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.ports import Document


class Gathered:
    """Gathers for a text, and keeps what was told."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.told: list[str] = []

    async def parts(
        self, text: str, *, session: Session | None = None, path: Any = (), quoting: bool = False, **fields: Any
    ) -> Parts:
        """The parts of a request."""
        request = await self.core.request(text, **fields)
        return await self.core.gathering.parts(request, session, path, quoting=quoting, tell=self.told.append)


@pytest.fixture
async def gathered(core: Core, project: Project) -> Gathered:
    """The project's search is open, and the folder holds a few files."""
    await core.searches_opened(project)
    (core.folder / "src").mkdir()
    (core.folder / "src" / "app.py").write_bytes(b"one\r\ntwo\x0cstill two\nthree\n")
    return Gathered(core)


async def test_a_file_is_attached_whole(gathered: Gathered) -> None:
    (attached,) = (await gathered.parts("see @file:src/app.py")).attachments
    assert attached.uri == (gathered.core.folder / "src/app.py").as_uri()
    assert attached.text is not None
    assert attached.text.startswith("one")
    assert attached.place is None


async def test_lines_of_a_file_are_counted_as_editors_count_them(gathered: Gathered) -> None:
    (attached,) = (await gathered.parts("see @file:src/app.py#L2-3.")).attachments
    assert attached.text == "two\x0cstill two\nthree"
    assert attached.place == Place(1, 0, 2, 5)


@pytest.mark.parametrize("lines", ["L0", "L4", "L2-9", "L3-2", "L" + "9" * 5000])
async def test_lines_that_a_file_does_not_have_are_refused(gathered: Gathered, lines: str) -> None:
    with pytest.raises(InvalidInput, match="3 lines"):
        await gathered.parts(f"@file:src/app.py#{lines}")


async def test_an_open_buffer_wins(gathered: Gathered) -> None:
    uri = (gathered.core.folder / "src/app.py").as_uri()
    gathered.core.workspace.buffers[uri] = Document(uri, "unsaved", 7)
    (attached,) = (await gathered.parts("@file:src/app.py")).attachments
    assert (attached.text, attached.version) == ("unsaved", 7)


async def test_a_file_that_is_named_and_not_there_is_an_error(gathered: Gathered) -> None:
    with pytest.raises(NotFound):
        await gathered.parts("see @file:nothing.py")


async def test_a_file_needs_a_folder(gathered: Gathered) -> None:
    outside = await gathered.core.projects.of_folder(None)
    with pytest.raises(InvalidInput, match="workspace folder"):
        await gathered.parts("see @file:src/app.py", project=outside)


async def test_another_session_is_attached(gathered: Gathered, project: Project) -> None:
    drafts = [MessageDraft("user", "why?"), MessageDraft("assistant", "because")]
    await gathered.core.sessions.create(project, session_id="s1", name="plans", messages=drafts)
    (attached,) = (await gathered.parts("as in #session:plans.")).attachments
    assert (attached.uri, attached.text) == ("session:s1", "user: why?\n\nassistant: because")
    with pytest.raises(SessionNotFound):
        await gathered.parts("as in #session:nothing")


async def test_the_diff_is_attached(gathered: Gathered) -> None:
    gathered.core.repository.change = "+new line"
    (attached,) = (await gathered.parts("what of @diff")).attachments
    assert (attached.uri, attached.text) == ("git:diff", "+new line")


@pytest.mark.parametrize("command", ["review", "commit"])
async def test_a_review_is_of_the_diff_unless_something_is_attached(gathered: Gathered, command: str) -> None:
    with pytest.raises(NotFound):
        await gathered.parts(f"/{command}")
    gathered.core.repository.change = "+new line"
    assert [found.uri for found in (await gathered.parts(f"/{command} shortly")).attachments] == ["git:diff"]
    own = Attachment("file:///x", text="code")
    assert (await gathered.parts(f"/{command}", attachments=(own,))).attachments == (own,)


async def test_an_action_becomes_an_instruction(gathered: Gathered) -> None:
    typed = await gathered.parts("/explain the loop")
    chosen = await gathered.parts("the loop", kind="ask", action="explain")
    assert typed.question == chosen.question
    assert typed.question.endswith("\n\nthe loop")
    assert (await gathered.parts("/nonsense the loop")).question == "/nonsense the loop"


async def test_an_action_without_anything_to_work_on_is_about_the_document(gathered: Gathered) -> None:
    uri = (gathered.core.folder / "src" / "app.py").as_uri()
    (attached,) = (await gathered.parts("", kind="ask", action="explain", uri=uri)).attachments
    assert (attached.uri, attached.place) == (uri, None)
    assert (attached.text or "").startswith("one")
    own = Attachment("file:///x", text="code")
    assert (await gathered.parts("", kind="ask", action="fix", uri=uri, attachments=(own,))).attachments == (own,)
    assert (await gathered.parts("what is it?", kind="ask", uri=uri)).attachments == ()
    assert gathered.told == []
    gone = (gathered.core.folder / "gone.py").as_uri()
    assert (await gathered.parts("", kind="ask", action="explain", uri=gone)).attachments == ()
    assert "without the document" in gathered.told[0]


async def test_instructions_of_the_usual_names_are_read(gathered: Gathered) -> None:
    assert (await gathered.parts("x")).instructions == ()
    (gathered.core.folder / "AGENTS.md").write_text("be brief")
    assert (await gathered.parts("x")).instructions == (("AGENTS.md", "be brief"),)


async def test_instructions_of_a_setting_take_their_place_and_must_be_there(gathered: Gathered) -> None:
    (gathered.core.folder / "AGENTS.md").write_text("be brief")
    (gathered.core.folder / "mine.md").write_text("be long")
    assert (await gathered.parts("x", instructions=("mine.md",))).instructions == (("mine.md", "be long"),)
    with pytest.raises(InvalidInput, match=r"nothing\.md"):
        await gathered.parts("x", instructions=("nothing.md",))


async def test_long_instructions_are_cut(gathered: Gathered) -> None:
    (gathered.core.folder / "AGENTS.md").write_text("x" * 100_000)
    assert len((await gathered.parts("x")).instructions[0][1]) == 32_000


async def test_what_was_said_comes_before_files(gathered: Gathered) -> None:
    gathered.core.project_search.hits = [hit("code")]
    gathered.core.recall_index.hits = [hit("said", source="message")]
    assert [found.text for found in (await gathered.parts("x")).hits] == ["said", "code"]


async def test_nothing_is_looked_up_when_it_is_not_wanted(gathered: Gathered) -> None:
    gathered.core.project_search.hits = [hit("code")]
    assert (await gathered.parts("x", retrieve=False)).hits == ()
    assert gathered.core.project_search.queries == []
    assert gathered.core.recall_index.queries == []


async def test_a_chat_looks_into_its_own_session_and_leaves_out_what_the_model_reads_anyway(
    gathered: Gathered, project: Project
) -> None:
    gathered.core.recall_index.hits = [hit("said", source="message")]
    session = await gathered.core.sessions.create(project, session_id="s1")
    path = [message(f"m{number}") for number in range(30)]
    await gathered.parts("x", session=session, path=path)
    asked = gathered.core.recall_index.queries[-1]
    assert asked.session_id == "s1"
    assert asked.without == {f"m{number}" for number in range(10, 30)}
    await gathered.parts("x", session=session, path=path, quoting=True)
    assert gathered.core.recall_index.queries[-1].without == frozenset()


async def test_only_an_answer_that_quotes_waits_for_the_index(gathered: Gathered) -> None:
    await gathered.parts("x")
    await gathered.parts("x", quoting=True)
    brief, long = (wait for _, _, wait in gathered.core.project_search.queries)
    assert brief < 1 < long


async def test_an_index_that_is_not_there_is_told_and_left_out(gathered: Gathered) -> None:
    gathered.core.project_search.fault = IndexUnavailable("The index is broken.", hint="Rebuild it.")
    gathered.core.recall_index.hits = [hit("said", source="message")]
    assert [found.text for found in (await gathered.parts("x")).hits] == ["said"]
    assert gathered.told == ["The index is broken. Answering without the project's files."]


async def test_a_first_reading_is_told(gathered: Gathered) -> None:
    gathered.core.project_search.state = IndexStatus(state="indexing")
    await gathered.parts("x")
    assert len(gathered.told) == 1


async def test_the_requests_system_prompt_wins_over_the_sessions(gathered: Gathered, project: Project) -> None:
    session = await gathered.core.sessions.create(project, system="of the session")
    path = [message("m1", role="system", content="told")]
    assert (await gathered.parts("x", session=session)).system == "of the session"
    assert (await gathered.parts("x", session=session, system="of the request", path=path)).system == (
        "of the request\n\ntold"
    )
    assert (await gathered.parts("x", path=path)).system == "told"
    assert (await gathered.parts("x")).system is None


async def test_the_definition_of_a_symbol_is_attached(gathered: Gathered) -> None:
    found = hit("class Pool:\n    pass\n", uri="file:///p/pool.py", scope="Pool")
    gathered.core.project_search.hits = [hit("pool = Pool()"), found]
    parts = await gathered.parts("how does @symbol:Pool work?", retrieve=False)
    (attached,) = parts.attachments
    assert (attached.uri, attached.place, attached.text) == (found.uri, found.place, found.text)
    with pytest.raises(NotFound, match="Nothing"):
        await gathered.parts("@symbol:Nothing")


async def test_without_an_index_a_symbol_is_left_out(gathered: Gathered) -> None:
    gathered.core.project_search.fault = IndexUnavailable("No index.", hint="h")
    assert (await gathered.parts("@symbol:Pool", retrieve=False)).attachments == ()
    assert "@symbol:Pool" in gathered.told[0]


async def test_problems_are_attached_as_data(gathered: Gathered) -> None:
    uri = (gathered.core.folder / "src/app.py").as_uri()
    gathered.core.workspace.view = EditorView((Problem(uri, Place(1, 0, 1, 3), "bad\nname", source="lint"),))
    (attached,) = (await gathered.parts("Why @problems?", uri=uri)).attachments
    assert (attached.uri, attached.text) == ("editor:problems", "src/app.py:2: error: bad name (lint)")
    assert gathered.core.workspace.looks == [uri]


async def test_a_fix_comes_with_the_problems_of_the_attached_lines(gathered: Gathered) -> None:
    uri = (gathered.core.folder / "src/app.py").as_uri()
    here, there = Problem(uri, Place(1, 0, 1, 3), "here"), Problem(uri, Place(5, 0, 5, 1), "there")
    gathered.core.workspace.view = EditorView((here, there, Problem("file:///o.py", Place(1, 0, 1, 1), "other")))
    selection = Attachment(uri, Place(0, 0, 2, 0), text="one\ntwo\n")
    _, told = (await gathered.parts("/fix", attachments=(selection,))).attachments
    assert told.text == "src/app.py:2: error: here"
    assert (await gathered.parts("/explain", attachments=(selection,))).attachments == (selection,)
