"""What is typed in a transcript and not sent yet is the session's draft: any other editor goes on with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from rejoinder.domain.errors import RejoinderError
from rejoinder.services.unsent_texts import plain

_PAUSE_SECONDS = 0.5
"""From a change to the moment when it is kept."""

_log = logging.getLogger(__name__)


class KeptDraft:
    """Of one open transcript. Nothing is written that is the draft already, nor before that is known."""

    def __init__(
        self,
        begin: Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"],
        keep: Callable[[str], Awaitable[None]],
        own: Callable[[], str],
    ) -> None:
        """`begin` runs what goes on beside requests, `own` answers what is not sent yet."""
        self._begin = begin
        self._keep = keep
        self._own = own
        self._known: str | None = None
        """The session's draft as far as this editor knows; None before that was looked at."""
        self._news = 0
        """How often that was told from outside."""
        self._task: asyncio.Task[None] | None = None

    def is_known(self, draft: str) -> None:
        """This is the session's draft."""
        self._known = plain(draft)
        self._news += 1

    def is_replaced(self) -> None:
        """A turn's question is the session's draft now: whoever runs the turn keeps that, and nobody this text."""
        if self._known is not None:
            self.is_known("")

    def edited(self) -> None:
        """The text is another one, perhaps."""
        if self._task is None or self._task.done():
            self._task = self._begin(self._keep_soon())

    def end(self) -> str | None:
        """What is still to be kept, now that nothing more is typed: also what may have been kept a moment ago."""
        if self._task is not None:
            self._task.cancel()
        return self._changed()

    async def _keep_soon(self) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        # what is typed while this is written is written next
        while (text := self._changed()) is not None:
            news = self._news
            try:
                await self._keep(text)
            except RejoinderError as error:
                # it counts as changed until it is kept
                _log.info("a draft was not kept: %s", error.message)
                return
            if news == self._news:
                self._known = plain(text)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _changed(self) -> str | None:
        own = self._own()
        if self._known is None or plain(own) == self._known:
            return None
        return own if plain(own) else ""
