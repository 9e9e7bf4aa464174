"""Which addresses of the network a page may be fetched from, looked up once and then kept to."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

from rejoinder.domain.errors import NotTrusted, SourceUnreadable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a host's addresses up. Raises OSError."""


async def system_addresses(host: str, port: int) -> list[str]:
    """A host's addresses, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]).partition("%")[0] for entry in found]


async def checked_address(resolve: Resolve, host: str, port: int, *, allow_private: bool) -> str:
    """An address of a host that may be asked. Raises NotTrusted when all are private, SourceUnreadable without one."""
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError):
        raise SourceUnreadable(
            f"There is no server {host!r}.", reason="unreachable", hint="Check the address.", source=host
        ) from None
    for address in addresses:
        if allow_private or is_public(address):
            return address
    raise NotTrusted(
        f"{host} is an address of this machine or its network",
        hint="Allow it with `allowPrivate` (`--allow-private`) if you know that server.",
    )


def is_public(address: str) -> bool:
    """Whether an address is one of the whole Internet, also within those that carry another one."""
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _meant(address))


def _meant(address: str) -> list[IPv4Address | IPv6Address]:
    given = ipaddress.ip_address(address)
    if isinstance(given, IPv4Address):
        return [given]
    if given.ipv4_mapped is not None:
        return [given.ipv4_mapped]
    if given in _NAT64:
        # it is reserved itself; what counts is where it leads
        return [IPv4Address(int(given) & 0xFFFFFFFF)]
    inner = [given.sixtofour, *(given.teredo or ())]
    return [given, *(one for one in inner if one is not None)]
