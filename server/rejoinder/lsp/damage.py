"""Tells a client of damage that was found in the data folder."""

from lsprotocol import types as lsp

from rejoinder.lsp.client import Client


async def tell_damage(client: Client) -> None:
    """Show what was found damaged and set aside since the last call of whichever client."""
    for fault in await client.services.sessions.faults():
        client.server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, fault))
