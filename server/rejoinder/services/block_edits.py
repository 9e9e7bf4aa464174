"""What the code blocks of an answer change."""

from collections.abc import Sequence
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.domain.code_blocks import CodeBlock
from rejoinder.domain.conversation import Attachment, Message, Project
from rejoinder.domain.edits import Change, ProposedEdit, change_of, proposed_edit, together
from rejoinder.domain.errors import ContentModified, InvalidInput
from rejoinder.domain.names import shown_path
from rejoinder.domain.prompt_files import without_expansions
from rejoinder.domain.redaction import Redactor
from rejoinder.services.document_edits import DocumentEdit, replaced, unmasked
from rejoinder.services.ports import Document, Workspace


@frozen(kw_only=True)
class BlockRequest:
    """A block of an answer that is to be applied, or all of them that say what they change when `block` is None.

    `uri` and `version` are what the client has before it.
    """

    project: Project
    workspace: Workspace
    message_id: str
    block: int | None
    session_id: str | None = None
    uri: str | None = None
    version: int | None = None


def blocks_that_change(blocks: Sequence[CodeBlock], question: Message | None) -> list[CodeBlock]:
    """The search-and-replace blocks, and the only other one when the question was about a selection.

    Raises InvalidInput when there is none.
    """
    others = [block for block in blocks if proposed_edit(block.text) is None]
    put = others if len(others) == 1 and _selection(question) is not None else []
    found = [block for block in blocks if block not in others or block in put]
    if not found:
        raise InvalidInput(
            "No block of the answer says what it changes.", hint="Apply one of them to the file that is before you."
        )
    return found


async def edit_of(
    block: CodeBlock, request: BlockRequest, question: Message | None, redactor: Redactor
) -> DocumentEdit:
    """The edit that a block means.

    Raises ContentModified for another version, and InvalidInput when it is not clear what is to be replaced.
    """
    selection = _selection(question)
    proposed = proposed_edit(block.text)
    if proposed is not None:
        others = [request.uri, *(each.uri for each in without_expansions(question.attachments if question else ()))]
        document = await _proposed_document(request, proposed, [uri for uri in others if uri])
        return replaced(_checked(document, request), proposed, redactor, name=_shown(document, request))
    given = await request.workspace.editable(request.uri) if request.uri and request.block is not None else None
    if given is not None and not given.text.strip():
        return _filled(_checked(given, request), block, redactor, request)
    if selection is None:
        raise InvalidInput(
            "The block does not say which lines it replaces.",
            hint="Insert it at the cursor, or ask about a selection.",
        )
    document = _checked(await request.workspace.editable(selection.uri), request)
    return _put_for(document, selection, block, redactor, request)


def merged(edits: Sequence[DocumentEdit]) -> list[DocumentEdit]:
    """One edit for each document. InvalidInput when two are about the same lines."""
    by_uri = dict[str, list[DocumentEdit]]()
    for edit in edits:
        by_uri.setdefault(edit.document.uri, []).append(edit)
    return [_one(of_document) for of_document in by_uri.values()]


def _one(edits: Sequence[DocumentEdit]) -> DocumentEdit:
    document = edits[0].document
    changes = together((change for edit in edits for change in edit.changes), name=shown_path(document.uri, None))
    return DocumentEdit(document, tuple(changes), " ".join(dict.fromkeys(edit.explanation for edit in edits)))


async def _proposed_document(request: BlockRequest, proposed: ProposedEdit, others: Sequence[str]) -> Document:
    """The document that the block itself names, else the client's, else the first that the question was about."""
    folder = _folder(request)
    if proposed.path and folder is not None:
        named = await request.workspace.editable((folder / proposed.path).as_uri())
        # lines that are looked for in a file that is not there: the model was not exact about its path
        if not named.is_new or not any(one.search.strip() for one in proposed.replacements):
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


def _filled(document: Document, block: CodeBlock, redactor: Redactor, request: BlockRequest) -> DocumentEdit:
    text = unmasked(block.text, redactor)
    what = "made" if document.is_new else "filled"
    return DocumentEdit(document, (Change(0, len(document.text), text),), f"{_shown(document, request)} {what}.")


def _put_for(
    document: Document, selection: Attachment, block: CodeBlock, redactor: Redactor, request: BlockRequest
) -> DocumentEdit:
    name = _shown(document, request)
    old, new = unmasked(selection.text or "", redactor), unmasked(block.text, redactor)
    change = change_of(document.text, old, new, place=selection.place, name=name)
    return DocumentEdit(document, (change,), f"The selection in {name} replaced.")


def _selection(question: Message | None) -> Attachment | None:
    attachments = question.attachments if question else ()
    return next((each for each in attachments if each.place is not None and each.text), None)


def _folder(request: BlockRequest) -> Path | None:
    """The project's folder, if the client has it open."""
    return next((one for one in request.workspace.folders() if str(one) in request.project.paths), None)


def _shown(document: Document, request: BlockRequest) -> str:
    folder = _folder(request)
    return shown_path(document.uri, folder.as_uri() if folder else None)
