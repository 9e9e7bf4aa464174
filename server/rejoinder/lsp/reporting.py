"""How far long requests are, told to the client that gave a token for it."""

from collections.abc import Callable
from time import monotonic

from lsprotocol import types as lsp

from rejoinder.lsp.client import Client
from rejoinder.protocol.methods import Token

REPORT_SECONDS = 0.1
"""How often progress is reported at most."""

Tell = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much; 0: that is not known."""


def reporting(client: Client, token: Token | None) -> Tell:
    """Tells a client of progress; nobody when it gave no token."""
    if token is None:
        return _nobody
    return _Reporter(lambda report: client.server.work_done_progress.report(token, report)).tell


class _Reporter:
    """Reports progress, not more often than people can see."""

    def __init__(self, report: Callable[[lsp.WorkDoneProgressReport], None]) -> None:
        self._report = report
        self._last = 0.0

    def tell(self, what: str, done: int, total: int) -> None:
        """As `Tell` says."""
        now = monotonic()
        if now - self._last < REPORT_SECONDS:
            return
        self._last = now
        message = f"{what} ({done} of {total})" if total else what
        percentage = min(100, 100 * done // total) if total else None
        self._report(lsp.WorkDoneProgressReport(message=message, percentage=percentage))


def _nobody(what: str, done: int, total: int) -> None:
    """Nobody is told."""
