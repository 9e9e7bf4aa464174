"""Values of the memory as one types them."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

_SPAN = re.compile(r"(?P<count>\d{1,6})(?P<unit>[hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
NEVER = "never"


def quality(text: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return number


def expiry(text: str) -> str:
    """A moment in RFC 3339 from a date, a time of this machine, or a span such as `30d`; empty for `never`."""
    if text == NEVER:
        return ""
    try:
        if span := _SPAN.fullmatch(text):
            moment = datetime.now(UTC) + int(span["count"]) * _UNITS[span["unit"]]
        else:
            moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"{text!r} is neither a time nor a span such as `30d`") from None
    return moment.isoformat()
