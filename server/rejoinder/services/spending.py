"""Keeps count of what models use, and refuses what is over a limit."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from rejoinder.domain.conversation import Usage
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.spending import Budget, DayUsage, Limits, budgets, warnings
from rejoinder.services.model_ports import UsageLedger
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.world import World


class Spending:
    """The use of all models by day, over a ledger that keeps it."""

    def __init__(self, ledger: UsageLedger, io: StoreThread, world: World) -> None:
        self._ledger = ledger
        self._io = io
        self._world = world

    async def check(self, model: str, limits: Limits, *, session: Usage, tell: Callable[[str], None]) -> None:
        """Before a model is asked: tell of a limit that is near. Raises BudgetExceeded for one that is reached."""
        if model == EXTRACTIVE or limits == Limits():
            return
        for message in warnings(budgets(limits, today=await self._today(), session=session)):
            tell(message)

    async def record(self, model: str, usage: Usage) -> None:
        """Count what a turn has used."""
        if model != EXTRACTIVE:
            await self._io(self._ledger.add, self._day(), model, usage)

    async def days(self, count: int) -> Sequence[DayUsage]:
        """The use of the last days, today among them, oldest first."""
        first = self._day(before=count - 1)
        return [found for found in await self._io(self._ledger.days) if found.day >= first]

    async def budgets(self, limits: Limits) -> list[Budget]:
        """The limits of a day, with what is used of them."""
        return list(budgets(limits, today=await self._today(), session=None))

    async def _today(self) -> Usage:
        found = Usage()
        for used in await self.days(1):
            found = found.plus(used.usage)
        return found

    def _day(self, *, before: int = 0) -> str:
        return (self._world.now() - timedelta(days=before)).date().isoformat()
