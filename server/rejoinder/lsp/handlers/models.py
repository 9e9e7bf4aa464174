"""Models, and what was used of them."""

from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import InvalidInput, ModelNotConfigured
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import model_out, usage_out
from rejoinder.protocol import methods

DAYS = 30
"""How far back a client is told, unless it asks otherwise."""
MOST_DAYS = 3660


def register(client: Client) -> None:
    """Serve what concerns models."""
    handlers = ModelHandlers(client)
    client.server.handle(methods.MODELS, handlers.models)
    client.server.handle(methods.MODELS_USE, handlers.use)
    client.server.handle(methods.USAGE, handlers.usage)


class ModelHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._models = client.services.models
        self._spending = client.services.spending

    async def models(self, params: methods.ModelsParams) -> methods.ModelsResult:
        await self._client.prepared()
        choice = self._client.choice()
        found = await self._models.available(choice, refresh=params.refresh is True)
        offers = await self._models.offers(choice, again=params.again is True) if params.offer else None
        return methods.ModelsResult(
            [model_out(info) for info in found],
            self._current(),
            None if offers is None else [model_out(info) for info in offers],
        )

    async def use(self, params: methods.ModelsUseParams) -> methods.ModelsUseResult:
        await self._client.prepared()
        await self._models.use(self._client.choice(), params.model)
        return methods.ModelsUseResult(self._current())

    async def usage(self, params: methods.UsageParams) -> methods.UsageResult:
        await self._client.prepared()
        count = DAYS if params.days is None else params.days
        if not 1 <= count <= MOST_DAYS:
            raise InvalidInput(f"days: {count} is not between 1 and {MOST_DAYS}.", hint="Ask for 30.", key="days")
        total, days = Usage(), []
        for found in await self._spending.days(count):
            total = total.plus(found.usage)
            days.append(methods.DayUsage(found.day, found.model, found.turns, usage_out(found.usage)))
        budgets = await self._spending.budgets(self._client.limits())
        return methods.UsageResult(
            days, usage_out(total), [methods.BudgetUse(one.key, one.limit, one.used) for one in budgets]
        )

    def _current(self) -> str:
        choice = self._client.choice()
        try:
            return self._models.get(choice).info.id
        except ModelNotConfigured:
            # who looks for another one has to see the list
            return choice.model or ""
