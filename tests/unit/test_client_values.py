"""A program's values as JSON and back."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder_client.errors import InvalidParams
from rejoinder_client.values import from_json, mapping_to_json, to_json

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(["$date", "$naive", "$value"])
ZONES = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.dates()
    | st.datetimes(timezones=ZONES)
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@given(VALUES)
def test_what_is_kept_comes_back_as_it_was(value: Any) -> None:
    back = from_json(orjson.loads(orjson.dumps(to_json(value))))
    assert back == value and _kinds(back) == _kinds(value)


@given(st.dictionaries(TEXT, VALUES, max_size=3))
def test_names_may_be_any(values: dict[str, Any]) -> None:
    sent = mapping_to_json(values, "state")
    assert sent.keys() == values.keys()
    assert {key: from_json(item) for key, item in sent.items()} == values


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (date(2024, 5, 6), {"$date": "2024-05-06"}),
        (datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), {"$date": "2024-05-06T07:08:09+00:00"}),
        (
            datetime(2024, 5, 6, 7, 8, 9, 5, tzinfo=timezone(timedelta(hours=-2))),
            {"$date": "2024-05-06T07:08:09.000005-02:00"},
        ),
        # clocks of long ago had seconds in their offset, which RFC 3339 does not know
        (
            datetime(1890, 1, 1, tzinfo=timezone(timedelta(minutes=53, seconds=28))),
            {"$date": "1889-12-31T23:06:32+00:00"},
        ),
    ],
)
def test_dates_are_written_as_rfc_3339(moment: date, written: Any) -> None:
    assert to_json(moment) == written


def test_a_clock_without_a_zone_is_one_of_this_machine() -> None:
    clock = datetime(2024, 5, 6, 7, 8, 9)
    written = to_json(clock)
    assert written["$naive"] is True and datetime.fromisoformat(written["$date"]) == clock.astimezone()
    assert from_json(written) == clock


def test_what_only_looks_like_a_date_stays_as_it_is() -> None:
    for value in ({"$date": "soon"}, {"$date": 5}, {"$date": "2024-05-06T07:08:09"}, {"$date": "2024-05-06", "x": 1}):
        assert from_json(value) == value


def test_what_json_cannot_hold_is_named() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for value, told in (
        ({"a": [1, {2}]}, r"value\['a'\]\[1\]: JSON knows no set"),
        ({"a": b"x"}, "JSON knows no bytes"),
        ({(1, 2): 3}, "is no text"),
        (float("inf"), "inf is no JSON number"),
        (2**64, "more than 64 bits"),
        (endless, "nested too deeply"),
    ):
        with pytest.raises(InvalidParams, match=told):
            to_json(value)


def _kinds(value: Any) -> Any:
    if isinstance(value, list):
        return [_kinds(item) for item in value]
    if isinstance(value, dict):
        return {key: _kinds(item) for key, item in value.items()}
    return type(value), getattr(value, "tzinfo", None) is None
