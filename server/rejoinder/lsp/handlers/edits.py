"""Edits: a block of an answer, or an instruction for a range."""

from collections.abc import Sequence

from rejoinder.domain.edits import place_in
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.lines import lines_of
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.turns import turn_request
from rejoinder.lsp.positions import Encoding, range_within
from rejoinder.protocol import methods, types
from rejoinder.services.block_edits import BlockRequest
from rejoinder.services.document_edits import DocumentEdit


def register(client: Client) -> None:
    """Serve `edit`."""

    async def edit(params: methods.EditParams) -> methods.EditResult:
        made = await (_blocks(client, params) if params.message_id is not None else _instruction(client, params))
        return edit_out(made, client.encoding)

    client.server.handle(methods.EDIT, edit)


def edit_out(made: Sequence[DocumentEdit], encoding: Encoding) -> methods.EditResult:
    """A versioned edit; one of a file that is not there yet makes it first."""
    changes = list[methods.CreateFile | methods.TextDocumentEdit]()
    for edit in made:
        uri, text = edit.document.uri, edit.document.text
        lines = lines_of(text)
        edits = [
            methods.TextEdit(range_within(place_in(text, change), lines, encoding), change.text)
            for change in edit.changes
        ]
        if edit.document.is_new:
            changes.append(methods.CreateFile(uri))
        changes.append(methods.TextDocumentEdit(methods.VersionedDocument(uri, edit.document.version), edits))
    return methods.EditResult(methods.WorkspaceEdit(changes), " ".join(edit.explanation for edit in made))


async def _blocks(client: Client, params: methods.EditParams) -> list[DocumentEdit]:
    request = BlockRequest(
        project=await client.project(params.project_id, params.uri),
        workspace=client.workspace,
        message_id=params.message_id or "",
        block=params.block,
        session_id=params.session_id,
        uri=client.uri(params.uri),
        version=params.version,
    )
    return await client.services.editing.of_blocks(request)


async def _instruction(client: Client, params: methods.EditParams) -> list[DocumentEdit]:
    if params.uri is None or params.range is None:
        raise _missing("uri" if params.uri is None else "range", "Send `messageId` and `block`, or `uri` and `range`.")
    if not (params.instruction or "").strip():
        raise _missing("instruction", "Say what is to be done with the range.")
    asked = methods.AskParams(
        text=params.instruction or "",
        uri=params.uri,
        project_id=params.project_id,
        attachments=[types.Attachment(uri=client.uri(params.uri) or params.uri, range=params.range)],
        model=params.model,
        remember=False,
    )
    request = await turn_request(client, asked)
    return [await client.services.editing.of_instruction(request, version=params.version)]


def _missing(key: str, hint: str) -> InvalidInput:
    return InvalidInput(f"{key}: it is missing.", hint=hint, key=key)
