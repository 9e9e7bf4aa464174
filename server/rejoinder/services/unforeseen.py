"""Failures that no code foresaw: told by an ID, and logged under it."""

import logging
import uuid

from rejoinder.domain.errors import Unexpected

_log = logging.getLogger(__name__)


def unexpected(failure: BaseException) -> Unexpected:
    """The error to tell of a failure, which is logged with its traceback."""
    correlation_id = uuid.uuid4().hex
    _log.error("unexpected error %s", correlation_id, exc_info=failure)
    return Unexpected(correlation_id)
