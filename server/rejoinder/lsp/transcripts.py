"""A transcript that a client has open: kept up by edits of the document, whoever speaks in the session."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import attrs
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.edits import with_ends_of
from rejoinder.domain.errors import RejoinderError, SessionNotFound
from rejoinder.domain.events import (
    ApprovalWanted,
    TextPart,
    ToolCalled,
    TurnEnded,
    TurnEvent,
    UserMessageTaken,
)
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.domain.transcript import difference, heading, said, transcript, unsent, with_typed
from rejoinder.engine.subscriptions import ChangeKind
from rejoinder.lsp.applying import apply_change
from rejoinder.lsp.client import Client
from rejoinder.services.ports import TurnAddress
from rejoinder.services.running import RunningTurn
from rejoinder.services.transcripts import TranscriptAddress, folder_uri

PACE_SECONDS = 0.3
"""Between two edits: an editor takes each for a change of the user's, with highlighting and all."""
_SETTLE_SECONDS = 1.5
"""How long an editor has to tell of the change that it was asked for; some join changes over half a second."""
_MOST_REFUSALS = 5

_log = logging.getLogger(__name__)

Approve = Callable[["OpenTranscript", ToolCalled], object]
"""Has the user decide about a call."""


class OpenTranscript:
    """One that this client has open; a `Follower` of its session."""

    def __init__(self, client: Client, uri: str, address: TranscriptAddress, approve: Approve) -> None:
        self.uri = uri
        self.address = address
        self.messages: list[Message] = []
        """The messages of the active path, without those of a running turn."""
        self.running: TurnAddress | None = None
        """The turn that answers now."""
        self._lenses_of: TurnAddress | None = None
        self._client = client
        self._approve = approve
        self._said = ""
        """The text of these messages."""
        self._question: Message | None = None
        self._before = ""
        """What stands before the question of the running turn."""
        self._parts: list[str] = []
        self._calls: dict[str, ToolCalled] = {}
        self._taken: str | None = None
        """What was sent from below the last heading and still stands there."""
        self._sent_here = False
        self._typed: list[str] = []
        self._behind = False
        self._reread = True
        self._refusals = 0
        self._edited = asyncio.Event()
        self._level = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Follow the session from now on, a turn that runs already from its beginning."""
        project_id, session_id = self.address.project.project_id, self.address.session_id
        self._client.subscriptions.join(self)
        self._client.subscriptions.follow_session(project_id, session_id, self)
        turn = self._client.services.turns.running_in(project_id, session_id)
        if isinstance(turn, RunningTurn):
            for seq, event in turn.since(-1):
                self.tell_update(turn.address, seq, event)
        self._catch_up()

    def end(self) -> None:
        """It was closed."""
        self._client.subscriptions.leave(self)

    def edited(self) -> None:
        """The editor told of a change."""
        self._edited.set()
        if self._refusals:
            self._catch_up()

    def began(self, turn_id: str, *, own: str | None = None) -> None:
        """A turn was begun here. `own`: what stands below the last heading was sent by it."""
        self.running = TurnAddress(self.address.project.project_id, self.address.session_id, turn_id)
        self._taken, self._sent_here = own, own is not None

    async def caught_up(self) -> None:
        """Wait until the editor shows all, as far as it takes that soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._level.wait()

    def type_in(self, text: str) -> None:
        """As the port `OpenTranscript` says."""
        self._typed.append(text)
        self._catch_up()

    def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """As the port `Follower` says."""
        match event:
            case UserMessageTaken(message):
                self.running, self._question, self._parts = turn, message, []
                self._before = self._said_before(message)
            case TextPart(text):
                self.running = turn
                self._parts.append(text)
            case ToolCalled():
                self._calls[event.call_id] = event
            case ApprovalWanted(call_id) if call_id in self._calls:
                self._approve(self, self._calls[call_id])
            case TurnEnded():
                self._turn_ended(event.error)
            case _:
                return
        self._catch_up()

    def tell_changed(self, session: Session, kind: ChangeKind) -> None:
        """As the port `Follower` says. While a turn runs its end is waited for, which comes after it was stored."""
        here = (self.address.project.project_id, self.address.session_id)
        if (session.project_id, session.session_id) == here and kind != "deleted" and self.running is None:
            self._reread = True
            self._catch_up()

    def tell_index(self, project_id: str, status: IndexStatus) -> None:
        """As the port `Follower` says."""

    def _turn_ended(self, error: RejoinderError | None) -> None:
        asked = self._question
        self.running, self._question, self._parts, self._reread = None, None, [], True
        self._calls.clear()
        if error is not None:
            if self._taken is None and self._sent_here and asked is not None:
                self._typed.insert(0, asked.content)
            self._taken = None
            text = f"{error.message} {error.hint}"
            self._client.server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, text))
        self._sent_here = False

    def _said_before(self, asked: Message) -> str:
        """What stands before a question, which may have been asked before."""
        ids = [message.message_id for message in self.messages]
        at = ids.index(asked.parent_id) + 1 if asked.parent_id in ids else 0
        return self._said if at == len(ids) else said(self.messages[:at], folder=folder_uri(self.address.project))

    def _catch_up(self) -> None:
        self._behind = True
        self._level.clear()
        if self._task is None or self._task.done():
            self._task = self._client.keep(self._keep_up())

    async def _keep_up(self) -> None:
        while self._behind:
            self._behind = False
            if self._reread and self.running is None:
                self._reread = False
                try:
                    await self._read()
                except SessionNotFound:
                    return
            await self._write()
            if not self._behind:
                self._level.set()
            await self._refresh_lenses()
            await asyncio.sleep(PACE_SECONDS)

    async def _read(self) -> None:
        messages = await self._client.services.transcripts.messages_of(self.address)
        text = await asyncio.to_thread(said, messages, folder=folder_uri(self.address.project))
        if self._question is None:
            self.messages, self._said = messages, text

    async def _refresh_lenses(self) -> None:
        """Have the editor ask again what can be done, if that is something else now."""
        workspace = self._client.server.client_capabilities.workspace
        offered = workspace.code_lens if workspace else None
        if self._lenses_of != self.running and offered is not None and offered.refresh_support:
            self._lenses_of = self.running
            await self._client.server.workspace_code_lens_refresh_async(None)

    async def _write(self) -> None:
        document = self._client.workspace.opened(self.uri)
        if document is None:
            return
        before, typed, taken = document.source, list(self._typed), self._taken
        change = difference(before, with_ends_of(before, self._wanted(before)))
        if change is None:
            return
        self._edited.clear()
        version = document.version if self._refusals < _MOST_REFUSALS // 2 else None
        try:
            accepted = await apply_change(self._client, document.uri, before, change, version=version)
        except JsonRpcException as error:
            _log.info("an editor did not take a change of its transcript: %s", error)
            accepted = False
        if not accepted:
            self._refusals += 1
            self._behind = self._refusals < _MOST_REFUSALS
            return
        self._refusals = 0
        del self._typed[: len(typed)]
        self._taken = None if taken == self._taken else self._taken
        # positions are worked out on what the editor last told: the change has to be in that first
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._edited.wait()

    def _wanted(self, now: str) -> str:
        """The whole text as it is to be."""
        own = unsent(now)
        if self._taken is not None and own.startswith(self._taken):
            own = own[len(self._taken) :]
        for text in self._typed:
            own = with_typed(own, text)
        if self._question is None:
            return self._said + heading("user") + own
        folder = folder_uri(self.address.project)
        answer = attrs.evolve(self._question, role="assistant", content="".join(self._parts), attachments=())
        return self._before + transcript([self._question, answer], folder=folder) + own
