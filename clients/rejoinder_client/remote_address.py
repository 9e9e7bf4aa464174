"""The address of a remote session as people write it, and what it comes to."""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

import attrs

from rejoinder_client.errors import InvalidParams

PATH = "/agent"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@attrs.frozen
class RemoteAddress:
    """Where turns are sent to, and whether that is this machine."""

    url: str
    is_loopback: bool

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.url.startswith("https:")

    @property
    def health_urls(self) -> tuple[str, str]:
        """Where a server may say that it is there: beside the resource, or below it."""
        return self.url.rpartition("/")[0] + "/health", self.url.rstrip("/") + "/health"


def remote_address(text: str) -> RemoteAddress:
    """Read `HOST:PORT`, `HOST:PORT/PATH` or a URL. Raises InvalidParams.

    Without a scheme it is http on this machine and https anywhere else; without a path it is `/agent`.
    """
    given = text.strip()
    scheme = _SCHEME.match(given)
    try:
        parts = urlsplit(given if scheme else f"//{given}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    wrong = not host or parts.username is not None or parts.query or parts.fragment
    if wrong or (scheme and parts.scheme not in ("http", "https")):
        hint = "Write it as HOST:PORT or https://HOST/agent, with nothing else in it."
        raise InvalidParams(f"{text!r} is no address of a remote session.", hint=hint)
    assert host is not None  # noqa: S101 - for the type checker
    is_loopback = _is_loopback(host)
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    path = PATH if parts.path in ("", "/") else parts.path
    chosen = parts.scheme or ("http" if is_loopback else "https")
    return RemoteAddress(urlunsplit((chosen, place, path, "", "")), is_loopback)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
