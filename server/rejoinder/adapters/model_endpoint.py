"""Which server a choice of model means, and under which name and key."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import attrs

from rejoinder.adapters.model_tables import Prices, near, read_table
from rejoinder.declared import frozen
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import EXTRACTIVE, ModelSettings
from rejoinder.services.model_ports import ModelChoice

COMPATIBLE = "openai-compatible"
DEFAULT_URLS: Mapping[str, str] = {
    "ollama": "http://localhost:11434/v1",
    "lmstudio": "http://localhost:1234/v1",
    "llamacpp": "http://localhost:8080/v1",
    "vllm": "http://localhost:8000/v1",
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
}
KEY_VARIABLES: Mapping[str, str] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
}
"""Where each provider's users have their key."""
PROVIDERS = (COMPATIBLE, *DEFAULT_URLS)


@frozen(kw_only=True)
class Endpoint:
    """One model of one server. `timeout` in seconds without a byte."""

    id: str
    provider: str
    name: str
    base_url: str
    api_key: str | None = attrs.field(default=None, repr=False)
    keyring: str | None = None
    """`SERVICE/USER` of a key that is yet to be looked up."""
    timeout: float = 60.0
    context_tokens: int | None = None
    proxy: str | None = attrs.field(default=None, repr=False)
    ca_file: str | None = None
    defaults: ModelSettings = ModelSettings()
    prices: Prices | None = None
    vision: bool | None = None
    """Whether it sees images, where its table says so."""
    tools: bool = True
    """Whether it can call tools: most can, and a table says so of one that cannot."""

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
    prices = vision = None
    tools = True
    table, other = _named(choice)
    if table is not None:
        values = read_table(table, choice.named[table])
        choice, prices, vision = values.over(choice), values.prices, None if other else values.vision
        tools = values.tools is not False
        choice = attrs.evolve(choice, model=_sibling(choice, other)) if other else choice
    model = choice.model or f"{COMPATIBLE}:default"
    if model == EXTRACTIVE:
        return None
    if table is None and _is_elsewhere(choice):
        choice = attrs.evolve(choice, base_url=None, api_key_env=None, api_key_keyring=None)
    provider, name = _split(model, choice)
    return Endpoint(
        id=f"{provider}:{name}",
        provider=provider,
        name=name,
        base_url=_address(provider, choice.base_url or choice.servers.get(provider)),
        api_key=None if choice.api_key_keyring else _key(provider, choice.api_key_env, environment),
        keyring=choice.api_key_keyring,
        timeout=choice.timeout,
        context_tokens=choice.context_tokens,
        proxy=choice.proxy,
        ca_file=choice.ca_file,
        defaults=choice.defaults,
        prices=prices,
        vision=vision,
        tools=tools,
    )


def fallbacks_of(choice: ModelChoice) -> tuple[str, ...]:
    """The models to ask in turn when the chosen one cannot answer: its table's, else the setting's.

    Those that a fallback's own table names do not count, so that two models can stand in for each other.
    """
    table, _ = _named(choice)
    return choice.fallbacks if table is None else read_table(table, choice.named[table]).fallbacks


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _named(choice: ModelChoice) -> tuple[str | None, str]:
    """The table that a choice means, if it means one, and the other model of its server: `TABLE:NAME`."""
    if choice.model is None or choice.model in choice.named:
        return choice.model, ""
    table, _, other = choice.model.partition(":")
    return (table, other) if other and table in choice.named and table not in PROVIDERS else (None, "")


def _is_elsewhere(choice: ModelChoice) -> bool:
    """Whether the model is one of another server than that of the settings, whose address and key are not for it."""
    provider = (choice.model or "").partition(":")[0]
    at_home = (choice.instead_of or choice.model or "").partition(":")[0]
    return provider in PROVIDERS and provider != at_home


def _sibling(choice: ModelChoice, name: str) -> str:
    provider = (choice.model or "").partition(":")[0]
    return f"{provider if provider in PROVIDERS else COMPATIBLE}:{name}"


def _split(model: str, choice: ModelChoice) -> tuple[str, str]:
    provider, colon, name = model.partition(":")
    if colon and provider in PROVIDERS:
        if not name:
            raise ModelNotConfigured(f"{model!r} names no model.", hint=f"Write `{provider}:NAME`.")
        return provider, name
    if choice.base_url is not None:
        # With an address at hand, what is no provider of ours is the name that the server knows: `llama3.2:3b`.
        return COMPATIBLE, model
    raise ModelNotConfigured(
        f"There is no model {model!r}.",
        hint=near(model, choice.named)
        or near(provider, PROVIDERS)
        or f"Write PROVIDER:NAME with one of {', '.join(PROVIDERS)}, or add a table `[models.{model}]`.",
    )


def _address(provider: str, base_url: str | None) -> str:
    url = base_url or DEFAULT_URLS.get(provider)
    if url is None:
        raise ModelNotConfigured(
            f"{provider!r} needs the address of a server.",
            hint="Set `baseUrl`, as in `--base-url http://localhost:8080/v1`.",
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
    wanted = variable or KEY_VARIABLES.get(provider)
    if wanted is None:
        return None
    # A line end that came along from a file would make an invalid header, and a message that quotes it.
    key = environment.get(wanted, "").strip()
    if not key:
        raise ModelNotConfigured(
            f"The environment variable {wanted!r} holds no key.",
            hint=f"Set {wanted} where the editor or the command is started, or another variable in `apiKeyEnv`.",
        )
    if not key.isascii() or not key.isprintable():
        raise ModelNotConfigured(
            f"The key in the environment variable {wanted!r} has characters that no key has.",
            hint=f"Copy the key into {wanted} again.",
        )
    return key
