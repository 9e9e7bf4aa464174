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
from rejoinder.domain.transcript import difference, heading, said, transcript, unsent, with_typed
from rejoinder.domain.waiting import waiting_in
from rejoinder.engine.subscriptions import ChangeKind
from rejoinder.lsp.applying import apply_change
from rejoinder.lsp.client import Client
from rejoinder.lsp.kept_draft import KeptDraft
from rejoinder.lsp.showing import show_end, tell
from rejoinder.lsp.shown_turn import ShownTurn
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
        self._draft = KeptDraft(client, address, self._draft_now)
        self._said = ""
        """The text of these messages."""
        self._before = ""
        """What stands before the question of the running turn."""
        self._asked_about: set[str] = set()
        self._taken: str | None = None
        """What was sent from below the last heading and still stands there."""
        self._sent_here = False
        self._leads = False
        """Whether the cursor is still to be led behind what was sent here."""
        self._seen = ""
        """The text that the editor told of last."""
        self._untold: str | None = None
        """What the document holds since a change that the editor has not told of."""
        self._typed: list[str] = []
        self._behind = False
        self._is_new = self._reread = True
        self._refusals = 0
        self._edited = asyncio.Event()
        self._level = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> list[ToolCall]:
        """The calls that a user has to decide about."""
        return self.turn.waiting if self.turn is not None else []

    def begin(self) -> None:
        """Follow the session from now on, a turn that runs already from its beginning."""
        project_id, session_id = self.address.project.project_id, self.address.session_id
        self._client.subscriptions.join(self)
        self._client.subscriptions.follow_session(project_id, session_id, self)
        self._look()
        self._draft.is_known(unsent(self._seen))
        turn = self._client.services.turns.running_in(project_id, session_id)
        if isinstance(turn, RunningTurn):
            for seq, event in turn.since(-1):
                self.tell_update(turn.address, seq, event)
        self._catch_up()

    def end(self) -> str | None:
        """It was closed; answers the draft that is still to be kept."""
        self._client.subscriptions.leave(self)
        return self._draft.end()

    def edited(self) -> None:
        """The editor told of a change."""
        self._look()
        self._untold = None
        self._draft.edited()
        self._edited.set()
        if self._refusals:
            self._catch_up()

    def began(self, turn_id: str, *, own: str | None = None) -> None:
        """A turn was begun here. `own`: what stands below the last heading was sent by it."""
        address = TurnAddress(self.address.project.project_id, self.address.session_id, turn_id)
        if self.turn is None or self.turn.address != address:
            self.turn = ShownTurn(address)
        self._taken, self._sent_here, self._leads = own, own is not None, own is not None
        if own is not None:
            # whoever runs the turn keeps it now
            self._draft.is_known("")

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
        if isinstance(event, TurnEnded):
            self._turn_ended(event)
        elif not self._take(turn, event):
            return
        self._catch_up()

    def tell_changed(self, session: Session, kind: ChangeKind) -> None:
        """As the port `Follower` says. While a turn runs its end is waited for, which comes after it was stored."""
        here = (self.address.project.project_id, self.address.session_id)
        if (session.project_id, session.session_id) != here:
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

    def _turn_ended(self, end: TurnEnded) -> None:
        asked = self.turn.question if self.turn is not None else None
        self.turn, self._is_parked, self._reread = None, False, True
        self._asked_about.clear()
        if end.error is not None:
            if self._taken is None and self._sent_here and asked is not None and end.message_id is None:
                self._typed.insert(0, asked.content)  # nothing was stored: it can be sent again
            self._taken, self._leads = None, False
            tell(self._client, f"{end.error.message} {end.error.hint}", lsp.MessageType.Error)
        self._sent_here = False

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
            if self._reread and (self.turn is None or self._is_parked):
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
        session, messages = await self._client.services.transcripts.read(self.address)
        text = await asyncio.to_thread(said, messages, folder=self.address.project.folder_uri)
        if self.turn is not None and not self._is_parked:
            return
        self.messages, self._said, self.turn, self._is_parked = messages, text, None, False
        if self._is_new and session.draft and not unsent(self._seen).strip():
            self._typed.append(session.draft)
            self._draft.is_known(session.draft)
        self._is_new = False
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
        before, typed, taken = self._untold or document.source, list(self._typed), self._taken
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
        del self._typed[: len(typed)]
        self._taken = None if taken == self._taken else self._taken
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
        own = self._own(now)
        for text in self._typed:
            own = with_typed(own, text)
        shown = self.turn.messages() if self.turn is not None else []
        if not shown:
            return self._said + heading("user") + own
        return self._before + transcript(shown, folder=self.address.project.folder_uri) + own

    def _own(self, now: str) -> str:
        """What is not sent yet."""
        own = unsent(now)
        return own[len(self._taken) :] if self._taken is not None and own.startswith(self._taken) else own

    def _draft_now(self) -> str | None:
        """What is to be kept; nothing of it while the session's draft is what a turn has been asked."""
        own = self._own(self._seen)
        return own if own.strip() or self.turn is None else None

    def _look(self) -> None:
        document = self._client.workspace.opened(self.uri)
        if document is not None:
            self._seen = document.source
