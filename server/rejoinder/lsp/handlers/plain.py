"""What an editor is offered that has nothing of ours but the server."""

from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers import code_actions, completion, direct_edits, hovers, lenses, transcripts


def register(client: Client) -> None:
    """Serve transcripts and what goes with them, to a client that does not draw answers itself.

    Called while `initialize` is answered: before that nothing is known of the client, and after it all is announced.
    """
    handshake = client.server.client_handshake
    if handshake is not None and handshake.ui:
        return
    shown = transcripts.register(client, direct_edits.register(client))
    code_actions.register(client, shown)
    lenses.register(client, shown)
    hovers.register(client, shown)
    completion.register_in_transcripts(client, shown)
