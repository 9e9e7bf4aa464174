"""What stands below the last heading of an open transcript: what is to come there and to go, and what of it is kept."""

from functools import partial

from rejoinder.domain.conversation import Message
from rejoinder.domain.transcript import heading, question, unsent, with_typed
from rejoinder.lsp.client import Client
from rejoinder.lsp.kept_draft import KeptDraft
from rejoinder.services.transcripts import TranscriptAddress
from rejoinder.services.unsent_texts import plain

Pending = tuple[tuple[str, ...], str | None]
"""What is put below the last heading by an edit that is on its way, and what of it is taken away."""


class UnsentPart:
    """Of one transcript, with the changes to it that the editor has not made yet."""

    def __init__(self, client: Client, address: TranscriptAddress) -> None:
        self.seen = ""
        """The whole text that the editor told of last, or has after a change of ours."""
        self.is_compared = False
        """Whether it was settled what counts of what was opened and of the session's draft."""
        self._client = client
        self._address = address
        self._typed: list[str] = []
        self._taken: str | None = None
        """What was sent and still stands there."""
        self._was_sent = False
        """Whether the question of the running turn stood there."""
        keep = partial(client.services.transcripts.keep_draft, address)
        self._draft = KeptDraft(client.keep, keep, lambda: self.within(self.seen))

    @property
    def uncompared(self) -> str:
        """The whole text, if what counts was not settled yet; else nothing."""
        return "" if self.is_compared else self.seen

    def edited(self) -> None:
        """The editor told of a change."""
        self._draft.edited()

    def end(self) -> str | None:
        """It was closed; answers the draft that is still to be kept."""
        return self._draft.end()

    def put(self, text: str) -> None:
        """Put more behind what stands there."""
        self._typed.append(text)

    def sent(self, own: str | None) -> None:
        """A turn was begun here, by what stood there if that is given."""
        self._taken, self._was_sent = own, own is not None
        if own is not None:
            self._draft.is_replaced()
            self._client.services.transcripts.sent(self._address)

    def asked(self, message: Message, *, is_new: bool) -> None:
        """A turn of any client has a question, which has taken the draft's place. `is_new`: it was not asked before."""
        own, is_as_seen = unsent(self.seen), self._taken is None and not self._typed
        said = plain(question(heading("user") + own) or "")
        if is_new and is_as_seen and said and said == plain(message.content):
            # the draft was sent from another client
            self.sent(own)
        self._draft.is_replaced()

    def failed(self, asked: Message | None) -> None:
        """The turn that was shown has failed. What was `asked`, if nothing was stored, can be sent again."""
        if self._taken is None and self._was_sent and asked is not None:
            self._typed.insert(0, asked.content)
        self._taken, self._was_sent = None, False

    def answered(self) -> None:
        """The turn that was shown is over, and its question is the draft no more."""
        self._was_sent = False
        self._draft.edited()

    def replaced(self) -> None:
        """A turn that was never shown may have left its question as the draft."""
        self._draft.is_replaced()

    async def compare(self, asked: Message | None) -> bool:
        """Settle what counts while a turn runs that was `asked` this; False when that cannot be said yet.

        Raises SessionNotFound.
        """
        seen, services = self.seen, self._client.services
        counts, draft = await services.transcripts.compared(self._address, seen, asked)
        if asked is None and services.turns.running_in(*self._address.key) is not None:
            # its question, which is not known, may be the draft
            return False
        own = unsent(seen)
        if counts in ("draft", "both"):
            # through the same edit as all else, so that nothing that is typed meanwhile is lost
            self._taken = own or self._taken
            self._typed.append(with_typed(draft, own) if counts == "both" else draft)
        self._draft.is_known(own if counts == "same" else draft)
        self._draft.edited()
        self.is_compared = True
        return True

    def within(self, text: str) -> str:
        """What is not sent yet of a whole text, as it is to be."""
        own = unsent(text)
        if self._taken is not None and own.startswith(self._taken):
            own = own[len(self._taken) :]
        for typed in self._typed:
            own = with_typed(own, typed)
        return own

    def pending(self) -> Pending:
        """What `within` changes now."""
        return tuple(self._typed), self._taken

    def made(self, pending: Pending) -> None:
        """The editor has made these changes; a failed question may have come before them meanwhile."""
        typed, taken = pending
        self._typed.reverse()
        for text in typed:
            self._typed.remove(text)
        self._typed.reverse()
        self._taken = None if self._taken == taken else self._taken
