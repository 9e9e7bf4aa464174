"""Filters that are written into a query."""

import pytest

from rejoinder.domain.search_filters import split_filters


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        ("why  so", "why  so", {}),
        ("role:user why", "why", {"role": "user"}),
        ('why in:"a b" so', "why so", {"in": "a b"}),
        ("since:7d until:1d", "", {"since": "7d", "until": "1d"}),
        ("file:a.py file:b.py x", "x", {"file": "b.py"}),
        ('"role:user" xrole:user role: size:3', '"role:user" xrole:user role: size:3', {}),
        ("-role:user", "-role:user", {}),
    ],
)
def test_filters_are_taken_out(text: str, rest: str, filters: dict[str, str]) -> None:
    assert split_filters(text) == (rest, filters)
