"""The `[models.NAME]` tables of `config.toml`: their keys, and what is wrong with one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import Effort, ModelSettings
from rejoinder.services.model_ports import ModelChoice


@frozen
class Prices:
    """US dollars for a million tokens. Without a price of their own, cached tokens cost what others do."""

    input: float
    output: float
    cached_input: float | None = None


_KINDS: Mapping[str, tuple[str, str]] = {
    "model": ("model", "text"),
    "baseUrl": ("base_url", "text"),
    "apiKeyEnv": ("api_key_env", "text"),
    "apiKeyKeyring": ("api_key_keyring", "text"),
    "timeout": ("timeout", "number above 0"),
    "contextTokens": ("context_tokens", "whole number above 0"),
    "temperature": ("temperature", "number"),
    "maxTokens": ("max_tokens", "whole number above 0"),
    "effort": ("effort", "effort"),
    "proxy": ("proxy", "text"),
    "caFile": ("ca_file", "text"),
    "fallbacks": ("fallbacks", "list of texts"),
    "inputPrice": ("input_price", "number"),
    "outputPrice": ("output_price", "number"),
    "cachedInputPrice": ("cached_input_price", "number"),
    "vision": ("vision", "true or false"),
    "tools": ("tools", "true or false"),
}
"""Each key with its field and what its value is."""

_OWN = frozenset({"base_url", "api_key_env", "api_key_keyring", "context_tokens", "fallbacks"})
"""What a table does not take over from the settings around it: an address and its key belong together."""


@frozen(kw_only=True)
class ModelTable:
    """A table whose values fit."""

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    api_key_keyring: str | None = None
    timeout: float | None = None
    context_tokens: int | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    effort: Effort | None = None
    proxy: str | None = None
    ca_file: str | None = None
    fallbacks: tuple[str, ...] = ()
    input_price: float | None = None
    output_price: float | None = None
    cached_input_price: float | None = None
    vision: bool | None = None
    tools: bool | None = None

    @property
    def prices(self) -> Prices | None:
        """What its tokens cost; None when the table does not say."""
        if self.input_price is None and self.output_price is None:
            return None
        return Prices(self.input_price or 0.0, self.output_price or 0.0, self.cached_input_price)

    def over(self, choice: ModelChoice) -> ModelChoice:
        """The choice that the table makes, with the settings around it for what it leaves open."""
        own = {key: getattr(self, key) for key in _OWN}
        given = {key: getattr(self, key) for key in ("timeout", "proxy", "ca_file") if getattr(self, key) is not None}
        defaults = ModelSettings(self.temperature, self.max_tokens, self.effort).over(choice.defaults)
        return attrs.evolve(choice, model=self.model, defaults=defaults, **own, **given)


def read_table(name: str, table: Mapping[str, Any]) -> ModelTable:
    """A table by its name. Raises ModelNotConfigured, which names the key that is wrong."""
    where = f"[models.{name}]"
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KINDS:
            raise ModelNotConfigured(
                f"{where} has a key {key!r} that is not known.",
                hint=near(key, _KINDS) or f"Take it out; the keys are {', '.join(_KINDS)}.",
            )
        field, kind = _KINDS[key]
        if not _fits(value, kind):
            wanted = kind if kind == "true or false" else f"a {kind}"
            if kind == "effort":
                wanted = " or ".join(f'"{level}"' for level in get_args(Effort))
            raise ModelNotConfigured(f"`{key}` in {where} is {value!r}.", hint=f"Give `{key}` {wanted}.")
        values[field] = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
    if "model" not in values and "base_url" not in values:
        raise ModelNotConfigured(f"{where} names no model.", hint="Give the table a `model` or a `baseUrl`.")
    return ModelTable(**values)


def near(name: str, names: Iterable[str]) -> str:
    """A question after the names that look like this one; empty when none does."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(names), n=3)
    return f"Did you mean {' or '.join(f'`{one}`' for one in found)}?" if found else ""


def _fits(value: Any, kind: str) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "text":
            return isinstance(value, str) and bool(value)
        case "number":
            return is_number and value >= 0
        case "number above 0":
            return is_number and value > 0
        case "whole number above 0":
            return is_number and isinstance(value, int) and value > 0
        case "true or false":
            return isinstance(value, bool)
        case "effort":
            return value in get_args(Effort)
        case _:
            return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
