"""What there is of an answer while it comes in, kept with the session for the case that the engine dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs

from rejoinder.domain.conversation import Session
from rejoinder.services.answer import Answer
from rejoinder.services.conversations import Conversations

KEY = "interrupted"
"""The session's metadata with `turnId` and `text` of an answer that was cut off; the question is the draft."""

EVERY_SECONDS = 2.0


class Parts:
    """Keeps parts of answers; they are gone when the turn ends in whatever way."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    @asynccontextmanager
    async def keeping(self, session: Session, turn_id: str, answer: Answer) -> AsyncIterator[None]:
        """Keep the answer every `EVERY_SECONDS` during the block."""
        keeper = asyncio.create_task(self._keep(session, turn_id, answer))
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _keep(self, session: Session, turn_id: str, answer: Answer) -> None:
        kept = ""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                if answer.text != kept:
                    kept = answer.text
                    await self._put(session, {KEY: {"turnId": turn_id, "text": kept}})
        finally:
            if kept:
                await self._put(session, {})

    async def _put(self, session: Session, part: dict[str, Any]) -> None:
        """Without a sync: it has to outlive the process, not the machine."""

        def step(latest: Session) -> Session:
            return attrs.evolve(latest, metadata=without_part(latest.metadata) | part)

        await self._conversations.change(session.project_id, session.session_id, step, durable=False)


def without_part(metadata: dict[str, Any]) -> dict[str, Any]:
    """A session's metadata without what was kept of an answer."""
    return {key: value for key, value in metadata.items() if key != KEY}
