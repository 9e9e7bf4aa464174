"""A model behind a server that may fail in passing: tried again a few times, as long as nothing was said yet."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import ModelError
from rejoinder.domain.prompt import (
    ModelEvent,
    ModelInfo,
    ModelSettings,
    Prompt,
    Retrying,
    TextDelta,
    ThoughtDelta,
    ToolAsked,
)

_log = logging.getLogger(__name__)


class PassingFault(Exception):
    """A failure that may be over soon. `error` is what the user is told if it is not; `retry_after` in seconds."""

    def __init__(self, error: ModelError, *, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
        self.retry_after = retry_after


@frozen(kw_only=True)
class RetryPolicy:
    """How often and when a request is sent again. Delays in seconds."""

    attempts: int = 3
    first_delay: float = 0.5
    longest_delay: float = 20.0

    def delay(self, attempt: int, retry_after: float | None) -> float | None:
        """How long to wait after the failure of an attempt, counted from 1; None when it is not worth it.

        What the server asks for counts; a wait that is too long for a person is left to that person. Otherwise
        the delay doubles each time, less up to a half by chance, so that clients do not come back all at once.
        """
        if attempt >= self.attempts:
            return None
        if retry_after is not None:
            return max(retry_after, 0.0) if retry_after <= self.longest_delay else None
        full = min(self.first_delay * 2.0 ** (attempt - 1), self.longest_delay)
        return full * random.uniform(0.5, 1.0)  # noqa: S311 - chance, no secret


Attempt = Callable[[Prompt, ModelSettings], AsyncGenerator[ModelEvent, None]]
"""One request. Raises PassingFault where another one may help."""


class RetryingModel:
    """A chat model made of single attempts."""

    def __init__(
        self,
        info: ModelInfo,
        attempt: Attempt,
        policy: RetryPolicy,
        *,
        cost: Callable[[Usage], float | None],
        sees: Callable[[], Awaitable[bool]],
    ) -> None:
        self._info = info
        self._attempt = attempt
        self._policy = policy
        self._cost = cost
        self._sees = sees

    @property
    def info(self) -> ModelInfo:
        """What is known of the model."""
        return self._info

    def cost(self, usage: Usage) -> float | None:
        """What a use of it costs."""
        return self._cost(usage)

    async def sees(self) -> bool:
        """As the port says."""
        return await self._sees()

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        """The answer as it comes. After its first piece a failure is final."""
        attempt = 0
        while True:
            attempt += 1
            said = False
            try:
                async with aclosing(self._attempt(prompt, settings)) as events:
                    async for event in events:
                        said = said or isinstance(event, TextDelta | ThoughtDelta | ToolAsked)
                        yield event
                return
            except PassingFault as fault:
                delay = None if said else self._policy.delay(attempt, fault.retry_after)
                if delay is None:
                    raise fault.error from None
                _log.info("%s: %s; trying again in %.1f s", self._info.id, fault.reason, delay)
                again = Retrying(attempt, delay, fault.reason)
            yield again
            await asyncio.sleep(delay)
