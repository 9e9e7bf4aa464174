"""Documents that an editor is asked to show."""

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.lines import lines_of
from rejoinder.lsp.client import Client
from rejoinder.lsp.positions import units


def can_show(client: Client) -> bool:
    """Whether the editor shows documents that it is asked to show."""
    window = client.server.client_capabilities.window
    return bool(window and window.show_document and window.show_document.support)


async def show_end(client: Client, uri: str, text: str) -> None:
    """Have a document shown, the cursor at the end of its text. Nothing comes of it where an editor cannot."""
    if not can_show(client):
        return
    lines = lines_of(text)
    end = lsp.Position(len(lines) - 1, units(lines[-1], client.encoding))
    try:
        await client.server.window_show_document_async(
            lsp.ShowDocumentParams(uri, take_focus=True, selection=lsp.Range(end, end))
        )
    except JsonRpcException:
        tell(client, "The editor did not show the conversation.", lsp.MessageType.Warning)


def tell(client: Client, text: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
    """Say something to the user."""
    client.server.window_show_message(lsp.ShowMessageParams(kind, text))
