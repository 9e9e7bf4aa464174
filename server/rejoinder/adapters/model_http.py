"""HTTP clients for the servers of models, with their proxies and certificates."""

import ssl
from contextvars import ContextVar

import httpx2

from rejoinder.adapters.loopback_http import LoopbackTransport
from rejoinder.adapters.model_endpoint import Endpoint, is_loopback
from rejoinder.declared import frozen
from rejoinder.domain.errors import ModelNotConfigured

CONNECT_TIMEOUT = 10.0
KEEP_ALIVE = 60.0
"""Seconds that an idle connection is kept for the next turn."""


last_response: ContextVar[httpx2.Response | None] = ContextVar("last_response", default=None)
"""The response to the last request in this task: not every library closes it when its reader goes away."""


@frozen
class Server:
    """What decides which HTTP client is used."""

    base_url: str
    proxy: str | None = None
    ca_file: str | None = None

    @classmethod
    def of(cls, endpoint: Endpoint) -> "Server":
        """The server of an endpoint."""
        return cls(endpoint.base_url, endpoint.proxy, endpoint.ca_file)


def open_client(server: Server) -> httpx2.AsyncClient:
    """A client for one server. Raises ModelNotConfigured for a proxy or certificates that cannot be used.

    Reading the system's certificates takes tens of milliseconds.
    """
    is_plain = server.proxy is None and server.base_url.startswith("http:") and is_loopback(server.base_url)
    try:
        return httpx2.AsyncClient(
            transport=LoopbackTransport(keep_alive=KEEP_ALIVE) if is_plain else None,
            proxy=server.proxy,
            verify=_certificates(server),
            # A proxy that the environment names cannot reach this machine's own servers, and a named one replaces it.
            trust_env=server.proxy is None and not is_loopback(server.base_url),
            limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE),
            event_hooks={"response": [_keep]},
        )
    except (ValueError, httpx2.InvalidURL) as error:
        raise ModelNotConfigured(
            "`proxy` is no address of a proxy.", hint="Write it like http://proxy.example:3128."
        ) from error


def timeout_of(endpoint: Endpoint) -> httpx2.Timeout:
    """The time-outs of an endpoint's requests."""
    return httpx2.Timeout(endpoint.timeout, connect=min(endpoint.timeout, CONNECT_TIMEOUT))


async def _keep(response: httpx2.Response) -> None:
    last_response.set(response)


def _certificates(server: Server) -> ssl.SSLContext | bool:
    if server.ca_file is not None:
        try:
            return ssl.create_default_context(cafile=server.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ModelNotConfigured(
                f"The certificates in {server.ca_file!r} cannot be read.",
                hint="Set `caFile` to a file with certificates in PEM form.",
            ) from error
    if server.base_url.startswith("https:") or server.proxy is not None:
        return True
    # No certificate is asked for without TLS; this context trusts nobody, should it come to that.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
