"""Chat, ask, preview and cancel."""

import asyncio
from pathlib import Path

import attrs
import orjson

from rejoinder.domain.conversation import Attachment
from rejoinder.domain.events import TurnResult
from rejoinder.domain.images import Image
from rejoinder.domain.mentions import SymbolMention, find_mentions
from rejoinder.domain.users import user_of
from rejoinder.lsp.attachments import attachments_in
from rejoinder.lsp.client import Client
from rejoinder.lsp.client_functions import functions_in
from rejoinder.lsp.convert import prompt_out, result_out, settings_in
from rejoinder.lsp.convert_tools import limits_in
from rejoinder.lsp.handlers.agents import places_of
from rejoinder.lsp.requests import Request, current_request
from rejoinder.protocol import methods
from rejoinder.protocol.declare import field_names
from rejoinder.services.editor_context import with_selection
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurn

TurnParams = methods.ChatParams | methods.AskParams


def register(client: Client) -> None:
    """Serve the methods of a turn."""
    turns = client.services.turns
    beginnings: list[_Beginning] = []

    async def turn(params: TurnParams) -> methods.TurnResult:
        beginning = _Beginning(params)
        beginnings.append(beginning)
        try:
            begun = await _begin(client, beginning)
        finally:
            beginnings.remove(beginning)
        return await _outcome(client, params, begun)

    async def preview(params: methods.PreviewParams) -> methods.PreviewResult:
        request = await turn_request(client, _as_turn(params))
        prompt = await turns.preview(request)
        return prompt_out(prompt, client.encoding)

    async def cancel(params: methods.ChatCancelParams) -> methods.Nothing:
        asked_before = list(beginnings)  # what is asked for later is not meant
        named = params.project_id is not None
        projects = [await client.project(params.project_id)] if named else await client.projects()
        stopped = [turns.cancel(project.project_id, params.session_id, params.turn_id) for project in projects]
        if not any(stopped):
            for beginning in asked_before:
                beginning.cancel_if_meant(params)
            for project in projects:
                await turns.give_up(project.project_id, params.session_id, params.turn_id)
        return methods.Nothing()

    client.server.handle(methods.CHAT, turn)
    client.server.handle(methods.ASK, turn)
    client.server.handle(methods.PREVIEW, preview)
    client.server.on(methods.CHAT_CANCEL, cancel)


class _Beginning:
    """A turn that this client asked for and that does not run yet: a cancellation may overtake it."""

    def __init__(self, params: TurnParams) -> None:
        self.params = params
        self.cancelled = False

    def cancel_if_meant(self, params: methods.ChatCancelParams) -> None:
        """Stop the turn as soon as it runs, if these parameters name it or its session."""
        here = self.params.session_id == params.session_id
        if params.turn_id is None:
            meant = here
        else:
            meant = self.params.turn_id == params.turn_id and (here or self.params.session_id is None)
        self.cancelled = self.cancelled or meant


async def _begin(client: Client, beginning: _Beginning) -> RunningTurn | TurnResult:
    """Begin a turn. One that is cancelled meanwhile begins all the same, and is stopped: its reply is a result."""
    # what becomes of the turn when the client goes away is the client's setting, not the connection's
    current_request().outlives_connection = True
    begun = asyncio.ensure_future(_begun(client, beginning.params))
    try:
        turn = await asyncio.shield(begun)
    except asyncio.CancelledError:
        turn = await begun
        beginning.cancelled = True
    if beginning.cancelled and isinstance(turn, RunningTurn):
        turn.cancel()
    return turn


async def _begun(client: Client, params: TurnParams) -> RunningTurn | TurnResult:
    return await client.services.turns.begin(await turn_request(client, params))


async def _attached(client: Client, params: TurnParams) -> tuple[tuple[Attachment, ...], tuple[Image, ...]]:
    async def listed(folder: Path, root: Path) -> str:
        await client.prepared()
        return await client.services.folders.text(folder, root, client.resolved.settings.ignore)

    return await attachments_in(params.attachments or (), client.workspace, client.encoding, listed)


async def turn_request(client: Client, params: TurnParams) -> TurnRequest:
    """What a client asks for, with all that its connection and its settings add."""
    # first: what is open may be typed in while the settings are waited for
    attachments, images = await _attached(client, params)
    await client.prepared()
    settings = client.resolved.settings
    ask = params if isinstance(params, methods.AskParams) else None
    chat = params if isinstance(params, methods.ChatParams) else None
    request = TurnRequest(
        kind="ask" if ask else "chat",
        text=params.text,
        project=await client.project(params.project_id, params.uri),
        workspace=client.workspace,
        choice=client.choice(),
        session_id=params.session_id,
        scope=settings.session_scope if params.uri or settings.session_scope != "file" else "workspace",
        uri=client.uri(params.uri),
        user_id=user_of(params.user_id),
        turn_id=params.turn_id,
        parent_id=chat.parent_id if chat else None,
        attachments=attachments,
        images=images,
        schema=ask.schema if ask else None,
        tools=None if params.tools is None else tuple(params.tools),
        functions=functions_in(params.functions, client.offers, client.server),
        model=params.model,
        settings=settings_in(params.settings),
        system=params.system,
        action=ask.action if ask else None,
        retrieve=await _retrieves(client, params),
        remember=not params.ephemeral and (ask is None or ask.remember is not False),
        queue=bool(chat and chat.queue),
    )
    places = places_of(client, request.project)
    request = await client.services.prompting.applied(_as_set(client, request), places)
    return await _answered_by(client, params.agent, await with_selection(request))


def _as_set(client: Client, request: TurnRequest) -> TurnRequest:
    """The request with what the client's settings say of every turn."""
    settings = client.resolved.settings
    return attrs.evolve(
        request,
        ignore=tuple(settings.ignore),
        tools_set=tuple(settings.tools.use),
        tool_limits=limits_in(settings.tools),
        limits=client.limits(),
        instructions=tuple(settings.instructions),
        redact=settings.redact,
        memory=client.memory_config(),
        knowledge=client.knowledge_config(),
    )


async def _answered_by(client: Client, agent: str | None, request: TurnRequest) -> TurnRequest:
    """The request as the agent that is named is to answer it."""
    if agent is None:
        return request
    return await client.services.agents.applied(request, agent, places_of(client, request.project))


async def _retrieves(client: Client, params: TurnParams) -> bool:
    """Whether the turn looks things up: as it says itself, else as it is set. A symbol is looked up in any case."""
    with_tools = client.resolved.settings.tools.use if params.tools is None else params.tools
    with_symbol = any(isinstance(mention, SymbolMention) for mention in find_mentions(params.text))
    if params.retrieve or with_tools or with_symbol:
        await client.open_searches(wanted=True)
    return client.resolved.settings.retrieve if params.retrieve is None else params.retrieve


async def _outcome(client: Client, params: TurnParams, turn: RunningTurn | TurnResult) -> methods.TurnResult:
    if isinstance(turn, TurnResult):
        return result_out(_with_json(params, turn))
    request = current_request()
    client.began(turn, token=params.partial_result_token, told=_wants_updates(client, request))
    if params.ack:
        request.after_reply(turn.released.set)
        client.keep(_accompany(client, params.work_done_token, turn))
        return methods.TurnResult(turn.address.session_id, turn.address.turn_id)
    with client.progress(params.work_done_token, "Answering", cancel=turn.cancel):
        turn.released.set()
        try:
            return result_out(_with_json(params, await turn.result()))
        except asyncio.CancelledError:
            turn.cancel()
            return result_out(_with_json(params, await turn.result()))


def _with_json(params: TurnParams, result: TurnResult) -> TurnResult:
    """The result with the value that its text is, where a schema was sent."""
    if not isinstance(params, methods.AskParams) or params.schema is None or not result.text:
        return result
    return attrs.evolve(result, json=orjson.loads(result.text))


async def _accompany(client: Client, token: methods.Token | None, turn: RunningTurn) -> None:
    """Show a turn's progress after the reply that acknowledged it."""
    with client.progress(token, "Answering", cancel=turn.cancel):
        await turn.stopped()


def _wants_updates(client: Client, request: Request) -> bool:
    """Whether the client knows what an update is: it said so, or it sent a request of ours rather than a command."""
    return client.server.client_handshake is not None or request.method.startswith("rejoinder/")


def _as_turn(params: methods.PreviewParams) -> TurnParams:
    shared = {name: getattr(params, name) for name in field_names(methods.TurnParams)}
    if params.of == "chat":
        return methods.ChatParams(**shared, parent_id=params.parent_id)
    return methods.AskParams(**shared, action=params.action, schema=params.schema, remember=params.remember)
