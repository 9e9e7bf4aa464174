"""Time and chance, handed in so that tests can choose them."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rejoinder.declared import frozen


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _random_id() -> str:
    return secrets.token_hex(8)


@frozen
class World:
    """Where services get the time (UTC), seconds for durations, and new IDs."""

    now: Callable[[], datetime] = _utc_now
    seconds: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = _random_id
