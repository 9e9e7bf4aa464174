"""What a search may be narrowed down to, and what it answers."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from rejoinder.protocol.retrieval import HitsResult, SearchMode, SearchParams
from rejoinder.protocol.types import Hit, HitSource, Role
from rejoinder_client.places import uri_of

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


class SearchOptions(TypedDict, total=False):
    """Options of a search.

    Without `mode` the text is a question in any words. With `words`, `meaning` or `both` it may hold "a phrase",
    -excluded words and beginnings*. `since` counts from the moment on, `until` as far as it, a day to its end. `file`
    is what messages are about. With any of these, `role`, `model`, a session or a user no files and commits are found.
    `wait` is how many seconds what is not in the index yet is waited for.
    """

    sources: Sequence[HitSource] | None
    session_id: str | None
    session_ids: Sequence[str] | None
    project_id: str | None
    all_projects: bool
    role: Role | None
    model: str | None
    user_id: str | None
    file: Path | str | None
    since: Moment | None
    until: Moment | None
    mode: SearchMode | None
    limit: int | None
    wait: float | None


class Hits(list[Hit]):
    """Passages, best first. Not `complete`: the index has not read everything yet; `waiting` sessions are left."""

    def __init__(self, hits: Iterable[Hit] = (), *, complete: bool = True, waiting: int = 0) -> None:
        super().__init__(hits)
        self.complete = complete
        self.waiting = waiting


def search_params(query: str, options: SearchOptions) -> SearchParams:
    """A search as it is sent. Raises ValueError for what is no time."""
    sources, session_ids, file = options.get("sources"), options.get("session_ids"), options.get("file")
    since, until = options.get("since"), options.get("until")
    return SearchParams(
        query=query,
        sources=None if sources is None else list(sources),
        session_id=options.get("session_id"),
        session_ids=None if session_ids is None else list(session_ids),
        project_id=options.get("project_id"),
        all_projects=options.get("all_projects") or None,
        role=options.get("role"),
        model=options.get("model"),
        user_id=options.get("user_id"),
        file_uri=None if file is None else _uri(file),
        since=None if since is None else moment(since),
        until=None if until is None else moment(until, ends=True),
        mode=options.get("mode"),
        limit=options.get("limit"),
        wait_seconds=options.get("wait"),
    )


def hits_of(result: HitsResult) -> Hits:
    """What a search answered."""
    return Hits(result.hits, complete=result.complete is not False, waiting=result.waiting or 0)


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


def _uri(file: Path | str) -> str:
    return file if isinstance(file, str) and file.startswith("file:") else uri_of(file)
