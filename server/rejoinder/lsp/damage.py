"""Tells a client of damage that was found in the data folder."""

from lsprotocol import types as lsp

from rejoinder.lsp.client import Client
from rejoinder.lsp.showing import tell


async def tell_damage(client: Client) -> None:
    """Show what was found damaged and set aside since the last call of whichever client."""
    for fault in await client.services.sessions.faults():
        tell(client, fault, lsp.MessageType.Warning)
