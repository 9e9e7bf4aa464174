"""Which tools there are, and decisions about their calls."""

from collections.abc import Mapping
from typing import Any

import attrs

from rejoinder.domain.conversation import Session
from rejoinder.domain.prompt import ModelSettings
from rejoinder.domain.tools import Decision
from rejoinder.domain.users import user_of
from rejoinder.domain.waiting import WaitingTurn
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert_tools import tool_out
from rejoinder.lsp.handlers.turns import TurnParams, turn_request
from rejoinder.protocol import methods
from rejoinder.services.deciding import AskAgain, CallAddress
from rejoinder.services.request import TurnRequest
from rejoinder.services.tool_ports import ToolContext


def register(client: Client) -> None:
    """Serve the methods of tools."""
    tooling, deciding = client.services.tooling, client.services.deciding

    async def list_(params: methods.ToolListParams) -> methods.ToolListResult:
        context = ToolContext(
            project=await client.project(params.project_id, params.uri),
            workspace=client.workspace,
            ignore=tuple(client.resolved.settings.ignore),
            environment=client.choice().environment,
        )
        tools, notes = await tooling.listed(context, tuple(client.resolved.settings.tools.use))
        return methods.ToolListResult([tool_out(one.spec, enabled=one.enabled) for one in tools], notes)

    async def respond(params: methods.ToolRespondParams) -> methods.Nothing:
        named = params.project_id is not None
        projects = [await client.project(params.project_id)] if named else await client.projects()
        call = CallAddress(
            project_ids=[project.project_id for project in projects],
            turn_id=params.turn_id,
            call_id=params.call_id,
            session_id=params.session_id,
            user_id=user_of(params.user_id),
        )
        decision = Decision(verdict=params.decision, reason=params.reason, args=params.args)
        turn = await deciding.respond(call, decision, _ask_again(client))
        client.subscriptions.follow_turn(turn.address, client)
        return methods.Nothing()

    client.server.handle(methods.TOOL_LIST, list_)
    client.server.handle(methods.TOOL_RESPOND, respond)


def _ask_again(client: Client) -> AskAgain:
    """What sends a turn that waited once more, with what this client's connection and its settings add."""

    async def ask(session: Session, waiting: WaitingTurn) -> TurnRequest:
        asked = waiting.asked
        shared: dict[str, Any] = {
            **{key: asked.get(key) for key in ("model", "system", "agent", "tools", "retrieve", "uri")},
            "text": waiting.question.content,
            "session_id": session.session_id,
            "project_id": session.project_id,
            "turn_id": waiting.turn_id,
            "user_id": waiting.question.user_id,
        }
        params: TurnParams = methods.ChatParams(**shared)
        if asked.get("kind") == "ask":
            params = methods.AskParams(**shared, action=asked.get("action"), schema=asked.get("schema"))
        return attrs.evolve(await turn_request(client, params), settings=_settings(asked.get("settings")))

    return ask


def _settings(asked: Mapping[str, Any] | None) -> ModelSettings:
    known = {field.name for field in attrs.fields(ModelSettings)}
    given = {key: value for key, value in (asked or {}).items() if key in known}
    return ModelSettings(**{**given, "stop": tuple(given.get("stop") or ())})
