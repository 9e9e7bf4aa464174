"""What a user is asked by a message with buttons. Who looks away decides nothing."""

from typing import Literal

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.tool_messages import args_text
from rejoinder.lsp.client import Client
from rejoinder.lsp.showing import tell
from rejoinder.lsp.transcripts import OpenTranscript
from rejoinder.protocol import methods
from rejoinder.services.transcripts import TranscriptAddress

Verdict = Literal["allow", "allow_session", "deny"]

DECISIONS: dict[str, Verdict] = {
    "Allow": "allow",
    "Allow in this session": "allow_session",
    "Deny": "deny",
}
_LATER = "Later"
"""Stands first, since some editors open such a question while one types, and Enter takes what stands first."""
_AS_SET = "As set"
_MOST_MODELS = 9


async def have_decided(client: Client, one: OpenTranscript, call: ToolCall) -> None:
    """Ask about a call of a tool; without an answer the turn waits on."""
    try:
        asked = f"Rejoinder wants to call {call.name}({args_text(call)})"
        verdict = DECISIONS.get(await _chosen(client, asked, [_LATER, *DECISIONS]) or _LATER)
        # somebody else may have decided meanwhile
        if verdict is not None and call in one.waiting:
            await decide(client, one, call, verdict)
    except (JsonRpcException, RejoinderError) as error:
        tell(client, str(error), lsp.MessageType.Warning)


async def decide(client: Client, one: OpenTranscript, call: ToolCall, verdict: Verdict) -> None:
    """Take a decision to the turn that a transcript shows. Raises NotFound for a call that does not wait any more."""
    turn = one.turn
    if turn is None:
        return
    decision = methods.ToolRespondParams(
        turn_id=turn.address.turn_id,
        call_id=call.call_id,
        decision=verdict,
        session_id=turn.address.session_id,
        project_id=turn.address.project_id,
    )
    await client.server.answer(methods.TOOL_RESPOND, decision)


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
        tell(client, str(error), lsp.MessageType.Warning)


async def _chosen(client: Client, text: str, titles: list[str]) -> str | None:
    actions = [lsp.MessageActionItem(title) for title in titles]
    asked = lsp.ShowMessageRequestParams(lsp.MessageType.Warning, text, actions)
    chosen = await client.server.window_show_message_request_async(asked)
    return chosen.title if chosen is not None and chosen.title in titles else None
