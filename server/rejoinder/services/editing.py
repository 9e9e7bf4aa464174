"""From an answer, or from an instruction, to an edit of documents as they are now."""

import attrs

from rejoinder.domain.code_blocks import before_code, code_blocks
from rejoinder.domain.conversation import Attachment, Message, Place, Project, Session
from rejoinder.domain.edits import SEARCH_FORMAT, Change, ProposedEdit, offset_of, proposed_edit, with_ends_of
from rejoinder.domain.errors import ContentModified, InvalidInput, ModelNotConfigured, NotFound
from rejoinder.domain.lines import lines_of
from rejoinder.domain.names import shown_path
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.tree import MessageTree
from rejoinder.services.answering import Answer, Answering
from rejoinder.services.block_edits import BlockRequest, blocks_that_change, edit_of, merged
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.conversations import Conversations
from rejoinder.services.document_edits import DocumentEdit, parted, replaced, unmasked
from rejoinder.services.ports import Document
from rejoinder.services.request import TurnRequest
from rejoinder.services.sessions import Sessions

_OF_A_RANGE = (
    "You change code inside a programmer's editor. The user's text says what to do with the attached lines. Answer "
    "with one code block that holds the attached lines as they should be, whole and nothing else: it replaces them."
)
_AT_CURSOR = (
    "You change code inside a programmer's editor. The cursor stands in line {line} of the attached document, of which "
    "the lines around it are attached. The user's text says what to do. Answer with one code block that holds nothing "
    f"but new lines for the cursor's place, or, where lines have to change, with {SEARCH_FORMAT}"
)
_AROUND = 120
"""Lines before and behind the cursor that a model sees."""


class Editing:
    """Makes edits; applying them is the editor's part."""

    def __init__(
        self, conversations: Conversations, sessions: Sessions, answering: Answering, choke_point: ChokePoint
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._answering = answering
        self._choke_point = choke_point

    async def of_blocks(self, request: BlockRequest) -> list[DocumentEdit]:
        """The edits that a code block of an answer means, or all of its blocks together: one for each document.

        Raises NotFound for a message or block that is not there, ContentModified for another version, and InvalidInput
        when it is not clear what is to be replaced.
        """
        session, tree, message = await self._message(request)
        blocks = code_blocks(message.content)
        question = tree.get(message.parent_id) if message.parent_id else None
        redactor = self._redactor(request.project, session, tree)
        if request.block is None:
            meant = blocks_that_change(blocks, question)
        elif 0 <= request.block < len(blocks):
            meant = [blocks[request.block]]
        else:
            raise NotFound("block", str(request.block), hint=f"The answer has {len(blocks)} code blocks, from 0.")
        edits = merged([await edit_of(block, request, question, redactor) for block in meant])
        return [parted(edit) for edit in edits]

    async def of_instruction(self, request: TurnRequest, *, version: int | None) -> DocumentEdit:
        """The edit that a model makes of the one attachment of a request. Nothing of it is kept.

        An empty range is the cursor: the model sees the lines around it. It gets no tools: what it answers is an edit
        and nothing else, and nobody would be asked about a call.

        Raises ModelNotConfigured without a model, and ContentModified when the document changes meanwhile.
        """
        target = request.attachments[0]
        if target.place is None:
            raise InvalidInput("range: it is missing.", hint="Send the range to change.", key="range")
        model = self._answering.model(request, None)
        if model.info.id == EXTRACTIVE:
            raise ModelNotConfigured("An edit needs a model.", hint="Set `model`; the answer without one only quotes.")
        document = await request.workspace.editable(target.uri)
        name = shown_path(document.uri, request.project.folder_uri)
        if version is not None and document.version != version:
            raise ContentModified(name, version=document.version)
        now = self._conversations.world.now()
        passing = Session(
            session_id=self._conversations.world.new_id(),
            project_id=request.project.project_id,
            name="",
            scope="none",
            created_at=now,
            updated_at=now,
        )
        answer = Answer(model.info.id, self._conversations.world.new_id())
        request = attrs.evolve(_shown_to_a_model(request, target, document), remember=False, tools=())
        await self._answering.answer(request, passing, (), answer, model=model, emit=lambda _: None)
        if await request.workspace.editable(target.uri) != document:
            raise ContentModified(name, version=document.version)
        redactor = self._choke_point.redactor(passing.project_id, passing.session_id)
        return parted(_made(document, target.place, answer.text, redactor, name=name, instruction=request.text))

    async def _message(self, request: BlockRequest) -> tuple[Session, MessageTree, Message]:
        """The message, from the session that is named or the most recently used one that holds it."""
        project_id = request.project.project_id
        if request.session_id is not None:
            sessions = [await self._sessions.get(project_id, request.session_id)]
        else:
            sessions = sorted(await self._sessions.all(project_id), key=lambda one: one.updated_at, reverse=True)
        for session in sessions:
            tree = await self._conversations.tree(project_id, session.session_id)
            if (message := tree.get(request.message_id)) is not None:
                return session, tree, message
        raise NotFound("message", request.message_id, hint="Name a message of the session's history.")

    def _redactor(self, project: Project, session: Session, tree: MessageTree) -> Redactor:
        known = (message.content for message in tree.path(session.head))
        return self._choke_point.redactor(project.project_id, session.session_id, known)


def _is_cursor(place: Place) -> bool:
    return (place.start_line, place.start_character) == (place.end_line, place.end_character)


def _shown_to_a_model(request: TurnRequest, target: Attachment, document: Document) -> TurnRequest:
    """The request as a model gets it: told what its answer does, and with the lines around a cursor."""
    place = target.place
    if place is None or not _is_cursor(place):
        return attrs.evolve(request, system=_OF_A_RANGE)
    lines = lines_of(document.text)
    last = min(place.start_line + _AROUND, len(lines) - 1)
    first = max(min(place.start_line, last) - _AROUND, 0)
    around = attrs.evolve(
        target, place=Place(first, 0, last, len(lines[last])), text="\n".join(lines[first : last + 1])
    )
    system = _AT_CURSOR.format(line=place.start_line + 1)
    return attrs.evolve(request, system=system, attachments=(around, *request.attachments[1:]))


def _made(
    document: Document, place: Place, answer: str, redactor: Redactor, *, name: str, instruction: str
) -> DocumentEdit:
    """The edit that a model's answer to an instruction is."""
    blocks, said = code_blocks(answer), _said(answer)
    if not blocks:
        raise InvalidInput("The model's answer holds no code.", hint="Say it in other words, or choose another model.")
    proposed = [each for each in (proposed_edit(block.text) for block in blocks) if each is not None]
    if proposed:
        replacements = tuple(one for each in proposed for one in each.replacements)
        made = replaced(document, ProposedEdit(None, replacements), redactor, name=name)
        return attrs.evolve(made, explanation=f"{name}: {said}") if said else made
    new = with_ends_of(document.text, unmasked(blocks[0].text, redactor))
    change = (_at_cursor if _is_cursor(place) else _for_range)(document.text, place, new)
    if change is None:
        raise ContentModified(name, version=document.version)
    return DocumentEdit(document, (change,), f"{name}: {said or instruction.strip() or 'changed.'}")


def _said(answer: str) -> str:
    """What a model says of its code before it, in one line."""
    return " ".join(before_code(answer).partition("\n\n")[0].split())


def _for_range(text: str, place: Place, new: str) -> Change | None:
    start = offset_of(text, place.start_line, place.start_character)
    end = offset_of(text, place.end_line, place.end_character)
    if start is None or end is None:
        return None
    return Change(start, end, new if text[start:end].endswith(("\n", "\r")) else _without_end(new))


def _at_cursor(text: str, place: Place, new: str) -> Change | None:
    """New lines take an empty line's place; else they come above the one that the cursor stands in."""
    start = offset_of(text, place.start_line, 0)
    if start is None:
        return None
    line = lines_of(text)[place.start_line]
    return Change(start, start, new) if line.strip() else Change(start, start + len(line), _without_end(new))


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
