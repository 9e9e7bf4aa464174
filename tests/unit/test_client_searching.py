"""What a program may give as a time, and how a search is sent."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejoinder.protocol.retrieval import HitsResult
from rejoinder_client.searching import Moment, hits_of, moment, search_params


def there(value: Moment, *, ends: bool = False) -> datetime:
    return datetime.fromisoformat(moment(value, ends=ends))


def test_a_day_is_its_beginning_or_its_end_in_local_time() -> None:
    begins = datetime(2026, 1, 31).astimezone()
    assert there("2026-01-31") == there(date(2026, 1, 31)) == begins
    assert there("2026-01-31", ends=True) == datetime(2026, 2, 1).astimezone()
    assert there("today", ends=True) > datetime.now(UTC) > there("today")
    assert there("yesterday", ends=True) == there("today")


def test_a_moment_is_itself() -> None:
    exact = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
    assert there(exact) == there("2026-01-31T12:30:00Z", ends=True) == exact
    assert there("2026-01-31T12:30") == datetime(2026, 1, 31, 12, 30).astimezone()


@pytest.mark.parametrize(
    ("text", "ago"),
    [("7d", timedelta(days=7)), ("12h", timedelta(hours=12)), ("30min", timedelta(minutes=30)), ("2w", timedelta(14))],
)
def test_so_long_ago(text: str, ago: timedelta) -> None:
    before, found, after = there(ago), there(text), there(ago)
    assert before <= found <= after


@pytest.mark.parametrize("text", ["soon", "7", "2026-13-01", "", "7x", "-7d"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        moment(text)


def test_a_search_is_sent_as_it_is_meant() -> None:
    sent = search_params("x", {"file": Path("/p/a b.py"), "session_ids": ("s",), "wait": 0.5, "all_projects": False})
    assert (sent.file_uri, sent.session_ids, sent.wait_seconds) == ("file:///p/a%20b.py", ["s"], 0.5)
    assert (sent.all_projects, sent.since, sent.sources) == (None, None, None)
    assert search_params("x", {"file": "file:///p/a.py"}).file_uri == "file:///p/a.py"


def test_an_older_server_says_nothing_of_completeness() -> None:
    assert hits_of(HitsResult([])).complete
    hits = hits_of(HitsResult([], complete=False, waiting=3))
    assert (hits.complete, hits.waiting, list(hits)) == (False, 3, [])
