"""Edits: a block of an answer, or an instruction for a range."""

from rejoinder.domain.edits import place_in
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.lines import lines_of
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.turns import turn_request
from rejoinder.lsp.positions import Encoding, range_within
from rejoinder.protocol import methods, types
from rejoinder.services.editing import BlockRequest, DocumentEdit


def register(client: Client) -> None:
    """Serve `edit`."""

    async def edit(params: methods.EditParams) -> methods.EditResult:
        made = await (_block(client, params) if params.message_id is not None else _instruction(client, params))
        return edit_out(made, client.encoding)

    client.server.handle(methods.EDIT, edit)


def edit_out(made: DocumentEdit, encoding: Encoding) -> methods.EditResult:
    """A versioned edit; one of a file that is not there yet makes it first."""
    uri, text = made.document.uri, made.document.text
    lines = lines_of(text)
    edits = [
        methods.TextEdit(range_within(place_in(text, change), lines, encoding), change.text) for change in made.changes
    ]
    document = methods.VersionedDocument(uri, made.document.version)
    changes: list[methods.CreateFile | methods.TextDocumentEdit] = [methods.TextDocumentEdit(document, edits)]
    if made.document.is_new:
        changes.insert(0, methods.CreateFile(uri))
    return methods.EditResult(methods.WorkspaceEdit(changes), made.explanation)


async def _block(client: Client, params: methods.EditParams) -> DocumentEdit:
    if params.message_id is None or params.block is None:
        raise _missing("block", "Send the number of the code block, from 0.")
    request = BlockRequest(
        project=await client.project(params.project_id, params.uri),
        workspace=client.workspace,
        message_id=params.message_id,
        block=params.block,
        session_id=params.session_id,
        uri=client.uri(params.uri),
        version=params.version,
    )
    return await client.services.editing.of_block(request)


async def _instruction(client: Client, params: methods.EditParams) -> DocumentEdit:
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
    return await client.services.editing.of_instruction(await turn_request(client, asked), version=params.version)


def _missing(key: str, hint: str) -> InvalidInput:
    return InvalidInput(f"{key}: it is missing.", hint=hint, key=key)
