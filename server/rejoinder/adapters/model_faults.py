"""What the model library raises, in the domain's words.

No text here repeats a key: what a server says about a refused key is left out, since some quote it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_ai import exceptions as library

from rejoinder.adapters.model_endpoint import COMPATIBLE, Endpoint
from rejoinder.adapters.retrying_model import PassingFault
from rejoinder.domain.errors import (
    ContextTooLarge,
    ModelAuth,
    ModelRateLimited,
    ModelTimeout,
    ModelUnavailable,
    RejoinderError,
    RequestRefused,
)

LONGEST_QUOTE = 300
_START: dict[str, str] = {"ollama": "Start Ollama", "lmstudio": "Start LM Studio's server"}
# llama.cpp, Ollama and older vLLM have no code for it, and each words it differently.
_TOO_LONG = (
    "context length",
    "input token count",
    "context_length",
    "context size",
    "context window",
    "exceed_context_size",
    "maximum context",
    "prompt is too long",
    "too many tokens",
)


@contextmanager
def translated(endpoint: Endpoint) -> Iterator[None]:
    """Turn the library's errors into PassingFault and the domain's errors."""
    try:
        yield
    except (RejoinderError, PassingFault, GeneratorExit):
        raise
    except library.ModelAPIError as error:
        raise _fault(error, endpoint) from None
    except library.UnexpectedModelBehavior:
        raise _nonsense(endpoint) from None
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        # The library builds its objects unchecked, so a chunk of another shape fails somewhere within.
        raise _nonsense(endpoint) from error


def _fault(error: library.ModelAPIError, endpoint: Endpoint) -> Exception:
    match error:
        case library.ModelTimeoutError() if error.phase != "connect":
            return ModelTimeout(
                f"{endpoint.shown_url} sent nothing for {endpoint.timeout:g} s.",
                hint="Send it again, or raise `timeout` for a model that is slow to start.",
            )
        case library.ModelConnectionError():
            return _unreachable(error, endpoint)
        case library.ModelContextWindowExceededError():
            return _too_long(endpoint)
        case library.ModelAuthenticationError():
            return ModelAuth(
                f"{endpoint.shown_url} refused the key." if endpoint.api_key else f"{endpoint.shown_url} wants a key.",
                hint="Check the key in the variable that `apiKeyEnv` names, and that it may use this model.",
            )
        case library.ModelQuotaExceededError():
            return ModelRateLimited(
                f"The account at {endpoint.shown_url} has no credit left.{_said(error, endpoint)}", retry_after=None
            )
        case library.ModelRateLimitError():
            limited = ModelRateLimited(f"{endpoint.shown_url} asks to wait.", retry_after=error.retry_after)
            return PassingFault(limited, reason="the model's server is busy", retry_after=error.retry_after)
        case library.ModelHTTPError():
            return _refused(error, endpoint)
        case library.ModelUnavailableError() | library.ModelServerError():
            return _failed(error, endpoint)
        case _:
            return _nonsense(endpoint)


def _refused(error: library.ModelHTTPError, endpoint: Endpoint) -> Exception:
    if error.status_code >= 500:
        return _failed(error, endpoint)
    if error.status_code == 404:
        return ModelUnavailable(
            f"{endpoint.shown_url} knows no model {endpoint.name!r}.{_said(error, endpoint)}",
            hint=_hint_for_missing(endpoint),
            retryable=False,
        )
    if error.status_code in (400, 413) and (error.status_code == 413 or _says_too_long(error)):
        return _too_long(endpoint)
    return RequestRefused(
        f"{endpoint.shown_url} refused the request with status {error.status_code}.{_said(error, endpoint)}",
        hint="Check the model's name and the settings that go with the request.",
        retryable=False,
    )


def _failed(error: library.ModelAPIError, endpoint: Endpoint) -> PassingFault:
    unavailable = ModelUnavailable(
        f"The model's server at {endpoint.shown_url} failed.{_said(error, endpoint)}",
        hint="Send it again in a moment, or look at the server's log.",
        retryable=True,
    )
    return PassingFault(unavailable, reason="the model's server failed", retry_after=error.retry_after)


def _unreachable(error: library.ModelConnectionError, endpoint: Endpoint) -> ModelUnavailable:
    if error.phase == "read":
        return ModelUnavailable(
            f"{endpoint.shown_url} broke off in the middle of its answer.",
            hint="Send it again, or look at the server's log.",
            retryable=True,
        )
    start = _START.get(endpoint.provider, "Start the server")
    through = " through the proxy" if endpoint.proxy else ""
    return ModelUnavailable(
        f"There is no connection to {endpoint.shown_url}{through}.",
        hint=f"{start}, or set `baseUrl` to where it runs." if endpoint.local else "Check `baseUrl` and the network.",
        retryable=True,
    )


def _nonsense(endpoint: Endpoint) -> ModelUnavailable:
    return ModelUnavailable(
        f"{endpoint.shown_url} sent no answer that can be read.",
        hint="Check that `baseUrl` is that of an OpenAI-compatible API; it often ends in /v1.",
        retryable=True,
    )


def _too_long(endpoint: Endpoint) -> ContextTooLarge:
    return ContextTooLarge(
        f"The prompt is longer than {endpoint.name!r} takes in.",
        hint="Send less text, or set `contextTokens` to what the model takes in.",
    )


def _says_too_long(error: library.ModelHTTPError) -> bool:
    said = str(error.body).lower()
    return any(words in said for words in _TOO_LONG)


def _hint_for_missing(endpoint: Endpoint) -> str:
    if endpoint.provider == "ollama":
        return f"Get it with `ollama pull {endpoint.name}`, or name another model."
    if endpoint.provider == COMPATIBLE:
        return "Name a model that the server has, and check that `baseUrl` is right; it often ends in /v1."
    return "Name a model that the server has."


def _said(error: library.ModelAPIError, endpoint: Endpoint) -> str:
    """What the server itself gave as the reason, on one line, if it is in the usual place."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, str) or not message.strip():
        return ""
    if endpoint.api_key:
        message = message.replace(endpoint.api_key, "[key]")
    return " It says: " + " ".join(message.split())[:LONGEST_QUOTE]
