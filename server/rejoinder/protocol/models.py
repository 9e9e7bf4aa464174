"""Models: which can be chosen, which is used, and what was used of them."""

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method
from rejoinder.protocol.types import Usage


@wire
class ModelInfo:
    """A model that can be chosen. `configured`: it can be used without further settings."""

    id: str
    provider: str
    label: str
    vision: bool
    tools: bool
    configured: bool
    local: bool
    context_tokens: int | None = None


@wire(kw_only=True)
class ModelsParams:
    """How to look. `refresh`: servers are asked again. `offer`: the user will be asked about what is found.

    With `offer` the usual ports of servers on this machine are looked at, too. `again`: the user wants to choose, so
    what was offered before is offered as well.
    """

    refresh: bool | None = None
    offer: bool | None = None
    again: bool | None = None


@wire
class ModelsResult:
    """The models that can be chosen, and the one in use.

    `offers`, when they were asked for, are models that `models/use` would have used, and that were not offered before
    unless that too was asked for.
    """

    models: list[ModelInfo]
    current: str
    offers: list[ModelInfo] | None = None


@wire(kw_only=True)
class ModelsUseParams:
    """The model to use wherever no setting names one, from now on; without it that is forgotten."""

    model: str | None = None


@wire
class ModelsUseResult:
    """The model in use now; a setting that names another one is stronger."""

    current: str


@wire(kw_only=True)
class UsageParams:
    """How many days, today among them; 30 unless told otherwise."""

    days: int | None = None


@wire
class DayUsage:
    """What one model used on one day. `day` is an ISO date in UTC."""

    day: str
    model: str
    turns: int
    usage: Usage


@wire
class BudgetUse:
    """A limit that a setting `key` sets for each day, in US dollars or tokens, and what is used of it today."""

    key: str
    limit: float
    used: float


@wire
class UsageResult:
    """What was used, oldest first, all of it together, and the limits of today."""

    days: list[DayUsage]
    total: Usage
    budgets: list[BudgetUse]


MODELS = Method("models", ModelsParams, ModelsResult)
MODELS_USE = Method("models/use", ModelsUseParams, ModelsUseResult)
USAGE = Method("usage", UsageParams, UsageResult)
