"""What is typed in a transcript and not sent yet is the session's draft: any other editor goes on with it."""

import asyncio
import logging
from collections.abc import Callable

from rejoinder.domain.errors import RejoinderError
from rejoinder.lsp.client import Client
from rejoinder.services.transcripts import TranscriptAddress

_PAUSE_SECONDS = 0.5
"""From a change to the moment when it is kept."""

_log = logging.getLogger(__name__)


class KeptDraft:
    """Of one open transcript. Nothing is written of what stood there before its user typed."""

    def __init__(self, client: Client, address: TranscriptAddress, own: Callable[[], str | None]) -> None:
        """`own` answers what is to be kept; None when the draft is not this editor's now."""
        self._client = client
        self._address = address
        self._own = own
        self._known = ""
        self._task: asyncio.Task[None] | None = None

    def is_known(self, own: str) -> None:
        """This need not be kept any more: it was there before, or it was sent."""
        self._known = own.strip()

    def edited(self) -> None:
        """The text is another one, perhaps."""
        if self._task is None or self._task.done():
            self._task = self._client.keep(self._keep_soon())

    def end(self) -> str | None:
        """What is still to be kept, now that nothing more is typed."""
        if self._task is not None:
            self._task.cancel()
        return self._changed()

    async def _keep_soon(self) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        if (text := self._changed()) is None:
            return
        try:
            await self._client.services.transcripts.keep_draft(self._address, text)
        except RejoinderError as error:
            _log.info("a draft was not kept: %s", error.message)

    def _changed(self) -> str | None:
        own = self._own()
        if own is None or own.strip() == self._known:
            return None
        self._known = own.strip()
        return own if self._known else ""
