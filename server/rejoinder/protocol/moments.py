"""Times as people write them, and as they go over the wire."""

import re
from datetime import date, datetime, timedelta

Moment = datetime | date | timedelta | str
"""A time; a whole day; so long ago; or as text: `2026-01-31`, `2026-01-31T12:00`, `7d`, `today`, `yesterday`."""

_AGO = re.compile(r"(\d{1,5})(min|h|d|w|y)", re.ASCII)
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_DAY = timedelta(days=1)


def moment(value: Moment, *, ends: bool = False) -> str:
    """A moment as RFC 3339, in local time where it names no zone; a day is its beginning, or its end where it `ends`.

    Raises ValueError.
    """
    if isinstance(value, str):
        value = _read(value.strip())
    if isinstance(value, timedelta):
        value = datetime.now().astimezone() - value
    if not isinstance(value, datetime):
        day = value + _DAY if ends else value
        value = datetime(day.year, day.month, day.day)
    return value.astimezone().isoformat()


def _read(text: str) -> datetime | date | timedelta:
    days = {"today": 0, "yesterday": 1}
    if text.lower() in days:
        return date.today() - days[text.lower()] * _DAY
    if found := _AGO.fullmatch(text):
        return int(found[1]) * _UNITS[found[2]]
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: write 2026-01-31, 2026-01-31T12:00, 7d, 12h or today") from None
