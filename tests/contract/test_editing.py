"""Which document a block is about, and what is refused."""

from typing import Any

import attrs
import pytest

from core import Core
from rejoinder.domain.conversation import Attachment, Place, Project
from rejoinder.domain.errors import ContentModified, InvalidInput, NotFound
from rejoinder.domain.events import TurnResult
from rejoinder.domain.prompt import Finished, TextDelta
from rejoinder.services.editing import BlockRequest, DocumentEdit
from rejoinder.services.editor_context import with_selection
from rejoinder.services.ports import Document
from rejoinder.services.running import RunningTurn

CHANGE = "<<<<<<< SEARCH\ntwo\n=======\nTWO\n>>>>>>> REPLACE\n"


class Edits:
    """Has questions answered and asks for edits of the answers."""

    def __init__(self, core: Core, project: Project) -> None:
        self.core = core
        self._project = project
        self.one, self.other = (self.put(name, "one\ntwo\n") for name in ("one.py", "other.py"))

    def put(self, name: str, text: str) -> str:
        """A file of the project; answers its URI."""
        (self.core.folder / name).write_text(text)
        return (self.core.folder / name).as_uri()

    async def answer(self, text: str, **fields: Any) -> str:
        """The ID of an answer."""
        self.core.model.script(TextDelta(text), Finished("end_turn"))
        turn = await self.core.turns.begin(await self.core.request("Mend it.", **{"session_id": "s", **fields}))
        assert isinstance(turn, RunningTurn)
        turn.released.set()
        result: TurnResult = await turn.result()
        assert result.message_id is not None
        return result.message_id

    async def edit(self, message_id: str, block: int = 0, **fields: Any) -> DocumentEdit:
        """The edit of a block."""
        (found,) = await self.core.editing.of_blocks(
            BlockRequest(
                project=self._project, workspace=self.core.workspace, message_id=message_id, block=block, **fields
            )
        )
        return found


@pytest.fixture
def edits(core: Core, project: Project) -> Edits:
    """Two files, and nothing said yet."""
    return Edits(core, project)


async def test_the_file_that_a_block_names_comes_before_the_one_in_view(edits: Edits) -> None:
    message_id = await edits.answer(f"```\none.py\n{CHANGE}```")
    assert (await edits.edit(message_id, uri=edits.other)).document.uri == edits.one


async def test_a_name_that_is_no_file_gives_way_to_the_one_in_view(edits: Edits) -> None:
    message_id = await edits.answer(f"```\nLike this\n{CHANGE}```")
    assert (await edits.edit(message_id, uri=edits.other)).document.uri == edits.other


async def test_without_names_it_is_what_the_question_was_about(edits: Edits) -> None:
    attachments = (Attachment(edits.one, text="one\ntwo\n"),)
    message_id = await edits.answer(f"```\n{CHANGE}```", attachments=attachments)
    assert (await edits.edit(message_id)).document.uri == edits.one
    message_id = await edits.answer(f"```\n{CHANGE}```")
    with pytest.raises(InvalidInput, match="which file"):
        await edits.edit(message_id)


async def test_a_selection_is_replaced_in_its_own_document(edits: Edits) -> None:
    selection = Attachment(edits.one, Place(1, 0, 2, 0), text="two\n")
    message_id = await edits.answer("No code.\n\n```\nTWO\n```", attachments=(selection,))
    made = await edits.edit(message_id, uri=edits.other, version=99)
    assert (made.document.uri, [change.text for change in made.changes]) == (edits.one, ["TWO\n"])
    assert "one.py" in made.explanation
    with pytest.raises(ContentModified):
        await edits.edit(message_id, version=99)


async def test_an_empty_or_new_file_in_view_is_filled(edits: Edits) -> None:
    message_id = await edits.answer("```\nnew\n```")
    empty = edits.put("empty.py", "\n")
    assert (await edits.edit(message_id, uri=empty)).document.is_new is False
    made = await edits.edit(message_id, uri=(edits.core.folder / "later.py").as_uri())
    assert made.document.is_new and made.changes[0].text == "new\n"
    with pytest.raises(InvalidInput, match="which lines"):
        await edits.edit(message_id, uri=edits.one)
    with pytest.raises(InvalidInput, match="which lines"):
        await edits.edit(message_id)


async def test_a_message_is_found_in_whichever_session_holds_it(edits: Edits, project: Project) -> None:
    message_id = await edits.answer(f"```\n{CHANGE}```")
    await edits.answer("later", session_id="other")
    await edits.core.sessions.create(project, session_id="newest")
    assert (await edits.edit(message_id, uri=edits.one)).changes
    with pytest.raises(NotFound, match="message"):
        await edits.edit(message_id, uri=edits.one, session_id="other")
    with pytest.raises(NotFound, match="block"):
        await edits.edit(message_id, 1, uri=edits.one)


async def instructed(edits: Edits, answer: str, **fields: Any) -> DocumentEdit:
    edits.core.model.script(TextDelta(answer), Finished("end_turn"))
    target = Attachment(edits.one, Place(1, 0, 1, 3), text="two")
    request = await edits.core.request("Larger.", kind="ask", attachments=(target,), remember=False)
    return await edits.core.editing.of_instruction(request, **{"version": None, **fields})


async def test_an_instruction_replaces_the_range(edits: Edits) -> None:
    made = await instructed(edits, "```\nTWO\n```")
    assert [(change.start, change.end, change.text) for change in made.changes] == [(4, 7, "TWO")]
    assert await edits.core.sessions.all((await edits.core.project()).project_id) == []
    with pytest.raises(InvalidInput, match="no code"):
        await instructed(edits, "I would rather not.")


async def test_what_changes_while_the_model_answers_is_not_overwritten(edits: Edits) -> None:
    buffers = edits.core.workspace.buffers
    buffers[edits.one] = Document(edits.one, "one\ntwo\n", 1)
    stream = edits.core.model.stream

    def typing(*args: Any) -> Any:
        buffers[edits.one] = attrs.evolve(buffers[edits.one], text="three\n", version=2)
        return stream(*args)

    edits.core.model.stream = typing  # type: ignore[method-assign]
    with pytest.raises(ContentModified):
        await instructed(edits, "```\nTWO\n```", version=1)
    with pytest.raises(ContentModified):
        await instructed(edits, "```\nTWO\n```", version=1)


@pytest.mark.parametrize(
    ("text", "taken"), [("/fix", True), ("see @selection", True), ("hello", False), ("/review", False)]
)
async def test_the_selection_is_taken_where_it_is_meant(edits: Edits, text: str, taken: bool) -> None:
    workspace = edits.core.workspace
    selection = Attachment(edits.one, Place(0, 0, 0, 3), text="one")
    workspace.view = attrs.evolve(workspace.view, selection=selection)
    request = await with_selection(await edits.core.request(text))
    assert request.attachments == ((selection,) if taken else ())
    again = await with_selection(attrs.evolve(request, text="/fix", attachments=(Attachment(edits.other),)))
    assert again.attachments == (Attachment(edits.other),)
