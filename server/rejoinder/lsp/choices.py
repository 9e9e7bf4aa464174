"""What a user is asked by a message with buttons. Who looks away decides nothing."""

from typing import Literal

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.events import ToolCalled
from rejoinder.domain.tool_messages import args_text
from rejoinder.lsp.client import Client
from rejoinder.lsp.transcripts import OpenTranscript
from rejoinder.protocol import methods
from rejoinder.services.transcripts import TranscriptAddress

_DECISIONS: dict[str, Literal["allow", "allow_session", "deny"]] = {
    "Allow": "allow",
    "Allow in this session": "allow_session",
    "Deny": "deny",
}
_AS_SET = "As set"
_MOST_MODELS = 9


async def have_decided(client: Client, one: OpenTranscript, call: ToolCalled) -> None:
    """Ask about a call of a tool; without an answer the turn waits on."""
    turn = one.running
    if turn is None:
        return
    exact = args_text(ToolCall(call.call_id, call.name, call.args, ""))
    try:
        chosen = await _chosen(client, f"Rejoinder wants to call {call.name}({exact})", list(_DECISIONS))
        if chosen is None:
            return
        decision = methods.ToolRespondParams(
            turn_id=turn.turn_id,
            call_id=call.call_id,
            decision=_DECISIONS[chosen],
            session_id=turn.session_id,
            project_id=turn.project_id,
        )
        await client.server.answer(methods.TOOL_RESPOND, decision)
    except (JsonRpcException, RejoinderError) as error:
        client.server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, str(error)))


async def have_model_chosen(client: Client, at: TranscriptAddress) -> None:
    """Ask which model is to answer in a session from now on."""
    known = await client.server.answer(methods.MODELS, methods.ModelsParams())
    models = [model.id for model in known.models if model.configured][:_MOST_MODELS]
    try:
        chosen = await _chosen(client, "Which model answers here?", [_AS_SET, *models])
        if chosen is not None:
            model = None if chosen == _AS_SET else chosen
            await client.services.sessions.update(at.project.project_id, at.session_id, {"model": model})
    except (JsonRpcException, RejoinderError) as error:
        client.server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, str(error)))


async def _chosen(client: Client, text: str, titles: list[str]) -> str | None:
    actions = [lsp.MessageActionItem(title) for title in titles]
    asked = lsp.ShowMessageRequestParams(lsp.MessageType.Warning, text, actions)
    chosen = await client.server.window_show_message_request_async(asked)
    return chosen.title if chosen is not None and chosen.title in titles else None
