"""Values of the memory as one types them."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest

from rejoinder_client.cli.memory_arguments import expiry, quality


@pytest.mark.parametrize(
    ("text", "span"), [("12h", timedelta(hours=12)), ("30d", timedelta(days=30)), ("2w", timedelta(14))]
)
def test_a_span_counts_from_now(text: str, span: timedelta) -> None:
    before = datetime.now(UTC)
    assert before + span <= datetime.fromisoformat(expiry(text)) <= datetime.now(UTC) + span


def test_a_time_is_one_of_this_machine_unless_it_names_its_zone() -> None:
    assert datetime.fromisoformat(expiry("2031-02-03T04:05:06+02:00")) == datetime(2031, 2, 3, 2, 5, 6, tzinfo=UTC)
    assert datetime.fromisoformat(expiry("2031-02-03")) == datetime(2031, 2, 3).astimezone()
    assert expiry("never") == ""


@pytest.mark.parametrize("text", ["soon", "", "d", "-3d", "9" * 6 + "w", "2031-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        expiry(text)


def test_a_quality_is_from_0_to_1() -> None:
    assert [quality(text) for text in ("0", "0.5", "1")] == [0.0, 0.5, 1.0]
    for text in ("1.1", "-0.1", "nan", "good", ""):
        with pytest.raises(ArgumentTypeError):
            quality(text)
