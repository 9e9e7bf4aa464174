"""What can go wrong, one class for each code of the protocol.

RejoinderError                  code, message, hint, data
├── SessionNotFound, NotFound
├── Ambiguous                   candidates
├── SessionBusy                 turn_id
├── ModelError
│   ├── ModelNotConfigured, ModelAuth, ModelUnavailable, ModelTimeout
│   └── ModelRateLimited        retry_after
├── BudgetExceeded, ContextTooLarge, TooLarge, SchemaInvalid
├── StorageError
│   └── StorageLocked, StorageCorrupt, StorageFull
├── IndexUnavailable, NotTrusted, ToolDenied
├── SourceUnreadable            reason
├── ProtocolError               what one side sent is not what the other understands
│   ├── InvalidParams, MethodNotFound, InvalidRequest, ParseError
│   └── InternalError, ServerNotInitialized, RequestCancelled, ContentModified
└── ConnectionLost              last_words: the end of what the server said on its standard error
    └── ServerNotStarted
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rejoinder.protocol.errors import ErrorCode


class RejoinderError(Exception):
    """Base of all errors of this package. `hint` is one thing to do; `code` is None when no server sent it."""

    def __init__(
        self, message: str, *, hint: str = "", code: int | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.data = dict(data or {})
        if hint:
            # whoever catches nothing reads it below the traceback
            self.add_note(f"hint: {hint}")


class SessionNotFound(RejoinderError):
    """No session has this ID, or fits this reference, in the project."""


class NotFound(RejoinderError):
    """No such message, project, file or other thing."""


class Ambiguous(RejoinderError):
    """Several sessions fit a reference."""

    @property
    def candidates(self) -> list[dict[str, str]]:
        """The sessions that fit, by ID and name."""
        return list(self.data.get("candidates", ()))


class SessionBusy(RejoinderError):
    """Another turn is running in the session."""

    @property
    def turn_id(self) -> str | None:
        """The turn that runs."""
        return self.data.get("turnId")


class ModelError(RejoinderError):
    """A model did not answer."""


class ModelNotConfigured(ModelError):
    """The model that is named cannot be used as things are."""


class ModelAuth(ModelError):
    """The model's server refused the key."""


class ModelRateLimited(ModelError):
    """The model's server asks to wait."""

    @property
    def retry_after(self) -> float | None:
        """How long, in seconds, when it says so."""
        return self.data.get("retryAfter")


class ModelUnavailable(ModelError):
    """The model's server is not there or failed."""


class ModelTimeout(ModelError):
    """The model's server sent nothing for too long."""


class BudgetExceeded(RejoinderError):
    """A limit that the user has set on use is reached."""


class ContextTooLarge(RejoinderError):
    """The text itself does not fit what the model takes in."""


class TooLarge(RejoinderError):
    """A message or a file over a limit."""


class SchemaInvalid(RejoinderError):
    """The answer does not fit the schema that was asked for."""


class StorageError(RejoinderError):
    """The data folder cannot be read or written."""


class StorageLocked(StorageError):
    """Another process has the data folder."""


class StorageCorrupt(StorageError):
    """A file is damaged or newer than the server."""


class StorageFull(StorageError):
    """The disk is full; what was stored before is unharmed."""


class IndexUnavailable(RejoinderError):
    """Nothing can be looked up just now; conversations go on."""


class NotTrusted(RejoinderError):
    """Something that only a trusted workspace may do."""


class ToolDenied(RejoinderError):
    """The user did not allow a tool call."""


class SourceUnreadable(RejoinderError):
    """A document or a page that cannot be read."""

    @property
    def reason(self) -> str:
        """One word for it, such as `damaged`, `encrypted` or `timeout`."""
        return str(self.data.get("reason", ""))


class ProtocolError(RejoinderError):
    """What one side sent is not what the other understands."""


class InvalidParams(ProtocolError):
    """A value that the method does not take; the message names its key."""


class MethodNotFound(ProtocolError):
    """The server does not serve this method."""


class InvalidRequest(ProtocolError):
    """A message that has no place in the protocol."""


class ParseError(ProtocolError):
    """A message that is no JSON."""


class InternalError(ProtocolError):
    """A fault of the server; its log says more under `data["correlationId"]`."""


class ServerNotInitialized(ProtocolError):
    """A request before the handshake."""


class RequestCancelled(ProtocolError):
    """The request was cancelled."""


class ContentModified(ProtocolError):
    """The document changed in the meantime."""


class ConnectionLost(RejoinderError):
    """The connection has ended. `last_words` are the last lines of the server's standard error."""

    def __init__(self, message: str, *, hint: str = "", last_words: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *last_words]), hint=hint)
        self.last_words = list(last_words)


class ServerNotStarted(ConnectionLost):
    """There is no server to talk to."""


_CLASSES: dict[int, type[RejoinderError]] = {
    ErrorCode.SESSION_NOT_FOUND: SessionNotFound,
    ErrorCode.AMBIGUOUS: Ambiguous,
    ErrorCode.SESSION_BUSY: SessionBusy,
    ErrorCode.MODEL_NOT_CONFIGURED: ModelNotConfigured,
    ErrorCode.MODEL_AUTH: ModelAuth,
    ErrorCode.MODEL_RATE_LIMITED: ModelRateLimited,
    ErrorCode.MODEL_UNAVAILABLE: ModelUnavailable,
    ErrorCode.MODEL_TIMEOUT: ModelTimeout,
    ErrorCode.BUDGET_EXCEEDED: BudgetExceeded,
    ErrorCode.CONTEXT_TOO_LARGE: ContextTooLarge,
    ErrorCode.SCHEMA_INVALID: SchemaInvalid,
    ErrorCode.STORAGE_LOCKED: StorageLocked,
    ErrorCode.STORAGE_CORRUPT: StorageCorrupt,
    ErrorCode.STORAGE_FULL: StorageFull,
    ErrorCode.INDEX_UNAVAILABLE: IndexUnavailable,
    ErrorCode.NOT_TRUSTED: NotTrusted,
    ErrorCode.TOOL_DENIED: ToolDenied,
    ErrorCode.NOT_FOUND: NotFound,
    ErrorCode.TOO_LARGE: TooLarge,
    ErrorCode.SOURCE_UNREADABLE: SourceUnreadable,
    ErrorCode.PARSE_ERROR: ParseError,
    ErrorCode.INVALID_REQUEST: InvalidRequest,
    ErrorCode.METHOD_NOT_FOUND: MethodNotFound,
    ErrorCode.INVALID_PARAMS: InvalidParams,
    ErrorCode.INTERNAL_ERROR: InternalError,
    ErrorCode.SERVER_NOT_INITIALIZED: ServerNotInitialized,
    ErrorCode.REQUEST_CANCELLED: RequestCancelled,
    ErrorCode.CONTENT_MODIFIED: ContentModified,
}


def error_from_wire(error: Any) -> RejoinderError:
    """The exception for the `error` member of a reply."""
    fields = error if isinstance(error, dict) else {}
    code = fields.get("code")
    data = fields.get("data")
    known = data if isinstance(data, dict) else {}
    cls = _CLASSES.get(code, RejoinderError) if isinstance(code, int) else RejoinderError
    return cls(
        str(fields.get("message", "The server answered with an error.")),
        hint=str(known.get("hint", "")),
        code=code if isinstance(code, int) else None,
        data=known,
    )
