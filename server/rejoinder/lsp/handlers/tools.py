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
from rejoinder.lsp.client_functions import functions_in
from rejoinder.lsp.convert_tools import tool_out
from rejoinder.lsp.handlers.turns import TurnParams, turn_request
from rejoinder.protocol import methods
from rejoinder.protocol.converter import structure
from rejoinder.services.deciding import AskAgain, CallAddress
from rejoinder.services.request import TurnRequest
from rejoinder.services.tool_ports import ToolContext


def register(client: Client) -> None:
    """Serve the methods of tools."""
    handlers = ToolHandlers(client)
    client.server.handle(methods.TOOL_LIST, handlers.list_)
    client.server.handle(methods.TOOL_OFFER, handlers.offer)
    client.server.handle(methods.TOOL_RESPOND, handlers.respond)


class ToolHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tooling = client.services.tooling
        self._deciding = client.services.deciding

    async def list_(self, params: methods.ToolListParams) -> methods.ToolListResult:
        project = await self._client.project(params.project_id, params.uri)
        settings = self._client.resolved.settings
        context = ToolContext(
            project=project,
            workspace=self._client.workspace,
            ignore=tuple(settings.ignore),
            environment=self._client.choice().environment,
        )
        tools, notes = await self._tooling.listed(context, tuple(settings.tools.use))
        return methods.ToolListResult([tool_out(one.spec, enabled=one.enabled) for one in tools], notes)

    async def offer(self, params: methods.ToolOfferParams) -> methods.Nothing:
        project = await self._client.project(params.project_id)
        session = await self._client.services.sessions.get(project.project_id, params.session_id)
        functions = functions_in(params.functions, self._client.offers)
        place = (project.project_id, session.session_id, user_of(params.user_id))
        self._client.offers.put(self._client.server, place, [function.spec.name for function in functions])
        return methods.Nothing()

    async def respond(self, params: methods.ToolRespondParams) -> methods.Nothing:
        named = params.project_id is not None
        projects = [await self._client.project(params.project_id)] if named else await self._client.projects()
        call = CallAddress(
            project_ids=[project.project_id for project in projects],
            turn_id=params.turn_id,
            call_id=params.call_id,
            session_id=params.session_id,
            user_id=user_of(params.user_id),
        )
        decision = Decision(verdict=params.decision, reason=params.reason, args=params.args)
        turn = await self._deciding.respond(call, decision, _ask_again(self._client))
        self._client.subscriptions.follow_turn(turn.address, self._client)
        return methods.Nothing()


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
        # they belong to the program that sent the turn, which need not be this client's
        functions = functions_in(structure(asked.get("functions") or [], list[methods.FunctionTool]), client.offers)
        request = await turn_request(client, params)
        return attrs.evolve(request, settings=_settings(asked.get("settings")), functions=functions)

    return ask


def _settings(asked: Mapping[str, Any] | None) -> ModelSettings:
    known = {field.name for field in attrs.fields(ModelSettings)}
    given = {key: value for key, value in (asked or {}).items() if key in known}
    return ModelSettings(**{**given, "stop": tuple(given.get("stop") or ())})
