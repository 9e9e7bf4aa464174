"""Code that is mended or documented where it stands: the editor is asked to make the change, and can undo it."""

import asyncio
import itertools
from typing import cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.domain.lines import lines_of
from rejoinder.domain.names import shown_path
from rejoinder.lsp.applying import offer
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.edits import edit_out
from rejoinder.lsp.handlers.turns import turn_request
from rejoinder.lsp.mentioning import whole_lines
from rejoinder.lsp.requests import current_request
from rejoinder.lsp.showing import tell
from rejoinder.protocol import methods, types

_MOST_PROBLEMS = 20


class DirectEdits:
    """Those that a model is working on for one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._running: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    def begin(self, asked: methods.AskParams, title: str) -> None:
        """Have a model make an edit, and the editor apply it."""
        task = self._client.keep(self._make(asked, title))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def stop(self) -> bool:
        """Stop them all; whether there was one."""
        for task in list(self._running):
            task.cancel()
        return bool(self._running)

    async def _make(self, asked: methods.AskParams, title: str) -> None:
        client, token = self._client, await self._token()
        this = cast(asyncio.Task[None], asyncio.current_task())
        try:
            with client.progress(token, title, cancel=this.cancel):
                request = await turn_request(client, asked)
                made = await client.services.editing.of_instruction(request, version=None)
        except RejoinderError as error:
            tell(client, f"{error.message} {error.hint}", lsp.MessageType.Error)
            return
        await offer(client, edit_out([made], client.encoding))

    async def _token(self) -> methods.Token | None:
        """A progress that the editor shows, where it does."""
        window = self._client.server.client_capabilities.window
        if not (window and window.work_done_progress):
            return None
        token = f"rejoinder-edit-{next(self._numbers)}"
        try:
            await self._client.server.work_done_progress.create_async(token)
        except JsonRpcException:
            return None
        return token


def register(client: Client) -> DirectEdits:
    """Serve `transcript/edit`, which is answered at once."""
    edits = DirectEdits(client)

    async def edit(params: methods.TranscriptEditParams) -> methods.Nothing:
        asked = await _asked(client, params)
        folder = client.folder(asked.uri)
        name = shown_path(asked.uri or "", folder.as_uri() if folder is not None else None)
        current_request().after_reply(lambda: edits.begin(asked, f"Changing {name}"))
        return methods.Nothing()

    client.server.handle(methods.TRANSCRIPT_EDIT, edit)
    return edits


async def _asked(client: Client, params: methods.TranscriptEditParams) -> methods.AskParams:
    """What a model is asked for. Nothing of it is kept."""
    said = [params.text or "", *(f"- {problem}" for problem in (params.problems or ())[:_MOST_PROBLEMS])]
    text = "\n".join(part for part in said if part.strip())
    if params.action is None and not text:
        raise InvalidInput("action: it is missing.", hint="Send `action` or `text`.", key="action")
    uri = client.uri(params.uri) or params.uri
    lines = lines_of((await client.workspace.read(uri)).text)
    whole = types.Range(types.Position(0, 0), types.Position(len(lines) - 1, 4 * len(lines[-1])))
    place = whole_lines(params.range, "\n".join(lines)) or whole
    attachment = types.Attachment(uri=uri, range=place)
    return methods.AskParams(text=text, action=params.action, uri=uri, attachments=[attachment], remember=False)
