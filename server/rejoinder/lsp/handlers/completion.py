"""Proposals for inputs that are no LSP documents."""

from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.agents import places_of
from rejoinder.lsp.positions import offset_in, units
from rejoinder.protocol import methods


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
