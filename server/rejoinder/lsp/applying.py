"""Changes of documents that an editor is asked to make."""

from typing import Any

from lsprotocol import types as lsp

from rejoinder.domain.edits import Change, place_in
from rejoinder.lsp.client import Client
from rejoinder.lsp.positions import Encoding, units
from rejoinder.protocol import methods
from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.types import Position, Range


async def apply_change(client: Client, uri: str, text: str, change: Change, *, version: int | None) -> bool:
    """Have an open document changed, whose text is given; whether the editor did. Raises JsonRpcException."""
    place = Range(_position(text, change.start, client.encoding), _position(text, change.end, client.encoding))
    edit = methods.TextDocumentEdit(methods.VersionedDocument(uri, version), [methods.TextEdit(place, change.text)])
    return await apply_edit(client, methods.WorkspaceEdit([edit]))


async def apply_edit(client: Client, edit: methods.WorkspaceEdit) -> bool:
    """Have documents changed; whether the editor did. Raises JsonRpcException. Without a label, which some show."""
    result = await client.server.protocol.send_request_async(
        lsp.WORKSPACE_APPLY_EDIT, {"edit": _for(client, unstructure(edit))}
    )
    return bool(result.applied)


def _position(text: str, offset: int, encoding: Encoding) -> Position:
    """A place in a text that may be long, without a look at each of its lines."""
    if "\r" in text:
        place = place_in(text, Change(offset, offset, ""))
        line, start = place.start_line, offset - place.start_character
    else:
        line, start = text.count("\n", 0, offset), text.rfind("\n", 0, offset) + 1
    return Position(line, units(text[start:offset], encoding))


def _for(client: Client, edit: dict[str, Any]) -> dict[str, Any]:
    """The edit in the form that the editor takes: one without versions where it knows no other."""
    workspace = client.server.client_capabilities.workspace
    offered = workspace.workspace_edit if workspace else None
    if offered is not None and offered.document_changes:
        return edit
    changes: dict[str, list[Any]] = {}
    for change in edit["documentChanges"]:
        if "edits" in change:
            changes.setdefault(change["textDocument"]["uri"], []).extend(change["edits"])
    return {"changes": changes}
