"""What client and server tell each other when they meet."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from rejoinder.protocol import PROTOCOL_VERSION
from rejoinder_client.errors import MethodNotFound, ProtocolError


@attrs.frozen
class Server:
    """What a server says of itself. `position_encoding`: the units of characters in positions."""

    name: str
    version: str
    methods: frozenset[str]
    position_encoding: str
    process_id: int | None = None
    data_dir: str | None = None
    store: str | None = None
    cache_dir: str | None = None
    config_file: str | None = None


def initialize_params(folders: Sequence[Path], settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters of `initialize`: this client draws answers itself, and counts code points."""
    workspace = [{"uri": folder.as_uri(), "name": folder.name or str(folder)} for folder in folders]
    return {
        "processId": os.getpid(),
        "clientInfo": {"name": "rejoinder_client"},
        "rootUri": workspace[0]["uri"] if workspace else None,
        "workspaceFolders": workspace,
        "initializationOptions": dict(settings or {}),
        "capabilities": {
            "general": {"positionEncodings": ["utf-32", "utf-16"]},
            "workspace": {"configuration": True, "workspaceFolders": True},
            "experimental": {"rejoinder": {"protocolVersion": PROTOCOL_VERSION, "ui": True, "features": []}},
        },
    }


def read_reply(reply: Any) -> Server:
    """The server behind an `initialize` reply. Raises ProtocolError when it is none of ours, or of another version."""
    capabilities = reply.get("capabilities", {})
    mine = (capabilities.get("experimental") or {}).get("rejoinder") or {}
    version = mine.get("protocolVersion")
    if version != PROTOCOL_VERSION:
        raise ProtocolError(
            f"The server speaks version {version!r} of Rejoinder's protocol, this client {PROTOCOL_VERSION}.",
            hint="Install the same version of Rejoinder on both sides.",
        )
    info = reply.get("serverInfo") or {}
    return Server(
        name=info.get("name", ""),
        version=info.get("version", ""),
        methods=frozenset(mine.get("methods", ())),
        position_encoding=capabilities.get("positionEncoding", "utf-16"),
        process_id=mine.get("processId"),
        data_dir=mine.get("dataDir"),
        store=mine.get("store"),
        cache_dir=mine.get("cacheDir"),
        config_file=mine.get("configFile"),
    )


def answer(method: str, params: Any, configuration: Mapping[str, Any]) -> Any:
    """The reply to a request of the server. Raises MethodNotFound for what this client does not do."""
    if method == "workspace/configuration":
        items = (params or {}).get("items", ())
        return [configuration.get(item.get("section", "")) for item in items]
    if method == "window/showDocument":
        return {"success": False}
    if method in _ACKNOWLEDGED:
        return None
    raise MethodNotFound(f"This client does not serve {method!r}.")


def severity(params: Mapping[str, Any]) -> int:
    """The level of a `window/showMessage` as Python's logging counts it."""
    return {1: logging.ERROR, 2: logging.WARNING}.get(params.get("type", 0), logging.INFO)


_ACKNOWLEDGED = (
    "client/registerCapability",
    "client/unregisterCapability",
    "window/showMessageRequest",
    "window/workDoneProgress/create",
)
