from collections.abc import Iterator

import pytest

from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import BudgetExceeded
from rejoinder.domain.spending import Budget, DayUsage, Limits, budgets, warnings


def found(limits: Limits, *, today: Usage = Usage(), session: Usage = Usage()) -> Iterator[Budget]:
    return budgets(limits, today=today, session=session)


def test_without_limits_nothing_is_told() -> None:
    assert warnings(found(Limits(), today=Usage(10**9, 10**9, cost=10**6))) == []


@pytest.mark.parametrize(
    ("limits", "today", "session", "key"),
    [
        (Limits(day=2.0), Usage(cost=2.0), Usage(), "budget.day"),
        (Limits(session=2.0), Usage(cost=9.0), Usage(cost=2.5), "budget.session"),
        (Limits(day_tokens=100), Usage(60, 40), Usage(), "budget.dayTokens"),
        (Limits(session_tokens=100), Usage(), Usage(1, 99), "budget.sessionTokens"),
        (Limits(day=0.0), Usage(), Usage(), "budget.day"),
    ],
)
def test_a_limit_that_is_reached_is_named(limits: Limits, today: Usage, session: Usage, key: str) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        warnings(found(limits, today=today, session=session))
    assert caught.value.data["key"] == key and f"`{key}`" in caught.value.hint


def test_from_four_fifths_on_it_is_told() -> None:
    limits = Limits(day=10.0, session_tokens=1000)
    assert warnings(found(limits, today=Usage(cost=7.99), session=Usage(700, 99))) == []
    told = warnings(found(limits, today=Usage(cost=8.0), session=Usage(700, 150)))
    assert told == [
        "80% of a budget is used: $8.00 of $10.00 (budget.day).",
        "85% of a budget is used: 850 of 1,000 tokens (budget.sessionTokens).",
    ]


def test_what_has_no_price_counts_as_nothing_but_its_tokens() -> None:
    limits = Limits(day=1.0, day_tokens=50)
    assert [budget.used for budget in found(limits, today=Usage(10, 5))] == [0.0, 15]


def test_a_day_adds_up() -> None:
    day = DayUsage("2024-05-06", "m").plus(Usage(1, 2, 0.5, cached_tokens=1)).plus(Usage(10, 20, 1.0, 0.25))
    assert (day.turns, day.usage) == (2, Usage(11, 22, 1.5, 0.25, 1))
