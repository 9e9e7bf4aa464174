"""Transcripts: opened, sent from, stopped, asked into. All are answered at once; see `lsp/transcripts.py`."""

import asyncio
from pathlib import Path

from lsprotocol import types as lsp

from rejoinder.domain.conversation import Message
from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.domain.transcript import question, unsent
from rejoinder.lsp.applying import offer
from rejoinder.lsp.choices import decide, have_decided, have_model_chosen
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.direct_edits import DirectEdits
from rejoinder.lsp.mentioning import mention_of, whole_lines
from rejoinder.lsp.open_transcripts import OpenTranscripts
from rejoinder.lsp.requests import current_request
from rejoinder.lsp.served import MethodHandler, P, R
from rejoinder.lsp.showing import can_show, show_end, tell
from rejoinder.lsp.transcript_places import block_at
from rejoinder.protocol import methods, types
from rejoinder.services.transcripts import TranscriptAddress


def register(client: Client, edits: DirectEdits) -> OpenTranscripts:
    """Serve the methods of transcripts. Of `edits` that a model is working on, `stop` without a file stops all."""
    transcripts = OpenTranscripts(client, lambda one, call: client.keep(have_decided(client, one, call)))
    client.edited = transcripts.edited
    client.server.on_close(transcripts.close)
    handlers = _Handlers(client, transcripts, edits)
    serve = client.server.handle
    serve(methods.TRANSCRIPT_OPEN, telling(client, handlers.open))
    serve(methods.TRANSCRIPT_SEND, telling(client, handlers.send))
    serve(methods.TRANSCRIPT_STOP, telling(client, handlers.stop))
    serve(methods.TRANSCRIPT_REGENERATE, telling(client, handlers.regenerate))
    serve(methods.TRANSCRIPT_MODEL, telling(client, handlers.model))
    serve(methods.TRANSCRIPT_APPLY, telling(client, handlers.apply))
    serve(methods.TRANSCRIPT_ASK, telling(client, handlers.ask))
    serve(methods.TRANSCRIPT_DECIDE, telling(client, handlers.decide))
    return transcripts


class _Handlers:
    """Of one client."""

    def __init__(self, client: Client, transcripts: OpenTranscripts, edits: DirectEdits) -> None:
        self._client = client
        self._transcripts = transcripts
        self._edits = edits

    async def open(self, params: methods.TranscriptOpenParams) -> methods.TranscriptOpenResult:
        address = await _address(self._client, self._transcripts, params)
        return await _shown(self._client, self._transcripts, address)

    async def send(self, params: methods.TranscriptParams) -> methods.TurnResult:
        return await _send(self._client, self._transcripts, await self._transcripts.meant(params.uri))

    async def stop(self, params: methods.TranscriptParams) -> methods.Nothing:
        if params.uri is None and self._edits.stop():
            return methods.Nothing()
        at = await self._transcripts.at(await self._transcripts.meant(params.uri))
        cancel = methods.ChatCancelParams(session_id=at.session_id, project_id=at.project.project_id)
        return await self._client.server.answer(methods.CHAT_CANCEL, cancel)

    async def regenerate(self, params: methods.TranscriptRegenerateParams) -> methods.TurnResult:
        uri = await self._transcripts.meant(params.uri)
        at = await self._transcripts.at(uri)
        asked = await _last_question(self._client, at)
        result = await _chat(self._client, at, "", parent_id=asked.message_id, model=params.model)
        if (one := self._transcripts.get(uri)) is not None:
            one.began(result.turn_id)
        return result

    async def model(self, params: methods.TranscriptParams) -> methods.Nothing:
        at = await self._transcripts.at(await self._transcripts.meant(params.uri))
        current_request().after_reply(lambda: self._client.keep(have_model_chosen(self._client, at)))
        return methods.Nothing()

    async def apply(self, params: methods.TranscriptApplyParams) -> methods.Nothing:
        return await _apply(self._client, self._transcripts, params)

    async def ask(self, params: methods.TranscriptAskParams) -> methods.TranscriptOpenResult:
        return await _ask(self._client, self._transcripts, params)

    async def decide(self, params: methods.TranscriptDecideParams) -> methods.Nothing:
        uri = await self._transcripts.meant(params.uri)
        one = self._transcripts.get(uri)
        waiting = one.waiting if one is not None else []
        call = next((call for call in waiting if params.call_id in (None, call.call_id)), None)
        if one is None or call is None:
            raise InvalidInput("Nothing waits for a decision here.", hint="Look at the end of the conversation.")
        await decide(self._client, one, call, params.decision)
        return methods.Nothing()


def telling(client: Client, handler: MethodHandler[P, R]) -> MethodHandler[P, R]:
    """The handler of a command whose failure is told as a message, too: some editors show no other."""

    async def told(params: P) -> R:
        try:
            return await handler(params)
        except RejoinderError as error:
            if current_request().method == lsp.WORKSPACE_EXECUTE_COMMAND:
                tell(client, f"{error.message} {error.hint}", lsp.MessageType.Error)
            raise

    return told


async def _address(
    client: Client, transcripts: OpenTranscripts, params: methods.TranscriptOpenParams
) -> TranscriptAddress:
    """The session that is meant: named, that of a transcript, a new one, else the current one."""
    sessions, uri = client.services.sessions, client.uri(params.uri)
    if uri is not None and transcripts.is_transcript(uri):
        at = await transcripts.at(uri)
        if not params.new:
            return at
        return TranscriptAddress(at.project, (await sessions.create(at.project)).session_id)
    project = await client.project(uri=uri)
    scope = client.resolved.settings.session_scope if uri else "workspace"
    if params.session_id is not None:
        session = await sessions.get(project.project_id, params.session_id)
    elif params.new:
        session = await sessions.create(project, scope=scope, uri=uri)
    else:
        session = await sessions.current_or_new(project, scope, uri)
    return TranscriptAddress(project, session.session_id)


async def _shown(
    client: Client, transcripts: OpenTranscripts, at: TranscriptAddress, *, typed: str = ""
) -> methods.TranscriptOpenResult:
    """Have the client show a transcript once this request is answered: some wait for the answer before all else."""
    path = await client.services.transcripts.show(at, typed=typed)
    current_request().after_reply(lambda: client.keep(_show(client, transcripts, path)))
    return methods.TranscriptOpenResult(path.as_uri())


async def _show(client: Client, transcripts: OpenTranscripts, path: Path) -> None:
    if not can_show(client):
        tell(client, f"The conversation is in {path}")
        return
    if (one := transcripts.get(path.as_uri())) is not None:
        await one.caught_up()
    document = client.workspace.opened(path.as_uri())
    text = document.source if document else await asyncio.to_thread(path.read_text, "utf-8")
    await show_end(client, path.as_uri(), text)


async def _send(client: Client, transcripts: OpenTranscripts, uri: str) -> methods.TurnResult:
    at, one, document = await transcripts.at(uri), transcripts.get(uri), client.workspace.opened(uri)
    if document is None:
        raise _not_open()
    text = document.source
    asked = question(text)
    if asked is None or not asked.strip():
        raise InvalidInput("There is nothing to send.", hint="Write below the last line `# You`.", key="uri")
    result = await _chat(client, at, asked)
    if one is not None:
        one.began(result.turn_id, own=unsent(text))
    return result


def _not_open() -> InvalidInput:
    return InvalidInput("uri: the transcript is not open.", hint="Open it by `rejoinder.transcript.open`.", key="uri")


async def _chat(
    client: Client, at: TranscriptAddress, text: str, *, parent_id: str | None = None, model: str | None = None
) -> methods.TurnResult:
    """Begin a turn; it goes on after the reply."""
    params = methods.ChatParams(
        text=text,
        session_id=at.session_id,
        project_id=at.project.project_id,
        parent_id=parent_id,
        model=model,
        ack=True,
    )
    return await client.server.answer(methods.CHAT, params)


async def _last_question(client: Client, at: TranscriptAddress) -> Message:
    _, messages = await client.services.transcripts.read(at)
    asked = next((message for message in reversed(messages) if message.role == "user"), None)
    if asked is None:
        raise InvalidInput("There is no question yet.", hint="Write below the last line `# You`, and send it.")
    return asked


async def _ask(
    client: Client, transcripts: OpenTranscripts, params: methods.TranscriptAskParams
) -> methods.TranscriptOpenResult:
    uri = client.uri(params.uri) or params.uri
    project = await client.project(uri=uri)
    document = await client.workspace.read(uri)
    lines = whole_lines(params.range, document.text)
    scope = client.resolved.settings.session_scope
    session = await client.services.sessions.current_or_new(project, scope, uri)
    at = TranscriptAddress(project, session.session_id)
    if params.action is None and not (params.text or "").strip():
        return await _shown(client, transcripts, at, typed=mention_of(uri, lines, client.folder(uri)))
    asked = methods.AskParams(
        text=params.text or "",
        action=params.action,
        uri=uri,
        session_id=session.session_id,
        project_id=project.project_id,
        attachments=[types.Attachment(uri=uri, range=lines)],
        ack=True,
    )
    await client.server.answer(methods.ASK, asked)
    return await _shown(client, transcripts, at)


async def _apply(
    client: Client, transcripts: OpenTranscripts, params: methods.TranscriptApplyParams
) -> methods.Nothing:
    """Work a block's edit out now, so that what is wrong is answered; the editor is asked after that."""
    at, document = await transcripts.at(params.uri), client.workspace.opened(params.uri)
    if document is None:
        raise _not_open()
    _, messages = await client.services.transcripts.read(at)
    message, block = block_at(document.source, params.line, messages)
    edit = methods.EditParams(
        message_id=message.message_id, block=block, session_id=at.session_id, project_id=at.project.project_id
    )
    made = await client.server.answer(methods.EDIT, edit)
    current_request().after_reply(lambda: client.keep(offer(client, made)))
    return methods.Nothing()
