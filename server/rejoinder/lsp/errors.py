"""Errors for the wire: the one place where they get their codes."""

import asyncio
from typing import Any

from pygls.exceptions import JsonRpcException

from rejoinder.domain import errors
from rejoinder.protocol.converter import InvalidValue
from rejoinder.protocol.errors import ErrorCode
from rejoinder.services.unforeseen import unexpected

_CODES: dict[type[BaseException], ErrorCode] = {
    errors.InvalidInput: ErrorCode.INVALID_PARAMS,
    errors.ContentModified: ErrorCode.CONTENT_MODIFIED,
    errors.SessionNotFound: ErrorCode.SESSION_NOT_FOUND,
    errors.NotFound: ErrorCode.NOT_FOUND,
    errors.Ambiguous: ErrorCode.AMBIGUOUS,
    errors.SessionBusy: ErrorCode.SESSION_BUSY,
    errors.ModelError: ErrorCode.MODEL_UNAVAILABLE,
    errors.ModelNotConfigured: ErrorCode.MODEL_NOT_CONFIGURED,
    errors.ModelAuth: ErrorCode.MODEL_AUTH,
    errors.ModelRateLimited: ErrorCode.MODEL_RATE_LIMITED,
    errors.ModelUnavailable: ErrorCode.MODEL_UNAVAILABLE,
    errors.ModelTimeout: ErrorCode.MODEL_TIMEOUT,
    errors.BudgetExceeded: ErrorCode.BUDGET_EXCEEDED,
    errors.ContextTooLarge: ErrorCode.CONTEXT_TOO_LARGE,
    errors.SchemaInvalid: ErrorCode.SCHEMA_INVALID,
    errors.TooLarge: ErrorCode.TOO_LARGE,
    errors.SourceUnreadable: ErrorCode.SOURCE_UNREADABLE,
    # without a class of its own it means that the data folder cannot be had at all
    errors.StorageError: ErrorCode.STORAGE_LOCKED,
    errors.StorageLocked: ErrorCode.STORAGE_LOCKED,
    errors.StorageCorrupt: ErrorCode.STORAGE_CORRUPT,
    errors.StorageFull: ErrorCode.STORAGE_FULL,
    errors.IndexUnavailable: ErrorCode.INDEX_UNAVAILABLE,
    errors.NotTrusted: ErrorCode.NOT_TRUSTED,
    errors.Unexpected: ErrorCode.INTERNAL_ERROR,
}


class Refusal(JsonRpcException):
    """A message that the protocol itself does not allow. `data` holds a hint, as in every error that is sent."""

    data: dict[str, Any]

    def __init__(self, code: ErrorCode, message: str, *, hint: str) -> None:
        super().__init__(message, int(code), {"hint": hint})


def to_wire_error(error: BaseException) -> tuple[int, str, dict[str, Any]]:
    """An error's code, message and data, which always hold a `hint`.

    An unexpected exception says nothing of itself: `data.correlationId` finds it, with its traceback, in the log.
    """
    match error:
        case errors.RejoinderError():
            data = {key: value for key, value in error.data.items() if value is not None}
            return _code_of(error), error.message, {**data, "hint": error.hint}
        case InvalidValue():
            return ErrorCode.INVALID_PARAMS, str(error), {"hint": "Send these keys as the protocol declares them."}
        case asyncio.CancelledError():
            return ErrorCode.REQUEST_CANCELLED, "The request was cancelled.", {"hint": "Send it again if it is wanted."}
        case Refusal():
            return error.code, error.message, error.data
    return to_wire_error(unexpected(error))


def from_client(error: Any) -> JsonRpcException:
    """The exception for a client's error reply, whatever shape it has."""
    fields = error if isinstance(error, dict) else {}
    code, message = fields.get("code"), fields.get("message")
    return JsonRpcException(
        message if isinstance(message, str) else "The client answered with an error.",
        code if isinstance(code, int) else int(ErrorCode.INTERNAL_ERROR),
        fields.get("data"),
    )


def _code_of(error: errors.RejoinderError) -> ErrorCode:
    return next((_CODES[cls] for cls in type(error).__mro__ if cls in _CODES), ErrorCode.INTERNAL_ERROR)
