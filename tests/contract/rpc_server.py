"""A server whose handlers are made for tests of the wire: echo, wait, fail, take notes."""

import asyncio
import json
from typing import Any

from lsprotocol import types

from raw_client import RawClient
from rejoinder.domain.errors import SessionNotFound
from rejoinder.lsp.requests import Request, current_request
from rejoinder.lsp.server import RejoinderServer
from rejoinder.protocol import methods, updates


class Bench:
    """A server with its handlers, and what they have seen."""

    def __init__(self, **limits: int) -> None:
        self.server = RejoinderServer(version="1.2.3", features=["toys"], **limits)
        self.waiting = asyncio.Event()
        """Set when a handler has begun to wait."""
        self.cancelled = asyncio.Event()
        """Set when a handler that waits has been cancelled."""
        self.go_on = asyncio.Event()
        """Lets a handler that waits go on."""
        self.notes: list[Any] = []
        self.requests: list[Request] = []
        handle = self.server.handle
        handle(methods.STATE_SET, self.echo)
        handle(methods.CHAT, self.chat)
        handle(methods.ASK, self.acknowledge)
        handle(methods.KNOWLEDGE_ADD, self.wait)
        handle(methods.SESSION_GET, self.not_found)
        handle(methods.SESSION_OPEN, self.crash)
        handle(methods.MODELS, self.unspeakable)
        handle(methods.INDEX_REBUILD, self.ask_back)
        self.server.on(methods.CHAT_CANCEL, self.note)

    async def echo(self, params: methods.StateSetParams) -> methods.StateResult:
        return methods.StateResult(params.state)

    async def chat(self, params: methods.ChatParams) -> methods.TurnResult:
        """Waits; when it is cancelled it answers all the same."""
        update = methods.ChatUpdateParams("s", "t", 0, updates.Text(params.text))
        self.server.notify_method(methods.CHAT_UPDATE, update)
        try:
            await self._hold()
        except asyncio.CancelledError:
            return methods.TurnResult("s", "t", stop_reason="cancelled")
        return methods.TurnResult("s", "t", text=params.text, stop_reason="end_turn")

    async def acknowledge(self, params: methods.AskParams) -> methods.TurnResult:
        """Answers first and sends an update then."""
        update = methods.ChatUpdateParams("s", "t", 0, updates.Text(params.text))
        current_request().after_reply(lambda: self.server.notify_method(methods.CHAT_UPDATE, update))
        if params.text == "fail":
            raise SessionNotFound("s")
        return methods.TurnResult("s", "t")

    async def wait(self, params: methods.KnowledgeAddParams) -> Any:
        """Waits, and lets a cancellation through."""
        request = current_request()
        self.requests.append(request)
        request.outlives_connection = params.source == "outlive"
        await self._hold()
        self.notes.append("went on")
        return {}

    async def not_found(self, params: methods.SessionParams) -> Any:
        raise SessionNotFound(params.session_id)

    async def crash(self, params: methods.SessionOpenParams) -> Any:
        raise RuntimeError("secret words of the inside")

    async def unspeakable(self, params: methods.Nothing) -> Any:
        return {"models": object()}

    async def ask_back(self, params: methods.IndexRebuildParams) -> Any:
        params_out = methods.EditorContextParams(uri=params.uri)
        result = await self.server.request_method(methods.EDITOR_CONTEXT, params_out)
        self.notes.append(result)
        return methods.Nothing()

    async def note(self, params: Any) -> methods.Nothing:
        self.notes.append(params)
        self.waiting.set()
        return methods.Nothing()

    def follow_documents(self) -> None:
        """Note every change of a document as it happens."""
        server = self.server

        @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
        def opened(params: types.DidOpenTextDocumentParams) -> None:
            self.notes.append(server.workspace.text_documents[params.text_document.uri].source)

        @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
        def changed(params: types.DidChangeTextDocumentParams) -> None:
            self.notes.append(server.workspace.text_documents[params.text_document.uri].source)

        @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
        def closed(params: types.DidCloseTextDocumentParams) -> None:
            self.notes.append("closed")

    async def _hold(self) -> None:
        self.waiting.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def error_of(reply: Any) -> tuple[int, str]:
    """An error's code and message; every error holds a hint and nothing of the inside."""
    error = reply["error"]
    assert error["data"]["hint"]
    assert "Traceback" not in json.dumps(reply) and ".py" not in json.dumps(reply)
    return error["code"], error["message"]


async def is_alive(client: RawClient) -> bool:
    state = {"n": 1}
    reply = await client.ask("rejoinder/session/state/set", {"sessionId": "s", "state": state})
    return bool(reply["result"] == {"state": state})
