"""The log's share of the choke point: secrets of known shapes never reach it."""

import logging

from rejoinder.domain.redaction import Redactor


class MaskingFormatter(logging.Formatter):
    """Formats as another formatter does, and masks what comes out: messages, arguments and tracebacks."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, masked."""
        return Redactor().mask(self._inner.format(record))


def mask_log() -> None:
    """Put the formatter around that of each of the root logger's handlers."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskingFormatter(handler.formatter or logging.Formatter()))
