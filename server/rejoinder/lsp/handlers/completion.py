"""Proposals: for inputs that are no LSP documents, and in what is not sent yet of a transcript."""

from lsprotocol import types as lsp

from rejoinder.domain.lines import lines_of
from rejoinder.domain.transcript import sections
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.agents import places_of
from rejoinder.lsp.open_transcripts import OpenTranscripts
from rejoinder.lsp.positions import offset_in, units
from rejoinder.lsp.transcripts import OpenTranscript
from rejoinder.protocol import methods
from rejoinder.services.completing import MOST

_KINDS = {
    "command": lsp.CompletionItemKind.Function,
    "file": lsp.CompletionItemKind.File,
    "symbol": lsp.CompletionItemKind.Class,
    "session": lsp.CompletionItemKind.Reference,
}


def register(client: Client) -> None:
    """Serve `complete`."""

    async def complete(params: methods.CompleteParams) -> methods.CompleteResult:
        offset = offset_in(params.text, params.offset, client.encoding)
        project = await client.project(uri=params.uri)
        found = await client.services.completing.at(
            places_of(client, project), client.workspace, params.text, offset, session_id=params.session_id
        )
        items = [methods.CompletionItem(one.label, one.insert, one.kind, one.detail) for one in found.proposals]
        return methods.CompleteResult(items, units(params.text[: found.start], client.encoding))

    client.server.handle(methods.COMPLETE, complete)


def register_in_transcripts(client: Client, transcripts: OpenTranscripts) -> None:
    """Serve `textDocument/completion`: below the last heading of a transcript, and nothing anywhere else."""
    options = lsp.CompletionOptions(trigger_characters=["/", "@", "#", ":"])

    @client.server.feature(lsp.TEXT_DOCUMENT_COMPLETION, options)
    async def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        one = await transcripts.opened(params.text_document.uri)
        if one is None:
            return lsp.CompletionList(is_incomplete=False, items=[])
        return await _proposed(client, one, params.position)


async def _proposed(client: Client, one: OpenTranscript, at: lsp.Position) -> lsp.CompletionList:
    document = client.workspace.opened(one.uri)
    text = document.source if document is not None else ""
    lines, headings = lines_of(text), sections(text)
    first = headings[-1].line + 1 if headings and headings[-1].speaker == "user" else len(lines)
    if not first <= at.line < len(lines):
        return lsp.CompletionList(is_incomplete=False, items=[])
    line = lines[at.line]
    before = line[: offset_in(line, min(at.character, units(line, client.encoding)), client.encoding)]
    typed = "\n".join([*lines[first : at.line], before])
    address = one.address
    found = await client.services.completing.at(
        places_of(client, address.project), client.workspace, typed, len(typed), session_id=address.session_id
    )
    start = units(before[: len(before) - (len(typed) - found.start)], client.encoding)
    place = lsp.Range(lsp.Position(at.line, start), at)
    items = [
        lsp.CompletionItem(
            label=proposal.label,
            kind=_KINDS.get(proposal.kind, lsp.CompletionItemKind.Keyword),
            detail=proposal.detail or None,
            filter_text=proposal.insert.strip(),
            sort_text=f"{number:03}",
            text_edit=lsp.TextEdit(place, proposal.insert),
        )
        for number, proposal in enumerate(found.proposals)
    ]
    return lsp.CompletionList(is_incomplete=len(items) >= MOST, items=items)
