"""A transcript that a client has open: kept up by edits of the document, whoever speaks in the session."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.conversation import Message, Session, ToolCall
from rejoinder.domain.edits import with_ends_of
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.events import ApprovalWanted, TurnEnded, TurnEvent, UserMessageTaken
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.domain.transcript import difference, heading, said, transcript
from rejoinder.domain.waiting import waiting_in
from rejoinder.engine.subscriptions import ChangeKind
from rejoinder.lsp.applying import apply_change
from rejoinder.lsp.client import Client
from rejoinder.lsp.showing import show_end, tell
from rejoinder.lsp.shown_turn import ShownTurn
from rejoinder.lsp.unsent_part import UnsentPart
from rejoinder.services.ports import TurnAddress
from rejoinder.services.running import RunningTurn
from rejoinder.services.transcripts import TranscriptAddress, deleted_hint
from rejoinder.services.underway import events_of

PACE_SECONDS = 0.3
"""Between two edits: an editor takes each for a change of the user's, with highlighting and all."""
_SETTLE_SECONDS = 1.5
"""How long an editor has to tell of the change that it was asked for; some join changes over half a second."""
_MOST_REFUSALS = 5

_log = logging.getLogger(__name__)

Approve = Callable[["OpenTranscript", ToolCall], object]
"""Has the user decide about a call."""


class OpenTranscript:
    """One that this client has open; a `Follower` of its session."""

    def __init__(self, client: Client, uri: str, address: TranscriptAddress, approve: Approve) -> None:
        self.uri = uri
        self.address = address
        self.messages: list[Message] = []
        """The messages of the active path, without those of a running turn."""
        self.turn: ShownTurn | None = None
        """The turn that answers now, or that waits for its user."""
        self._is_parked = False
        """Whether that turn waits and no engine runs it."""
        self._done_shown: tuple[TurnAddress | None, int] = (None, 0)
        """What could be done when lenses were drawn last: of which turn, and how many calls waited."""
        self._client = client
        self._approve = approve
        self._own = UnsentPart(client, address)
        self._said = ""
        """The text of these messages."""
        self._before = ""
        """What stands before the question of the running turn."""
        self._asked_about: set[str] = set()
        self._leads = False
        """Whether the cursor is still to be led behind what was sent here."""
        self._untold: str | None = None
        """What the document holds since a change that the editor has not told of."""
        self._behind = False
        self._reread = True
        self._refusals = 0
        self._looked_at = asyncio.Event()
        self._edited = asyncio.Event()
        self._level = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> list[ToolCall]:
        """The calls that a user has to decide about."""
        return self.turn.waiting if self.turn is not None else []

    def begin(self) -> None:
        """Follow the session from now on, a turn that runs already from its beginning."""
        self._client.subscriptions.join(self)
        self._client.subscriptions.follow_session(*self.address.key, self)
        self._look()
        turn = self._client.services.turns.running_in(*self.address.key)
        if isinstance(turn, RunningTurn):
            for seq, event in turn.since(-1):
                self.tell_update(turn.address, seq, event)
        self._catch_up()

    async def begun(self) -> None:
        """Wait until what was opened was compared with the session's draft, if that can be done now."""
        await self._looked_at.wait()

    def end(self) -> tuple[str | None, str]:
        """It was closed; answers the draft that is still to be kept, and the text that was not compared with it."""
        self._client.subscriptions.leave(self)
        if self._task is not None:
            # the document may be opened again at once, and another one keeps it up then
            self._task.cancel()
        self._looked_at.set()
        return self._own.end(), self._own.uncompared

    def edited(self) -> None:
        """The editor told of a change."""
        self._look()
        self._untold = None
        self._own.edited()
        self._edited.set()
        if self._refusals:
            self._catch_up()

    def began(self, turn_id: str, *, own: str | None = None) -> None:
        """A turn was begun here. `own`: what stands below the last heading was sent by it."""
        address = TurnAddress(*self.address.key, turn_id)
        if self.turn is None or self.turn.address != address:
            self.turn = ShownTurn(address)
        self._own.sent(own)
        self._leads = own is not None

    async def caught_up(self) -> None:
        """Wait until the editor shows all, as far as it takes that soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._level.wait()

    def type_in(self, text: str) -> None:
        """As the port `OpenTranscript` says."""
        self._own.put(text)
        self._catch_up()

    def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """As the port `Follower` says."""
        if isinstance(event, TurnEnded):
            self._turn_ended(turn, event)
        elif not self._take(turn, event):
            return
        elif isinstance(event, UserMessageTaken):
            known = {message.message_id for message in self.messages}
            self._own.asked(event.message, is_new=event.message.message_id not in known)
        self._catch_up()

    def tell_changed(self, session: Session, kind: ChangeKind) -> None:
        """As the port `Follower` says. While a turn runs its end is waited for, which comes after it was stored."""
        if (session.project_id, session.session_id) != self.address.key:
            return
        if kind == "deleted":
            text = f"The conversation {session.name!r} is gone. {deleted_hint(self.address)}"
            tell(self._client, text, lsp.MessageType.Warning)
        elif self.turn is None or self._is_parked:
            self._reread = True
            self._catch_up()

    def tell_index(self, project_id: str, status: IndexStatus) -> None:
        """As the port `Follower` says."""

    def _take(self, address: TurnAddress, event: TurnEvent) -> bool:
        """Take in what happened in a turn; whether there is something else to show."""
        turn = self.turn if self.turn is not None and self.turn.address == address else ShownTurn(address)
        if not turn.take(event):
            return False
        self.turn, self._is_parked = turn, False
        match event:
            case UserMessageTaken(message):
                self._before = self._said_before(message)
            case ApprovalWanted(call_id) if call_id not in self._asked_about:
                self._asked_about.add(call_id)
                self._approve(self, turn.call(call_id))
            case _:
                pass
        return True

    def _turn_ended(self, address: TurnAddress, end: TurnEnded) -> None:
        self._reread = True
        if end.error is not None:
            tell(self._client, f"{end.error.message} {end.error.hint}", lsp.MessageType.Error)
        if self.turn is None or self.turn.address != address:
            # it was queued, or failed before it was shown; what is shown goes on
            if end.error is not None:
                self._own.replaced()
            return
        asked = self.turn.question
        self.turn, self._is_parked = None, False
        self._asked_about.clear()
        if end.error is None:
            self._own.answered()
        else:
            self._own.failed(asked if end.message_id is None else None)
            self._leads = False

    def _said_before(self, asked: Message) -> str:
        """What stands before a question, which may have been asked before."""
        ids = [message.message_id for message in self.messages]
        at = ids.index(asked.parent_id) + 1 if asked.parent_id in ids else 0
        return self._said if at == len(ids) else said(self.messages[:at], folder=self.address.project.folder_uri)

    def _catch_up(self) -> None:
        self._behind = True
        self._level.clear()
        if self._task is None or self._task.done():
            self._task = self._client.keep(self._keep_up())

    async def _keep_up(self) -> None:
        while self._behind:
            self._behind = False
            try:
                if not self._own.is_compared:
                    await self._compare()
                if self._reread and (self.turn is None or self._is_parked):
                    self._reread = False
                    await self._read()
            except SessionNotFound:
                return
            await self._write()
            if not self._behind:
                self._level.set()
            await self._refresh_lenses()
            await asyncio.sleep(PACE_SECONDS)

    async def _compare(self) -> None:
        asked = self.turn.question if self.turn is not None and not self._is_parked else None
        try:
            if not await self._own.compare(asked):
                self._behind = True
        finally:
            self._looked_at.set()

    async def _read(self) -> None:
        session, messages = await self._client.services.transcripts.read(self.address)
        text = await asyncio.to_thread(said, messages, folder=self.address.project.folder_uri)
        if self.turn is not None and not self._is_parked:
            return
        self.messages, self._said, self.turn, self._is_parked = messages, text, None, False
        if (waiting := waiting_in(session)) is not None:
            address = TurnAddress(session.project_id, session.session_id, waiting.turn_id)
            for event in events_of(waiting, session.session_id):
                self._take(address, event)
            self._is_parked = True

    async def _refresh_lenses(self) -> None:
        """Have the editor ask again what can be done, if that is something else now."""
        workspace = self._client.server.client_capabilities.workspace
        offered = workspace.code_lens if workspace else None
        now = self.turn.address if self.turn is not None else None, len(self.waiting)
        if self._done_shown != now and offered is not None and offered.refresh_support:
            self._done_shown = now
            await self._client.server.workspace_code_lens_refresh_async(None)

    async def _write(self) -> None:
        document = self._client.workspace.opened(self.uri)
        if document is None:
            return
        before, pending = self._untold or document.source, self._own.pending()
        after = with_ends_of(before, self._wanted(before))
        change = difference(before, after)
        if change is None:
            return
        shows_question = self.turn is None or self.turn.question is not None
        self._edited.clear()
        known = self._untold is None and self._refusals < _MOST_REFUSALS // 2
        version = document.version if known else None
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
        if not self._edited.is_set():
            self._own.seen = after
        self._own.made(pending)
        if self._leads and shows_question:
            self._leads = False
            await show_end(self._client, document.uri, after)
        # positions are worked out on what the editor last told: the change has to be in that first
        try:
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._edited.wait()
        except TimeoutError:
            # some tell of a change when their user types next, and what is below the last heading alone changes then
            self._untold = after

    def _wanted(self, now: str) -> str:
        """The whole text as it is to be."""
        own = self._own.within(now)
        shown = self.turn.messages() if self.turn is not None else []
        if not shown:
            return self._said + heading("user") + own
        return self._before + transcript(shown, folder=self.address.project.folder_uri) + own

    def _look(self) -> None:
        document = self._client.workspace.opened(self.uri)
        if document is not None:
            self._own.seen = document.source
