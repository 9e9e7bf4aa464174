"""What a use costs: by the prices that a table gives, else by those that genai-prices knows."""

from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_tables import Prices
from rejoinder.domain.conversation import Usage

_MILLION = 1_000_000


def cost_of(endpoint: Endpoint, usage: Usage) -> float | None:
    """US dollars; None when no price is known, as for models of one's own.

    The library comes with the model library and its prices with it; nothing is downloaded.
    """
    if endpoint.prices is not None:
        return _cost(endpoint.prices, usage)
    return None if endpoint.local else _known_cost(endpoint, usage)


def _cost(prices: Prices, usage: Usage) -> float:
    cached = prices.input if prices.cached_input is None else prices.cached_input
    fresh = max(usage.input_tokens - usage.cached_tokens, 0)
    return (fresh * prices.input + usage.cached_tokens * cached + usage.output_tokens * prices.output) / _MILLION


def _known_cost(endpoint: Endpoint, usage: Usage) -> float | None:
    from genai_prices import Usage as Counted
    from genai_prices import calc_price

    counted = Counted(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
    )
    try:
        found = calc_price(counted, model_ref=endpoint.name, provider_api_url=endpoint.base_url)
    except (LookupError, ValueError):
        return None
    return float(found.total_price)
