"""What was used, day by day and model by model, and the limits that a user sets on it."""

from collections.abc import Iterator

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import BudgetExceeded

WARN_AT = 0.8
"""The part of a limit from which on a turn tells of it."""


@frozen
class DayUsage:
    """What one model used on one day. `day` is an ISO date in UTC."""

    day: str
    model: str
    turns: int = 0
    usage: Usage = Usage()

    def plus(self, usage: Usage) -> "DayUsage":
        """With one more turn."""
        return attrs.evolve(self, turns=self.turns + 1, usage=self.usage.plus(usage))


@frozen(kw_only=True)
class Limits:
    """Most US dollars and tokens of a day (UTC) and of a session; None sets no limit."""

    day: float | None = None
    session: float | None = None
    day_tokens: int | None = None
    session_tokens: int | None = None


@frozen
class Budget:
    """A limit and what is used of it. `key` is the setting that holds it."""

    key: str
    limit: float
    used: float

    def __str__(self) -> str:
        if self.key.endswith("Tokens"):
            return f"{self.used:,.0f} of {self.limit:,.0f} tokens"
        return f"${self.used:.2f} of ${self.limit:.2f}"


def budgets(limits: Limits, *, today: Usage, session: Usage | None) -> Iterator[Budget]:
    """Every limit that is set, with what is used of it. What a session used may be left out."""
    used: list[tuple[str, float | None, float]] = [
        ("budget.day", limits.day, today.cost or 0.0),
        ("budget.dayTokens", limits.day_tokens, today.tokens),
    ]
    if session is not None:
        used += [
            ("budget.session", limits.session, session.cost or 0.0),
            ("budget.sessionTokens", limits.session_tokens, session.tokens),
        ]
    yield from (Budget(key, limit, value) for key, limit, value in used if limit is not None)


def warnings(found: Iterator[Budget]) -> list[str]:
    """What to tell before a turn begins: of limits that are nearly reached.

    Raises BudgetExceeded for one that is reached.
    """
    told = []
    for budget in found:
        if budget.used >= budget.limit:
            raise BudgetExceeded(
                f"The budget is used up: {budget} ({budget.key}).",
                hint=f"Raise `{budget.key}`, or choose another model: `extractive` costs nothing.",
                key=budget.key,
                limit=budget.limit,
                used=budget.used,
            )
        if budget.used >= budget.limit * WARN_AT:
            told.append(f"{budget.used / budget.limit:.0%} of a budget is used: {budget} ({budget.key}).")
    return told
