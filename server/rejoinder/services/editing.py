"""From an answer, or from an instruction, to an edit of a document as it is now."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.code_blocks import CodeBlock, code_blocks
from rejoinder.domain.conversation import Attachment, Message, Place, Project, Session
from rejoinder.domain.edits import (
    Change,
    ProposedEdit,
    change_of,
    changes_in,
    mapped,
    offset_of,
    proposed_edit,
    with_ends_of,
)
from rejoinder.domain.errors import ContentModified, InvalidInput, ModelNotConfigured, NotFound
from rejoinder.domain.names import shown_path
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.tree import MessageTree
from rejoinder.services.answering import Answer, Answering
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.conversations import Conversations
from rejoinder.services.ports import Document, Workspace
from rejoinder.services.request import TurnRequest
from rejoinder.services.sessions import Sessions

_SYSTEM = (
    "You change code inside a programmer's editor. The user's text says what to do with the attached lines. Answer "
    "with one code block that holds the attached lines as they should be, whole and nothing else: it replaces them."
)


@frozen
class DocumentEdit:
    """Changes of a document, in its order, and what they do in a sentence."""

    document: Document
    changes: tuple[Change, ...]
    explanation: str


@frozen(kw_only=True)
class BlockRequest:
    """A block of an answer that is to be applied. `uri` and `version` are what the client has before it."""

    project: Project
    workspace: Workspace
    message_id: str
    block: int
    session_id: str | None = None
    uri: str | None = None
    version: int | None = None


class Editing:
    """Makes edits; applying them is the editor's part."""

    def __init__(
        self, conversations: Conversations, sessions: Sessions, answering: Answering, choke_point: ChokePoint
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._answering = answering
        self._choke_point = choke_point

    async def of_block(self, request: BlockRequest) -> DocumentEdit:
        """The edit that a code block of an answer means.

        Raises NotFound for a message or block that is not there, ContentModified for another version, and InvalidInput
        when it is not clear what is to be replaced.
        """
        session, tree, message = await self._message(request)
        blocks = code_blocks(message.content)
        if not 0 <= request.block < len(blocks):
            raise NotFound("block", str(request.block), hint=f"The answer has {len(blocks)} code blocks, from 0.")
        block, redactor = blocks[request.block], self._redactor(request.project, session, tree)
        question = tree.get(message.parent_id) if message.parent_id else None
        selection = _selection(question)
        proposed = proposed_edit(block.text)
        if proposed is not None:
            others = [request.uri, *(each.uri for each in (question.attachments if question else ()))]
            document = await _proposed_document(request, proposed, [uri for uri in others if uri])
            return _replaced(_checked(document, request), proposed, redactor, _folder(request))
        given = await request.workspace.editable(request.uri) if request.uri else None
        if given is not None and not given.text.strip():
            return _filled(_checked(given, request), block, redactor, _folder(request))
        if selection is None:
            raise InvalidInput(
                "The block does not say which lines it replaces.",
                hint="Insert it at the cursor, or ask about a selection.",
            )
        document = _checked(await request.workspace.editable(selection.uri), request)
        return _put_for(document, selection, block, redactor, _folder(request))

    async def of_instruction(self, request: TurnRequest, *, version: int | None) -> DocumentEdit:
        """The edit that a model makes of the one attachment of a request. Nothing of it is kept.

        Raises ModelNotConfigured without a model, and ContentModified when the document changes meanwhile.
        """
        target = request.attachments[0]
        if target.place is None:
            raise InvalidInput("range: it is missing.", hint="Send the range to change.", key="range")
        model = self._answering.model(request, None)
        if model.info.id == EXTRACTIVE:
            raise ModelNotConfigured("An edit needs a model.", hint="Set `model`; the answer without one only quotes.")
        document = await request.workspace.editable(target.uri)
        name = shown_path(document.uri, None)
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
        request = attrs.evolve(request, system=_SYSTEM, remember=False)
        await self._answering.answer(request, passing, (), answer, model=model, emit=lambda _: None)
        if await request.workspace.editable(target.uri) != document:
            raise ContentModified(name, version=document.version)
        redactor = self._choke_point.redactor(passing.project_id, passing.session_id)
        return _made(document, target.place, answer.text, redactor, request.text)

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


async def _proposed_document(request: BlockRequest, proposed: ProposedEdit, others: Sequence[str]) -> Document:
    """The document that the block itself names, else the client's, else the first that the question was about."""
    folder = _folder(request)
    if proposed.path and folder is not None:
        named = await request.workspace.editable((folder / proposed.path).as_uri())
        if not named.is_new or not (others or any(one.search.strip() for one in proposed.replacements)):
            return named
    if not others:
        raise InvalidInput(
            "The block does not say which file it changes.", hint="Send the document's `uri`.", key="uri"
        )
    return await request.workspace.editable(others[0])


def _checked(document: Document, request: BlockRequest) -> Document:
    """The version counts for the document that the client named; it is the one that changes when none was named."""
    named = request.uri is None or document.uri == request.uri
    if request.version is not None and named and document.version != request.version:
        raise ContentModified(shown_path(document.uri, None), version=document.version)
    return document


def _replaced(document: Document, proposed: ProposedEdit, redactor: Redactor, folder: Path | None) -> DocumentEdit:
    name = _shown(document, folder)
    replacements = mapped(proposed.replacements, lambda text: _unmasked(text, redactor))
    changes = changes_in(document.text, replacements, name=name)
    count = f"{len(changes)} passages" if len(changes) > 1 else "One passage"
    return DocumentEdit(document, tuple(changes), f"{count} of {name} replaced.")


def _filled(document: Document, block: CodeBlock, redactor: Redactor, folder: Path | None) -> DocumentEdit:
    text = _unmasked(block.text, redactor)
    what = "made" if document.is_new else "filled"
    return DocumentEdit(document, (Change(0, len(document.text), text),), f"{_shown(document, folder)} {what}.")


def _put_for(
    document: Document, selection: Attachment, block: CodeBlock, redactor: Redactor, folder: Path | None
) -> DocumentEdit:
    name = _shown(document, folder)
    old, new = _unmasked(selection.text or "", redactor), _unmasked(block.text, redactor)
    change = change_of(document.text, old, new, place=selection.place, name=name)
    return DocumentEdit(document, (change,), f"The selection in {name} replaced.")


def _made(document: Document, place: Place, answer: str, redactor: Redactor, instruction: str) -> DocumentEdit:
    """The edit that a model's answer to an instruction is."""
    name = shown_path(document.uri, None)
    blocks = code_blocks(answer)
    if not blocks:
        raise InvalidInput("The model's answer holds no code.", hint="Say it in other words, or choose another model.")
    proposed = proposed_edit(blocks[0].text)
    if proposed is not None:
        return _replaced(document, proposed, redactor, None)
    start = offset_of(document.text, place.start_line, place.start_character)
    end = offset_of(document.text, place.end_line, place.end_character)
    if start is None or end is None:
        raise ContentModified(name, version=document.version)
    old, new = document.text[start:end], with_ends_of(document.text, _unmasked(blocks[0].text, redactor))
    new = new if old.endswith(("\n", "\r")) else new.removesuffix("\n").removesuffix("\r")
    return DocumentEdit(document, (Change(start, end, new),), f"{name}: {instruction.strip()}")


def _unmasked(text: str, redactor: Redactor) -> str:
    try:
        return redactor.unmask(text)
    except KeyError as unknown:
        raise InvalidInput(
            f"The block holds {unknown.args[0]}, and what it stands for is not known any more.",
            hint="Apply it by hand, with the secret in its place.",
        ) from None


def _selection(question: Message | None) -> Attachment | None:
    attachments = question.attachments if question else ()
    return next((each for each in attachments if each.place is not None and each.text), None)


def _folder(request: BlockRequest) -> Path | None:
    """The project's folder, if the client has it open."""
    return next((one for one in request.workspace.folders() if str(one) in request.project.paths), None)


def _shown(document: Document, folder: Path | None) -> str:
    return shown_path(document.uri, folder.as_uri() if folder else None)
