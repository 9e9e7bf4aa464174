"""How much one client may ask for: requests a minute, turns at once, bytes, seconds."""

import math
from collections import Counter, OrderedDict
from collections.abc import Callable

from rejoinder.declared import frozen
from rejoinder.http.refusals import Refused

_REMEMBERED = 1024


@frozen(kw_only=True)
class Limits:
    """Bytes, seconds and counts."""

    requests_a_minute: int = 60
    """For each key."""
    refusals_a_minute: int = 30
    """For each address that comes with no key, or a wrong one."""
    turns_at_once: int = 4
    """For each key; a turn whose client has gone counts until it has ended."""
    turns_of_all: int = 64
    body_bytes: int = 1 << 20
    head_bytes: int = 1 << 14
    connections: int = 256
    head_seconds: float = 10.0
    """Within which a connection has to send a request's head."""
    body_seconds: float = 20.0
    send_seconds: float = 30.0
    """Within which a client has to take what it is sent."""
    beat_seconds: float = 10.0
    """Between the signs of life of a stream."""
    grace_seconds: float = 20.0
    """For running turns when the server is told to end."""


class Rate:
    """So many a minute for each name, with all of a minute's at once if need be; the latest names are remembered."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        self._most = float(a_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Count one. Raises Refused (429) when there is none left."""
        now = self._clock()
        left, since = self._left.pop(name, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60.0)
        enough = left >= 1.0
        self._left[name] = (left - 1.0 if enough else left, now)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        if not enough:
            wait = math.ceil((1.0 - left) * 60.0 / self._most)
            raise Refused(429, "rate_limited", "Too many requests.", "Wait as long as `Retry-After` says.", wait)


class Places:
    """The turns that run, for each key and all together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._taken: Counter[str] = Counter()

    def take(self, name: str) -> Callable[[], None]:
        """A place for a turn, and what frees it. Raises Refused: 429 for one key's limit, 503 for that of all."""
        if self._taken[name] >= self._limits.turns_at_once:
            hint = f"At most {self._limits.turns_at_once} turns of one key run at once."
            raise Refused(429, "too_many_turns", "Other turns of this key are running.", hint, 1)
        if self._taken.total() >= self._limits.turns_of_all:
            raise Refused(503, "overloaded", "Too many turns are running.", "Send it again in a moment.", 2)
        self._taken[name] += 1

        def free() -> None:
            self._taken[name] -= 1
            self._taken += Counter()  # names without turns are forgotten

        return free
