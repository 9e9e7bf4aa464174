"""What the two sides tell each other in `capabilities.experimental.rejoinder`."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from rejoinder.protocol import PROTOCOL_VERSION
from rejoinder.protocol.converter import InvalidValue, structure
from rejoinder.protocol.handshake import ClientHandshake as ClientHandshake

_log = logging.getLogger(__name__)


def client_handshake(experimental: Any) -> ClientHandshake | None:
    """The client's handshake; None without one, or with one that makes no sense."""
    offered = experimental.get("rejoinder") if isinstance(experimental, dict) else None
    if offered is None:
        return None
    try:
        return structure(offered, ClientHandshake)
    except InvalidValue as error:
        _log.warning("the client's handshake does not count: %s", error)
        return None


def with_server_handshake(
    experimental: Any, *, methods: Iterable[str], features: Iterable[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """The server's experimental capabilities with its own handshake: the methods that it serves, by name."""
    others = experimental if isinstance(experimental, dict) else {}
    mine = {"protocolVersion": PROTOCOL_VERSION, "methods": sorted(methods), "features": sorted(features), **about}
    return {**others, "rejoinder": mine}
