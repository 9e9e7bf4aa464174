"""Which server a choice of model means, and under which name and key."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.services.ports import ModelChoice

COMPATIBLE = "openai-compatible"
OPENAI_KEY = "OPENAI_API_KEY"
DEFAULT_URLS: Mapping[str, str] = {
    "ollama": "http://localhost:11434/v1",
    "lmstudio": "http://localhost:1234/v1",
    "openai": "https://api.openai.com/v1",
}
PROVIDERS = (COMPATIBLE, *DEFAULT_URLS)
NOT_YET = ("anthropic", "google")


@attrs.frozen(kw_only=True)
class Endpoint:
    """One model of one server. `timeout` in seconds without a byte."""

    id: str
    provider: str
    name: str
    base_url: str
    api_key: str | None = attrs.field(default=None, repr=False)
    timeout: float = 60.0
    context_tokens: int | None = None
    proxy: str | None = attrs.field(default=None, repr=False)
    ca_file: str | None = None

    @property
    def local(self) -> bool:
        """Whether the server runs on this machine."""
        return is_loopback(self.base_url)

    @property
    def shown_url(self) -> str:
        """The address without a user name and password that it may hold."""
        parts = urlsplit(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def resolve(choice: ModelChoice, environment: Mapping[str, str]) -> Endpoint | None:
    """The endpoint that a choice means; None for the extractive answer. Raises ModelNotConfigured."""
    if choice.model is None and choice.base_url is None:
        return None
    if choice.model is not None and choice.model in choice.named:
        choice = _from_table(choice, choice.model)
    model = choice.model or f"{COMPATIBLE}:default"
    if model == EXTRACTIVE:
        return None
    provider, name = _split(model, has_url=choice.base_url is not None)
    return Endpoint(
        id=f"{provider}:{name}",
        provider=provider,
        name=name,
        base_url=_address(provider, choice.base_url),
        api_key=_key(provider, choice.api_key_env, environment),
        timeout=choice.timeout,
        context_tokens=choice.context_tokens,
        proxy=choice.proxy,
        ca_file=choice.ca_file,
    )


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from_table(choice: ModelChoice, name: str) -> ModelChoice:
    """The choice that a `[models.NAME]` table makes. Address and key are the table's own or the provider's."""
    table = choice.named[name]
    where = f"[models.{name}]"
    model = _value(table, "model", str, where)
    if model is None and _value(table, "baseUrl", str, where) is None:
        raise ModelNotConfigured(f"{where} names no model.", hint="Give the table a `model` or a `baseUrl`.")
    timeout = _value(table, "timeout", float, where)
    return attrs.evolve(
        choice,
        model=model,
        base_url=_value(table, "baseUrl", str, where),
        api_key_env=_value(table, "apiKeyEnv", str, where),
        timeout=choice.timeout if timeout is None else timeout,
        context_tokens=_value(table, "contextTokens", int, where),
    )


def _value(table: Mapping[str, Any], key: str, kind: type[Any], where: str) -> Any:
    value = table.get(key)
    fits = isinstance(value, int | float) and not isinstance(value, bool) if kind is float else type(value) is kind
    if value is None or fits:
        return value
    raise ModelNotConfigured(f"`{key}` in {where} is {value!r}.", hint=f"Give `{key}` a value of type {kind.__name__}.")


def _split(model: str, *, has_url: bool) -> tuple[str, str]:
    provider, colon, name = model.partition(":")
    if provider in NOT_YET:
        raise ModelNotConfigured(
            f"{provider!r} comes with an extra that is not there yet.",
            hint="Use an OpenAI-compatible address, Ollama, LM Studio or OpenAI for now.",
        )
    if colon and provider in PROVIDERS:
        if not name:
            raise ModelNotConfigured(f"{model!r} names no model.", hint=f"Write `{provider}:NAME`.")
        return provider, name
    if has_url:
        # With an address at hand, what is no provider of ours is the name that the server knows: `llama3.2:3b`.
        return COMPATIBLE, model
    raise ModelNotConfigured(
        f"There is no model {model!r}.",
        hint=f"Write PROVIDER:NAME with one of {', '.join(PROVIDERS)}, or add a table `[models.{model}]`.",
    )


def _address(provider: str, base_url: str | None) -> str:
    url = base_url or DEFAULT_URLS.get(provider)
    if url is None:
        raise ModelNotConfigured(
            f"{provider!r} needs the address of a server.",
            hint="Set `baseUrl`, for example to http://localhost:8080/v1.",
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ModelNotConfigured(
            "`baseUrl` is no address of a server.", hint="Write it like http://localhost:8080/v1, with http or https."
        )
    return url


def _key(provider: str, variable: str | None, environment: Mapping[str, str]) -> str | None:
    if variable is None and provider != "openai":
        return None
    wanted = variable or OPENAI_KEY
    # A line end that came along from a file would make an invalid header, and a message that quotes it.
    key = environment.get(wanted, "").strip()
    if not key:
        raise ModelNotConfigured(
            f"The environment variable {wanted!r} holds no key.",
            hint=f"Set {wanted} where the editor is started, or name another variable in `apiKeyEnv`.",
        )
    if not key.isascii() or not key.isprintable():
        raise ModelNotConfigured(
            f"The key in the environment variable {wanted!r} has characters that no key has.",
            hint=f"Copy the key into {wanted} again.",
        )
    return key
