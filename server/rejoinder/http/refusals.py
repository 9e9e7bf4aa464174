"""What a client is told when it gets no answer: a status, a code for programs, a sentence, a hint.

Nothing of the server's own messages goes out: they may name addresses, folders and other people's sessions.
"""

from typing import Any

from rejoinder_client import errors


class Refused(Exception):
    """A request that is not carried out. `retry_after` in seconds."""

    def __init__(self, status: int, code: str, message: str, hint: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """What goes along with the status."""
        headers = {} if self.retry_after is None else {"retry-after": str(max(1, self.retry_after))}
        return headers | ({"www-authenticate": 'Bearer realm="rejoinder"'} if self.status == 401 else {})

    def wire(self) -> dict[str, Any]:
        """The body."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


def going_away() -> Refused:
    """What is said from the moment on that the server is told to end."""
    return Refused(503, "shutting_down", "The server is about to end.", "Send it again in a moment.", 5)


def unexpected(correlation_id: str) -> Refused:
    """What is said of a fault of ours; the log says more under the ID."""
    hint = f"The server's log says more under {correlation_id}."
    return Refused(500, "internal", "The server failed.", hint)


def refusal_for(error: errors.RejoinderError) -> Refused | None:
    """What a client is told of an engine's error; None when it is a fault of ours."""
    if isinstance(error, errors.ModelRateLimited):
        wait = int(error.retry_after or 5)
        return Refused(503, "model_rate_limited", "The model's server asks to wait.", "Send it again later.", wait)
    for kind, (status, code, message, hint, retry_after) in _KNOWN.items():
        if isinstance(error, kind):
            return Refused(status, code, message, hint, retry_after)
    return None


_Said = tuple[int, str, str, str, int | None]
_AGAIN = "Send it again in a moment."
_OWNER = "Tell whoever runs this server."
_MENTION: _Said = (
    422,
    "not_understood",
    "The text mentions what is not there.",
    "Leave out what `@` or `#` names.",
    None,
)

_KNOWN: dict[type[errors.RejoinderError], _Said] = {
    errors.SessionBusy: (409, "busy", "Another turn is running in this session.", _AGAIN, 1),
    errors.ModelTimeout: (504, "model_timeout", "The model did not answer in time.", _AGAIN, None),
    errors.ModelError: (502, "model_unavailable", "The model cannot answer.", _OWNER, None),
    errors.BudgetExceeded: (429, "budget_exceeded", "The budget of this server is used up.", _OWNER, 3600),
    errors.ContextTooLarge: (413, "too_large", "The text is more than the model takes in.", "Send less.", None),
    errors.TooLarge: (413, "too_large", "The text is too large.", "Send less.", None),
    errors.StorageFull: (507, "storage_full", "The server's disk is full.", _OWNER, None),
    errors.StorageError: (503, "storage", "The server cannot store anything.", _OWNER, 60),
    errors.ConnectionLost: (503, "engine_gone", "The engine behind this server has gone.", _AGAIN, 1),
    errors.IndexUnavailable: (503, "index", "Nothing can be looked up just now.", _AGAIN, 5),
    errors.SessionNotFound: _MENTION,
    errors.NotFound: _MENTION,
    errors.Ambiguous: _MENTION,
    errors.NotTrusted: _MENTION,
    errors.ToolDenied: _MENTION,
    errors.InvalidParams: (422, "not_understood", "The text cannot be sent as it is.", "Look at the text.", None),
}
