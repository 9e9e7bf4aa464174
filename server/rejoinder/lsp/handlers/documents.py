"""Open documents: what is in an editor's buffers counts at once, saved or not."""

import asyncio

from lsprotocol import types as lsp

from rejoinder.lsp.client import Client
from rejoinder.lsp.documents import path_of

SETTLED_SECONDS = 0.2
"""A buffer is passed on when its user has paused for so long."""


def register(client: Client) -> None:
    """Serve the standard messages about documents. pygls keeps the texts."""
    server = client.server
    timers: dict[str, asyncio.TimerHandle] = {}

    def pass_on(uri: str) -> None:
        timers.pop(uri, None)
        document = client.workspace.opened(uri)
        client.keep(client.buffer_changed(uri, document.source if document else None))

    def pass_on_soon(uri: str) -> None:
        if (timer := timers.pop(uri, None)) is not None:
            timer.cancel()
        timers[uri] = asyncio.get_running_loop().call_later(SETTLED_SECONDS, pass_on, uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        pass_on(params.text_document.uri)
        client.edited(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        pass_on_soon(params.text_document.uri)
        client.edited(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        if (timer := timers.pop(params.text_document.uri, None)) is not None:
            timer.cancel()
        pass_on(params.text_document.uri)
        client.edited(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        path = path_of(params.text_document.uri)
        if path is not None:
            client.keep(client.files_changed([path]))
