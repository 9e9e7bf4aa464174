"""Failures that no code foresaw: told by an ID, and logged under it."""

import logging
import uuid

from rejoinder.domain.errors import RejoinderError, Unexpected

_log = logging.getLogger(__name__)


def unexpected(failure: BaseException) -> Unexpected:
    """The error to tell of a failure, which is logged with its traceback."""
    correlation_id = uuid.uuid4().hex
    _log.error("unexpected error %s", correlation_id, exc_info=failure)
    return Unexpected(correlation_id)


def as_told(failure: Exception) -> RejoinderError:
    """A failure as it is told: one that was foreseen as it is."""
    if isinstance(failure, RejoinderError):
        return failure
    error = unexpected(failure)
    error.__cause__ = failure
    return error
