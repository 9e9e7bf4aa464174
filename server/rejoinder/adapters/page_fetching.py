"""Fetches pages that were asked for, within limits, from addresses that were checked and from no others."""

import asyncio
import ssl
from urllib.parse import urljoin, urlsplit

import httpx2

from rejoinder.adapters.web_addresses import Resolve, checked_address, is_public, system_addresses
from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, SourceUnreadable, TooLarge
from rejoinder.services.knowledge_ports import OnProgress, RawDocument, Reach

LARGEST_PAGE = 20 * 1000 * 1000
"""Bytes of a page."""
MOST_REDIRECTS = 5
PAGE_SECONDS = 60.0
"""How long a page may take as a whole."""
SILENT_SECONDS = 15.0
"""How long a server may say nothing."""
LONGEST_URL = 4000

_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_PORTS = {"http": 80, "https": 443}
_HEADERS = {
    "User-Agent": "Rejoinder",
    "Accept": "text/html, application/xhtml+xml, application/pdf, text/*, */*;q=0.5",
    # what is packed may become anything; a page is small enough as it is
    "Accept-Encoding": "identity",
}


@frozen
class _Address:
    """A URL in its parts."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_usual_port(self) -> bool:
        """Whether the port is the one of the scheme."""
        return self.port == _PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """Host and port, as a header names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_usual_port else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole."""
        return f"{self.scheme}://{self.authority}{self.target}"


class HttpPages:
    """Fetches pages, as the port `WebPages` says. No connection is kept."""

    def __init__(
        self,
        *,
        largest: int = LARGEST_PAGE,
        seconds: float = PAGE_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
        resolve: Resolve = system_addresses,
    ) -> None:
        """`largest` in bytes."""
        self._resolve = resolve
        self._largest = largest
        self._seconds = seconds
        self._silent_seconds = silent_seconds

    async def fetch(self, url: str, reach: Reach, on_progress: OnProgress) -> RawDocument:
        """As the port says."""
        address = _parsed(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(address, reach, on_progress)
        except (TimeoutError, httpx2.TimeoutException):
            raise _unreadable(url, "timeout", "takes too long to answer", "Try again later.") from None
        except httpx2.ConnectError as error:
            if "certificate" in str(error).lower():
                hint = "Set `caFile` if its certificate is one of your own."
                raise _unreadable(url, "certificate", "shows a certificate that is not trusted", hint) from None
            raise _unreadable(url, "unreachable", "cannot be reached", "Check the address and the network.") from None
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise _unreadable(url, "http", f"broke off: {reason[:200]}", "Try again later.") from None

    async def _follow(self, address: _Address, reach: Reach, on_progress: OnProgress) -> RawDocument:
        for _ in range(MOST_REDIRECTS + 1):
            pinned = await checked_address(self._resolve, address.host, address.port, allow_private=reach.allow_private)
            async with (
                self._client(address, pinned, reach) as client,
                client.stream(
                    "GET",
                    _pinned_url(address, pinned),
                    headers={**_HEADERS, "Host": address.authority},
                    extensions={"sni_hostname": address.host},
                ) as response,
            ):
                if response.status_code not in _REDIRECTS:
                    return await self._document(address, response, on_progress)
                # may be relative, and without one there is nowhere to go
                address = _parsed(urljoin(address.url, response.headers.get("location", "")), redirected=True)
        hint = "Name the address that the page has in the end."
        raise _unreadable(address.url, "redirects", "leads from one address to the next without end", hint)

    def _client(self, address: _Address, pinned: str, reach: Reach) -> httpx2.AsyncClient:
        is_near = not is_public(pinned)
        return httpx2.AsyncClient(
            proxy=None if is_near else reach.proxy,
            # a proxy that the environment names cannot reach this machine's own servers
            trust_env=reach.proxy is None and not is_near,
            verify=_certificates(address, reach),
            timeout=httpx2.Timeout(self._silent_seconds),
            follow_redirects=False,
        )

    async def _document(self, address: _Address, response: httpx2.Response, on_progress: OnProgress) -> RawDocument:
        if response.status_code in _GONE:
            raise NotFound("page", address.url[:300], hint="Check the address.")
        if not response.is_success:
            what = f"answers with status {response.status_code}"
            hint = "It may ask for a login: save the page, and add the file." if response.status_code < 500 else "Wait."
            raise _unreadable(address.url, "http", what, hint)
        declared = response.headers.get("content-length", "")
        total = int(declared) if declared.isdecimal() and len(declared) < 16 else 0
        data = bytearray()
        self._check_size(address, total)
        async for piece in response.aiter_bytes():
            data += piece
            self._check_size(address, len(data))
            on_progress(address.host, len(data), total)
        path = urlsplit(address.target).path
        return RawDocument(
            data=bytes(data),
            name=path.rpartition("/")[2] or address.host,
            uri=address.url,
            mime_type=response.headers.get("content-type"),
        )

    def _check_size(self, address: _Address, size: int) -> None:
        if size > self._largest:
            raise TooLarge(
                f"{address.url[:300]} is larger than {self._largest} bytes.",
                limit=self._largest,
                hint="Save what matters of it, and add that.",
            )


def _parsed(url: str, *, redirected: bool = False) -> _Address:
    """A URL's parts, without what is only for the reader's program. Raises InvalidInput, NotTrusted for a redirect."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if "[" not in parts.netloc else parts.hostname
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except (ValueError, UnicodeError):
        parts, host, port = urlsplit(""), None, 0
    if parts.scheme not in _PORTS or not host or len(url) > LONGEST_URL:
        if redirected:
            raise NotTrusted("the page leads to what is no page", hint="Name the address of the page itself.")
        raise InvalidInput(
            f"source: {url[:200]!r} is no address of a page.",
            hint="Write it like https://example.com/page.",
            key="source",
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(
            "source: the address holds a name or a password.", hint="Leave them out, or save the page.", key="source"
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Address(parts.scheme, host, port, target)


def _pinned_url(address: _Address, pinned: str) -> str:
    """The URL with the address that was checked in the place of the name: what the name says later does not count."""
    host = f"[{pinned}]" if ":" in pinned else pinned
    return f"{address.scheme}://{host}:{address.port}{address.target}"


def _certificates(address: _Address, reach: Reach) -> ssl.SSLContext | bool:
    if reach.ca_file is not None:
        try:
            return ssl.create_default_context(cafile=reach.ca_file)
        except (OSError, ssl.SSLError):
            raise InvalidInput(
                f"The certificates in {reach.ca_file!r} cannot be read.",
                hint="Set `caFile` to a file with certificates in PEM form.",
                key="caFile",
            ) from None
    if address.scheme == "https" or reach.proxy is not None:
        return True
    # No certificate is asked for without TLS; this context trusts nobody, should it come to that.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _unreadable(url: str, reason: str, what: str, hint: str) -> SourceUnreadable:
    return SourceUnreadable(f"{url[:300]} {what}.", reason=reason, hint=hint, source=url[:300])
